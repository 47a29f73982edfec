"""Staging of a file's rows in temporary tables, on the connection of its import.

COPY directly into a table with row-level security is refused, and inserting single rows would take minutes. The whole
file is first copied into the table of its kind, such as `staged_calls`, and checked there. That table is then renamed
to `waiting_rows`, and a new one holds one portion after another, each stored by a few statements. Rejected rows end up
in `staged_errors` with their reasons.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import UUID

import psycopg
from flask_babel import gettext as _
from sqlalchemy import Executable, TextClause, text

from app.data.imports.record_rules import RejectedRow, RowError
from app.extensions import db


class HasRemarks(Protocol):
    """A record with the warnings from reading its row."""

    @property
    def remarks(self) -> Sequence[RowError]:
        """The warnings, in the order in which the columns were read."""


#: Kinds of errors that are counted or grouped separately: another row is identical, another row has the same id with
#: different data, another row has a value that must be unique, no user has the name.
COPY, CONFLICT, TAKEN, UNKNOWN_NAME = "copy", "conflict", "taken", "unknown"

T = TypeVar("T")
R = TypeVar("R", bound=HasRemarks)

_BATCH_ROWS = 2_000

# Sorting a large file needs more memory than a page does. If the process dies, its statement must not run on for
# minutes, since the next try waits for it. The connection is idle while a large workbook is opened. The planner needs
# the number of staged rows, but few statistics about their values.
_PREPARE = text("""
    SELECT set_config('work_mem', '64MB', true), set_config('client_connection_check_interval', '2s', true),
      set_config('idle_in_transaction_session_timeout', '10min', true),
      set_config('default_statistics_target', '10', true)
""")
_CREATE_ERRORS = text("""
    CREATE TEMPORARY TABLE staged_errors (
      line integer NOT NULL, column_name text, value text, reason text NOT NULL,
      is_remark boolean NOT NULL DEFAULT false, kind text
    )
""")
_COPY_ERRORS = "COPY staged_errors (line, column_name, value, reason, is_remark) FROM STDIN"
_LAST_LINE = text("""
    SELECT greatest((SELECT max(line) FROM waiting_rows), (SELECT max(line) FROM staged_errors), 0)
""")
_NEXT_LINES = text("""
    SELECT max(line) FROM (SELECT line FROM waiting_rows WHERE line > :after ORDER BY line LIMIT :size) portion
""")
_IS_MORE = text("SELECT EXISTS (SELECT FROM waiting_rows WHERE line > :line)")
_COUNT = text("""
    SELECT count(*) FILTER (WHERE NOT is_remark) AS rejected, count(*) FILTER (WHERE is_remark) AS remarked
    FROM (
      SELECT line, bool_and(is_remark) AS is_remark FROM staged_errors
      WHERE line > :after AND line <= :until GROUP BY line
    ) rows
""")
_KEEP_ERRORS = text("""
    INSERT INTO import_errors (organization_id, id, import_id, line, column_name, value, reason, is_remark)
    SELECT :organization, new_uuid7(), :import, line, column_name, value, reason, is_remark
    FROM staged_errors WHERE line > :after AND line <= :until ORDER BY line, column_name NULLS FIRST, value
""")


class Portion(NamedTuple):
    """Lines of a file that are stored together: those after `after`, up to `until`."""

    after: int
    until: int


class StagedTable(NamedTuple):
    """A temporary table with its CREATE and COPY statements; `line` is one of its columns.

    `said` are the names of the record's values that fill its last columns.
    """

    name: str
    create: TextClause
    copy: str
    said: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that COPY fills."""
        listed = self.copy.partition("(")[2].partition(")")[0]
        return tuple(name.strip() for name in listed.split(","))


class StagedRecords(NamedTuple):
    """A staged table, and the names of its columns that link rows to records.

    `id` holds the id of the record, NULL for a row without one; `is_known` is whether the record already exists; `kept`
    holds the columns to leave unchanged.
    """

    table: StagedTable
    id: str = "id"
    is_known: str = "is_known"
    kept: str = "kept"


