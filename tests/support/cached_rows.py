"""Caching of rows that take long to create: they are restored by COPY for each later test."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine

from tests.support.database import filled_by_tests
from tests.support.factories import Factories

T = TypeVar("T")


class CachedRows:
    """A copy of all rows that tests have written to a database, which can be restored to an empty one.

    Rows that took a second to create are restored in a few hundredths of a second, with the same IDs and times. The
    audit trail of their creation, by far the most rows, is included only `with_trail`.
    """

    def __init__(self, connection: psycopg.Connection, *, with_trail: bool = False) -> None:
        tables = [table for table in filled_by_tests(connection) if with_trail or table != "audit_logs"]
        copies = [(table, _copy_of(connection, table)) for table in tables]
        self._rows = [(table, _stored_columns(connection, table), rows) for table, rows in copies if rows]
        self._platform = connection.execute("SELECT platform_organization_id FROM system_settings").fetchone()

    def put_back(self, connection: psycopg.Connection) -> None:
        """Write the rows to the empty tables in the transaction of `connection`."""
        connection.execute("SET LOCAL session_replication_role = replica")
        for table, columns, rows in self._rows:
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(sql.Identifier(table), names)
            with connection.cursor().copy(into) as copy:
                copy.write(rows)
        if self._platform != (None,):
            connection.execute("UPDATE system_settings SET platform_organization_id = %s", self._platform)


@dataclass(frozen=True)
class _Made:
    """A fixture's rows, its pickled result, and the number at which the factories continue after it."""

    rows: CachedRows
    result: bytes
    next_number: int


#: Rows by the URL of the database and the name of the fixture.
_made: dict[tuple[str, str], _Made] = {}


def restored_by_copy(fixture: Callable[[Factories], T]) -> Callable[[Factories], T]:
    """Decorate a fixture so that its rows are created once and restored for all later tests.

        @pytest.fixture
        @restored_by_copy
        def organization(make: Factories) -> Organization: ...

    IDs, times and the audit trail of the rows are the same in all tests of a worker. A test that created rows before it
    requests the fixture gets new ones.
    """

    @wraps(fixture)
    def restored(make: Factories) -> T:
        if not make.is_unused:
            return fixture(make)
        key = (str(make.engine.url), f"{fixture.__module__}.{fixture.__qualname__}")
        if key not in _made:
            result = fixture(make)
            _made[key] = _Made(_rows_in(make.engine), pickle.dumps(result), make.next_number())
            return result
        made = _made[key]
        with make.engine.begin() as connection:
            made.rows.put_back(driver_connection(connection))
        make.skip_numbers(made.next_number)
        again: T = pickle.loads(made.result)  # noqa: S301 - pickled above
        return again

    return restored


def _rows_in(engine: Engine) -> CachedRows:
    with engine.connect() as connection:
        return CachedRows(driver_connection(connection), with_trail=True)


def driver_connection(connection: Connection) -> psycopg.Connection:
    """Return the psycopg connection that SQLAlchemy's connection wraps."""
    found = connection.connection.driver_connection
    assert isinstance(found, psycopg.Connection)
    return found


def _stored_columns(connection: psycopg.Connection, table: str) -> list[str]:
    """Return the columns of a table, except generated ones."""
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        [table],
    )
    return [name for (name,) in found]


def _copy_of(connection: psycopg.Connection, table: str) -> bytes:
    """Return all rows of a table in COPY's binary format, or empty bytes if there are none."""
    name = sql.Identifier(table)
    if connection.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(name)).fetchone() is None:
        return b""
    columns = sql.SQL(", ").join(map(sql.Identifier, _stored_columns(connection, table)))
    command = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT binary)").format(columns, name)
    with connection.cursor().copy(command) as copy:
        return b"".join(copy)
