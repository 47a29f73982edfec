"""Where the rows of a file wait on the connection of their import: temporary tables, filled by COPY.

COPY straight into a table under row-level security is refused, and a row at a time would take minutes. First the whole
file stands in the table of its kind, `staged_calls` for example, and is checked there. Then it steps back into
`waiting_rows`, and the table of its kind has one portion after the other, each of which one statement moves on. Rows
that are turned away end up in `staged_errors`, each with its reasons.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import UUID

import psycopg
from flask_babel import gettext as _
from sqlalchemy import Executable, TextClause, text

from app.data.imports.record_rules import RejectedRow, RowError
from app.extensions import db


class HasRemarks(Protocol):
    """A record, with what was left out of it."""

    @property
    def remarks(self) -> Sequence[RowError]:
        """In the order of the columns that were read."""


#: Why rows are turned away that are counted or grouped apart: another row says the same, another row of the same id
#: says something else, another row has what only one may have, nobody here has the name in it.
COPY, CONFLICT, TAKEN, UNKNOWN_NAME = "copy", "conflict", "taken", "unknown"

T = TypeVar("T")
R = TypeVar("R", bound=HasRemarks)

_BATCH_ROWS = 2_000

# A plan of its own for each execution, which suits pages, would be made again for every row by the triggers that check
# references and write the audit. Sorting a large file wants more memory than a page. When the process dies, its
# statement must not live on for minutes: the next try waits for it. And the database has nothing to do while a large
# workbook is opened. The planner has to know how many rows are staged, and little of their values.
_PREPARE = text("""
    SELECT set_config('plan_cache_mode', 'auto', true), set_config('work_mem', '64MB', true),
      set_config('client_connection_check_interval', '2s', true),
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
    """The lines of a file that are moved on together: those after `after`, up to `until`."""

    after: int
    until: int


class StagedTable(NamedTuple):
    """A temporary table: its name, how it is made, and its columns, of which `line` is one; `said` are the values of a
    record, by name, that fill the last of them."""

    name: str
    create: TextClause
    copy: str
    said: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns that records fill."""
        listed = self.copy.partition("(")[2].partition(")")[0]
        return tuple(name.strip() for name in listed.split(","))


class StagedRecords(NamedTuple):
    """What rows of a table become: the column that has the id of the record, NULL where a row becomes none, the one
    that says whether it is there already, and the one for the columns of it that stay as they are."""

    table: StagedTable
    id: str = "id"
    is_known: str = "is_known"
    kept: str = "kept"


def prepare() -> None:
    """Make the transaction that has just begun ready for many rows."""
    db.session.execute(_PREPARE)


def open_staging() -> None:
    """Make ready for one file. The tables are gone when the block of `app.db.session.one_connection` ends."""
    prepare()
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
        errors = [error for row in batch for error in (row.errors if isinstance(row, RejectedRow) else row.remarks)]
        _copy(connection, table.copy, good)
        _copy(connection, _COPY_ERRORS, map(_error_columns, errors))
        total += len(batch)
        tell(total)
    _analyze(table)
    return total


def turn_away_repeats(table: StagedTable, column: str | None) -> None:
    """Turn rows away whose id an earlier row of the file has: copies of it, and those that say something else.

    The table has `external_source`, `external_id` and `fingerprint`. Only rows of ids that repeat are sorted.
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
    """)  # noqa: S608 - a name that is declared
    copy, conflict = _("It is a copy of line {line}."), _("Line {line} has the same id and says something else.")
    turn_away(table, repeats, column=column, copy=copy, conflict=conflict)


def turn_away(table: StagedTable, rule: TextClause, **values: Any) -> None:
    """Turn rows away by `rule`, which inserts into `staged_errors`."""
    if affected(rule, **values):
        sweep = text(f"""
            DELETE FROM {table.name} staged USING staged_errors wrong WHERE staged.line = wrong.line AND NOT is_remark
        """)  # noqa: S608 - a name that is declared
        db.session.execute(sweep)


def let_wait(table: StagedTable) -> int:
    """Let all rows step back, so that the table has none; the last line of the file, 0 for an empty one."""
    db.session.execute(text(f"ALTER TABLE {table.name} RENAME TO waiting_rows"))
    db.session.execute(text(f"CREATE TEMPORARY TABLE {table.name} (LIKE waiting_rows)"))
    db.session.execute(text("CREATE INDEX ON waiting_rows (line)"))
    return int(db.session.execute(_LAST_LINE).scalar_one())


def take_portion(table: StagedTable, after: int, last: int, size: int) -> Portion:
    """Put the next rows behind the line `after`, at most `size`, into the table; the last portion goes up to `last`."""
    until = db.session.execute(_NEXT_LINES, {"after": after, "size": size}).scalar_one()
    if until is None or not db.session.execute(_IS_MORE, {"line": until}).scalar_one():
        until = last
    db.session.execute(text(f"TRUNCATE {table.name}"))
    rows = text(f"INSERT INTO {table.name} SELECT * FROM waiting_rows WHERE line > :after AND line <= :until")  # noqa: S608 - a name that is declared
    db.session.execute(rows, {"after": after, "until": until})
    _analyze(table)
    return Portion(after, until)


def keep_wrong(organization_id: UUID, import_id: UUID, portion: Portion) -> tuple[int, int]:
    """Store what was turned away in these lines, and the remarks, with the import, for people to look at and download:
    how many rows were turned away, and how many others have remarks."""
    lines = portion._asdict()
    db.session.execute(_KEEP_ERRORS, {"organization": organization_id, "import": import_id, **lines})
    rejected, remarked = db.session.execute(_COUNT, lines).one()
    return rejected, remarked


def keep_created(organization_id: UUID, import_id: UUID, resource: str, records: StagedRecords) -> None:
    """Write down which records the rows of the table have become that were not known."""
    db.session.execute(
        text(f"""
            INSERT INTO import_rows (organization_id, id, import_id, line, resource, record_id, effect)
            SELECT :organization, new_uuid7(), :import, line, :resource, {records.id}, 'created'
            FROM {records.table.name} WHERE NOT {records.is_known} AND {records.id} IS NOT NULL
        """),  # noqa: S608 - a name that is declared
        {"organization": organization_id, "import": import_id, "resource": resource},
    )


def keep_before(
    organization_id: UUID, import_id: UUID, resource: str, records: StagedRecords, kept_in: str, columns: Iterable[str]
) -> None:
    """Write down what stands in `columns` of the records, in the table `kept_in`, that its known rows are to change.

    A record that the import has made itself is written down already.
    """
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
        """),  # noqa: S608 - names that are declared
        {"organization": organization_id, "import": import_id, "resource": resource},
    )


def affected(statement: Executable, **values: Any) -> int:
    """Execute; how many rows it changed."""
    result = db.session.connection().execute(statement, values, execution_options={"preserve_rowcount": True})
    return int(result.rowcount)


def _analyze(table: StagedTable) -> None:
    db.session.execute(text(f"ANALYZE {table.name}"))


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


def _error_columns(error: RowError) -> tuple[int, str | None, str | None, str, bool]:
    return error.line, error.column, error.value, str(error.reason), error.is_remark


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
