"""Fixtures of tests that migrate up and down."""

from collections.abc import Iterator
from functools import cache

import pytest
from alembic.script import ScriptDirectory


@pytest.fixture(scope="session", autouse=True)
def _migrations_read_once() -> Iterator[None]:
    """A cache of the migration scripts, which Alembic would otherwise read and compile for each command."""
    with pytest.MonkeyPatch.context() as patch:
        read = cache(ScriptDirectory)
        patch.setattr(ScriptDirectory, "from_config", lambda config: read(config.get_main_option("script_location")))
        yield
