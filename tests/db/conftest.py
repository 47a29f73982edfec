"""Tests that go up and down through the migrations."""

from collections.abc import Iterator
from functools import cache

import pytest
from alembic.script import ScriptDirectory


@pytest.fixture(scope="session", autouse=True)
def _migrations_read_once() -> Iterator[None]:
    """Alembic reads and compiles all migrations for each command; here there is a command a step."""
    with pytest.MonkeyPatch.context() as patch:
        read = cache(ScriptDirectory)
        patch.setattr(ScriptDirectory, "from_config", lambda config: read(config.get_main_option("script_location")))
        yield