def prepare() -> None:
    """Set up the current transaction for bulk statements."""
    db.session.execute(_PREPARE)


def open_staging() -> None:
    """Prepare the connection for one file.

    The tables are dropped when the block of `app.db.session.one_connection` ends.
    """
    prepare()
    db.session.execute(_CREATE_ERRORS)


def stage(
    table: StagedTable,
    rows: Iterable[R | RejectedRow],
    as_columns: Callable[[R], Sequence[Any]],
    tell: Callable[[int], None],
) -> int:
    """Copy all rows, valid or not, into the staging tables and return their number.

    `tell` is called repeatedly with the number of rows so far.
    """
    db.session.execute(table.create)
    connection = _driver_connection()
    total = 0
    for batch in _batches(rows, _BATCH_ROWS):
        good = [as_columns(row) for row in batch if not isinstance(row, RejectedRow)]
        errors = [error for row in batch for error in (row.errors if isinstance(row, RejectedRow) else row.remarks)]
        _copy(connection, table.copy, good)
        _copy(connection, _COPY_ERRORS, map(_error_columns, errors))
        total += len(batch)
        tell(total)
    _analyze(table)
    return total


@contextmanager
def staged(table: StagedTable, rows: Sequence[Sequence[Any]]) -> Iterator[None]:
    """Stage a few valid rows outside any import, until the block ends or the transaction is rolled back."""
    db.session.execute(table.create)
    _copy(_driver_connection(), table.copy, rows)
    yield
    db.session.execute(text(f"DROP TABLE {table.name}"))


def turn_away_repeats(table: StagedTable, column: str | None) -> None:
    """Reject rows that repeat the id of an earlier row of the file, as copies or conflicts.

    The table must have `external_source`, `external_id` and `fingerprint`. Only rows with repeated ids are sorted.
    """
    repeats = text(f"""
        INSERT INTO staged_errors (line, column_name, value, reason, kind)
        SELECT line, :column, external_id,
          replace(CASE WHEN is_copy THEN :copy ELSE :conflict END, '{{line}}', first::text),
          CASE WHEN is_copy THEN '{COPY}' ELSE '{CONFLICT}' END
        FROM (
          SELECT line, external_id, first_value(line) OVER same AS first,
            fingerprint = first_value(fingerprint) OVER same AS is_copy
          FROM {table.name} JOIN (
            SELECT external_source, external_id FROM {table.name} GROUP BY 1, 2 HAVING count(*) > 1
          ) repeated USING (external_source, external_id)
          WINDOW same AS (PARTITION BY external_source, external_id ORDER BY line)
        ) numbered
        WHERE line > first
    """)  # noqa: S608 - names from code; values are bound
    copy, conflict = _("Duplicate of line {line}."), _("Line {line} has the same ID but different data.")
    turn_away(table, repeats, column=column, copy=copy, conflict=conflict)


def turn_away(table: StagedTable, rule: TextClause, **values: Any) -> None:
    """Reject rows by `rule`, a statement that inserts into `staged_errors`."""
    if affected(rule, **values):
        sweep = text(f"""
            DELETE FROM {table.name} staged USING staged_errors wrong WHERE staged.line = wrong.line AND NOT is_remark
        """)  # noqa: S608 - names from code; values are bound
        db.session.execute(sweep)


def let_wait(table: StagedTable) -> int:
    """Move all rows to `waiting_rows`, and return the last line of the file, 0 if it is empty."""
    db.session.execute(text(f"ALTER TABLE {table.name} RENAME TO waiting_rows"))
    db.session.execute(text(f"CREATE TEMPORARY TABLE {table.name} (LIKE waiting_rows)"))
    db.session.execute(text("CREATE INDEX ON waiting_rows (line)"))
    return int(db.session.execute(_LAST_LINE).scalar_one())


