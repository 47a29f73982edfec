"""Files for the tests of imports."""

from pathlib import Path

import pytest

from tests.support.import_files import WriteFile
from tests.support.real_data import shared_data

__all__ = ["shared_data"]


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    """Writes a file of the test's own."""

    def write(content: str | bytes, name: str = "calls.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write
