"""Fixtures of tests that migrate up and down."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace

import psycopg
import pytest
import sqlalchemy
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, StaticPool, event

from app.db import migrate
from tests.support.cached_rows import driver_connection


@pytest.fixture(scope="session", autouse=True)
def _migrations_read_once() -> Iterator[None]:
    """A cache of the migration scripts, which Alembic would otherwise read and compile for each command."""
    with pytest.MonkeyPatch.context() as patch:
        read = cache(ScriptDirectory)
        patch.setattr(ScriptDirectory, "from_config", lambda config: read(config.get_main_option("script_location")))
        yield


@pytest.fixture
def shared_connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A connection that all migrations of a test use one after the other, each with a fresh session.

    The server reads the catalog only once for it, which is half of the cost of a short migration.
    """
    create = sqlalchemy.create_engine
    engines = list[Engine]()

    @cache
    def engine_of(url: str) -> Engine:
        # What the driver has prepared, the reset would discard.
        engines.append(create(url, poolclass=StaticPool, connect_args={"prepare_threshold": None}))
        event.listen(engines[-1], "reset", reset)
        return engines[-1]

    def reset(connection: psycopg.Connection, *_of_pool: object) -> None:
        connection.rollback()
        connection.autocommit = True
        connection.execute("DISCARD ALL")
        connection.autocommit = False

    @contextmanager
    def connected(url: str) -> Iterator[psycopg.Connection]:
        with engine_of(url).connect() as connection:
            driver = driver_connection(connection)
            yield driver
            driver.commit()

    monkeypatch.setattr(sqlalchemy, "create_engine", lambda url, **_options: engine_of(url))
    monkeypatch.setattr(migrate, "psycopg", SimpleNamespace(connect=connected))
    yield
    for engine in engines:
        engine.dispose()
