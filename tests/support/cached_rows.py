"""Caching of rows that take long to create: they are restored by COPY for each later test."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from itertools import count
from pathlib import Path
from typing import TypeVar
from weakref import WeakKeyDictionary

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine

from tests.support.database import filled_by_tests
from tests.support.factories import Factories
from tests.support.shared import made_once

T = TypeVar("T")


#: Rows beyond this size, in COPY's format, are always restored by COPY.
_MAX_BYTES_OF_FUNCTION = 1_000_000
_function_numbers = count(1)
#: Calls of functions that write rows, by connection; empty for rows that the connection has written once.
_calls: WeakKeyDictionary[psycopg.Connection, dict["CachedRows", str]] = WeakKeyDictionary()


class CachedRows:
    """A copy of all rows that tests have written to a database, which can be restored to an empty one.

    Rows that took a second to create are restored in a few hundredths of a second, with the same IDs and times. The
    audit trail of their creation, by far the most rows, is included only `with_trail`.

    A connection that restores them again gets a temporary function for them: one round trip, with plans that the
    server keeps, instead of one COPY per table.
    """

    def __init__(self, connection: psycopg.Connection, *, with_trail: bool = False) -> None:
        tables = [table for table in filled_by_tests(connection) if with_trail or table != "audit_logs"]
        copies = [(table, _copy_of(connection, table)) for table in tables]
        self._rows = [(table, _stored_columns(connection, table), rows) for table, rows in copies if rows]
        self._platform = connection.execute("SELECT platform_organization_id FROM system_settings").fetchone()
        self._is_small = sum(len(rows) for _table, _columns, rows in self._rows) < _MAX_BYTES_OF_FUNCTION

    def put_back(self, connection: psycopg.Connection) -> None:
        """Write the rows to the empty tables in the transaction of `connection`."""
        calls = _calls.setdefault(connection, {})
        if call := calls.get(self):
            connection.execute(call)
            return
        connection.execute("SET LOCAL session_replication_role = replica")
        for table, columns, rows in self._rows:
            into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(sql.Identifier(table), _list_of(columns))
            with connection.cursor().copy(into) as copy:
                copy.write(rows)
        if self._platform != (None,):
            connection.execute("UPDATE system_settings SET platform_organization_id = %s", self._platform)
        calls[self] = self._make_function(connection) if self._is_small and self in calls else ""

    def _make_function(self, connection: psycopg.Connection) -> str:
        """Create the function from the rows that have just been written, and return its call."""
        insert = sql.SQL("INSERT INTO {0} ({1}) OVERRIDING SYSTEM VALUE SELECT {1} FROM unnest({2}::public.{0}[]);")
        inserts = []
        for table, columns, _rows in self._rows:
            name = sql.Identifier(table)
            [stored] = connection.execute(sql.SQL("SELECT array_agg({0})::text FROM {0}").format(name)).fetchall()
            inserts.append(insert.format(name, _list_of(columns), sql.Literal(stored[0])))
        if self._platform != (None,):
            update = sql.SQL("UPDATE system_settings SET platform_organization_id = {};")
            inserts.append(update.format(sql.Literal(self._platform[0]) if self._platform else sql.NULL))
        function = f"put_back_{next(_function_numbers)}"
        body = sql.SQL("\n").join([sql.SQL("BEGIN"), *inserts, sql.SQL("END")]).as_string(connection)
        connection.execute(
            sql.SQL("CREATE FUNCTION pg_temp.{} () RETURNS void LANGUAGE plpgsql AS {}").format(
                sql.Identifier(function), sql.Literal(body)
            )
        )
        return f"SET LOCAL session_replication_role = replica; SELECT pg_temp.{function}()"


@dataclass(frozen=True)
class _Made:
    """A fixture's rows, its pickled result, and the number at which the factories continue after it."""

    rows: CachedRows
    result: bytes
    next_number: int


#: Rows by the URL of the database and the name of the fixture.
_made: dict[tuple[str, str], _Made] = {}
#: Folder with the rows that the workers of a run share.
_shared: list[Path] = []


def share_cached_rows(folder: Path) -> None:
    """Share cached rows with the other workers of the run, in a folder."""
    folder.mkdir(exist_ok=True)
    _shared[:] = [folder]


def restored_by_copy(fixture: Callable[[Factories], T]) -> Callable[[Factories], T]:
    """Decorate a fixture so that its rows are created once per run and restored for all later tests.

        @pytest.fixture
        @restored_by_copy
        def organization(make: Factories) -> Organization: ...

    IDs, times and the audit trail of the rows are the same in all tests of a run; of other databases than the workers'
    own, in all tests of the database. A test that created rows before it requests the fixture gets new ones.
    """
    name = f"{fixture.__module__}.{fixture.__qualname__}"

    @wraps(fixture)
    def restored(make: Factories) -> T:
        if not make.is_unused:
            return fixture(make)

        def create() -> _Made:
            result = fixture(make)
            created.append(result)
            return _Made(_rows_in(make.engine), pickle.dumps(result), make.next_number())

        created: list[T] = []
        key = (str(make.engine.url), name)
        if key not in _made:
            is_shared = make.cleaner is not None and _shared
            _made[key] = made_once(_shared[0] / name, create) if is_shared else create()
        if created:
            return created[0]
        made = _made[key]
        if make.cleaner is not None:
            make.cleaner.write(made.rows)
        else:
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


def _list_of(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


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
