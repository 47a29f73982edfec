"""Where the rows of a file wait inside the transaction of their import: temporary tables, filled by COPY.

COPY straight into a table under row-level security is refused, and a row at a time would take minutes. From here one
statement moves all rows at once. Rows that are turned away end up in `staged_errors`, each with its reasons.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import psycopg
from sqlalchemy import Executable, TextClause, text

from app.data.imports.record_rules import RejectedRow, RowError
from app.extensions import db

T = TypeVar("T")
R = TypeVar("R")

_BATCH_ROWS = 2_000
_FETCHED_ERRORS = 1_000

# A plan of its own for each execution, which suits pages, would be made again for every row by the triggers that check
# references and write the audit. Sorting a large file wants more memory than a page. When the process dies, its
# statement must not live on for minutes: the next try waits for it. And the database has nothing to do while a large
# workbook is opened.
_PREPARE = text("""
    SELECT set_config('plan_cache_mode', 'auto', true), set_config('work_mem', '64MB', true),
      set_config('client_connection_check_interval', '2s', true),
      set_config('idle_in_transaction_session_timeout', '10min', true)
""")
_CREATE_ERRORS = text("""
    CREATE TEMPORARY TABLE staged_errors (
      line integer NOT NULL, column_name text, value text, reason text NOT NULL
    ) ON COMMIT DROP
""")
_ERRORS = text("SELECT line, column_name, value, reason FROM staged_errors ORDER BY line, column_name NULLS FIRST")
_COUNT_REJECTED = text("SELECT count(DISTINCT line) FROM staged_errors")
_KEEP_ERRORS = text("""
    INSERT INTO import_errors (organization_id, id, import_id, line, column_name, value, reason)
    SELECT :organization, new_uuid7(), :import, line, column_name, value, reason
    FROM staged_errors ORDER BY line, column_name NULLS FIRST
""")


class StagedTable(NamedTuple):
    """A temporary table: how it is made, its columns, how to leave out the rows that were turned away since."""

    create: TextClause
    copy: str
    analyze: TextClause
    sweep: TextClause


def open_staging() -> None:
    """Make ready for one file. The tables are gone when the transaction ends."""
    db.session.execute(_PREPARE)
    db.session.execute(_CREATE_ERRORS)


def stage(
    table: StagedTable,
    rows: Iterable[R | RejectedRow],
    as_columns: Callable[[R], Sequence[Any]],
    tell: Callable[[int], None],
) -> int:
    """Take in every row, good or not; how many there were. `tell` hears the number of rows so far, again and again."""
    db.session.execute(table.create)
    connection = _driver_connection()
    total = 0
    for batch in _batches(rows, _BATCH_ROWS):
        good = [as_columns(row) for row in batch if not isinstance(row, RejectedRow)]
        errors = [error for row in batch if isinstance(row, RejectedRow) for error in row.errors]
        _copy(connection, table.copy, good)
        _copy(connection, "COPY staged_errors FROM STDIN", map(_error_columns, errors))
        total += len(batch)
        tell(total)
    db.session.execute(table.analyze)
    return total


def turn_away(table: StagedTable, rule: TextClause, **values: Any) -> None:
    """Turn rows away by `rule`, which inserts into `staged_errors`."""
    if affected(rule, **values):
        db.session.execute(table.sweep)


def rejected_values() -> Iterator[RowError]:
    """Every value that was turned away, by line; they are here until the transaction ends."""
    result = db.session.execute(_ERRORS, execution_options={"yield_per": _FETCHED_ERRORS})
    for line, column, value, reason in result:
        yield RowError(line, column, value, reason)


def count_rejected() -> int:
    """How many rows were turned away."""
    number: int = db.session.execute(_COUNT_REJECTED).scalar_one()
    return number


def keep_rejected(organization_id: object, import_id: object) -> None:
    """Store what was turned away with the import, for people to look at and download."""
    db.session.execute(_KEEP_ERRORS, {"organization": organization_id, "import": import_id})


def affected(statement: Executable, **values: Any) -> int:
    """Execute; how many rows it changed."""
    result = db.session.connection().execute(statement, values, execution_options={"preserve_rowcount": True})
    return int(result.rowcount)


def _driver_connection() -> psycopg.Connection[Any]:
    """psycopg's own connection: SQLAlchemy knows no COPY."""
    connection = db.session.connection().connection.driver_connection
    if not isinstance(connection, psycopg.Connection):
        raise TypeError("the database driver must be psycopg")
    return connection


def _copy(connection: psycopg.Connection[Any], statement: str, rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _error_columns(error: RowError) -> tuple[int, str | None, str | None, str]:
    return error.line, error.column, error.value, str(error.reason)


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