def take_portion(table: StagedTable, after: int, last: int, size: int) -> Portion:
    """Load the next rows after the line `after`, at most `size`, into the table; the last portion ends at `last`."""
    until = db.session.execute(_NEXT_LINES, {"after": after, "size": size}).scalar_one()
    if until is None or not db.session.execute(_IS_MORE, {"line": until}).scalar_one():
        until = last
    db.session.execute(text(f"TRUNCATE {table.name}"))
    rows = text(f"INSERT INTO {table.name} SELECT * FROM waiting_rows WHERE line > :after AND line <= :until")  # noqa: S608 - names from code; values are bound
    db.session.execute(rows, {"after": after, "until": until})
    _analyze(table)
    return Portion(after, until)


def keep_wrong(organization_id: UUID, import_id: UUID, portion: Portion) -> tuple[int, int]:
    """Store the errors and warnings of these lines with the import.

    Returns the number of rejected rows, and the number of other rows with warnings.
    """
    lines = portion._asdict()
    db.session.execute(_KEEP_ERRORS, {"organization": organization_id, "import": import_id, **lines})
    rejected, remarked = db.session.execute(_COUNT, lines).one()
    return rejected, remarked


def keep_created(organization_id: UUID, import_id: UUID | None, resource: str, records: StagedRecords) -> None:
    """Record the records that were created from the staged rows, unless they belong to no import."""
    if import_id is None:
        return
    db.session.execute(
        text(f"""
            INSERT INTO import_rows (organization_id, id, import_id, line, resource, record_id, effect)
            SELECT :organization, new_uuid7(), :import, line, :resource, {records.id}, 'created'
            FROM {records.table.name} WHERE NOT {records.is_known} AND {records.id} IS NOT NULL
        """),  # noqa: S608 - names from code; values are bound
        {"organization": organization_id, "import": import_id, "resource": resource},
    )


def keep_before(
    organization_id: UUID,
    import_id: UUID | None,
    resource: str,
    records: StagedRecords,
    kept_in: str,
    columns: Iterable[str],
) -> None:
    """Record the current values of `columns` of the known records in `kept_in`, before they are changed.

    Records created by the import itself are already recorded. Rows that belong to no import need no such record.
    """
    if import_id is None:
        return
    before = ", ".join(f"'{name}', record.{name}" for name in columns)
    db.session.execute(
        text(f"""
            INSERT INTO import_rows (organization_id, id, import_id, line, resource, record_id, effect, before)
            SELECT :organization, new_uuid7(), :import, staged.line, :resource, record.id, 'updated',
              jsonb_build_object({before})
            FROM {records.table.name} staged JOIN {kept_in} record
              ON record.organization_id = :organization AND record.id = staged.{records.id}
            WHERE staged.{records.is_known}
            ON CONFLICT ON CONSTRAINT uq_import_rows_record DO NOTHING
        """),  # noqa: S608 - names from code; values are bound
        {"organization": organization_id, "import": import_id, "resource": resource},
    )


def affected(statement: Executable, **values: Any) -> int:
    """Execute a statement and return the number of affected rows."""
    result = db.session.connection().execute(statement, values, execution_options={"preserve_rowcount": True})
    return int(result.rowcount)


def _analyze(table: StagedTable) -> None:
    db.session.execute(text(f"ANALYZE {table.name}"))


def _driver_connection() -> psycopg.Connection[Any]:
    """Return psycopg's own connection, since SQLAlchemy does not support COPY."""
    connection = db.session.connection().connection.driver_connection
    if not isinstance(connection, psycopg.Connection):
        raise TypeError("the database driver must be psycopg")
    return connection


def _copy(connection: psycopg.Connection[Any], statement: str, rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _error_columns(error: RowError) -> tuple[int, str | None, str | None, str, bool]:
    return error.line, error.column, error.value, str(error.reason), error.is_remark


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
