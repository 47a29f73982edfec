"""A file, brought in: read and checked as a whole, then stored portion by portion, in the order of its lines.

    with one_connection(db.session()):
        is_in = load_file(row, path, keep=True)

Each portion is a transaction that ends with `line_reached`, so that an import which broke off goes on there, and two
that run at once do not store a row twice. A dry run (`keep=False`) does the same in one transaction, which whoever
calls rolls back. Works as the jobs' role (`app.db.session.jobs_role`), which may make temporary tables.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import sleep
from typing import NamedTuple
from uuid import UUID

import psycopg
from sqlalchemy import Update, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from app.data.imports.mapping_rules import Mapping, importable, make_mapping, options_for
from app.data.imports.row_rules import WantedRows, reader_of
from app.data.imports.staging_service import keep_wrong, let_wait, open_staging, prepare, stage, take_portion
from app.db.context import current_context, use_context
from app.db.session import enter_context
from app.db.transaction import is_collision
from app.declarations.importable import Importable
from app.extensions import db
from app.models import Import, ImportStatus, Organization
from app.security.scope import unscoped
from app.tables.file_rules import open_table

#: Rows that are stored at once: about a second, for which whoever writes the same number waits.
PORTION_ROWS = 5_000
#: Somebody else stores the same calls or numbers now: they are there the next time.
_TRIES = 6
_FIRST_WAIT_SECONDS = 0.05


class Progress(NamedTuple):
    """How far it is: rows so far, and the share of the file that is read, from 0 to 1."""

    rows: int
    share: float


Tell = Callable[[Progress], None]


def load_file(
    row: Import, path: Path, *, keep: bool, tell: Tell | None = None, on_read: Callable[[], None] | None = None
) -> bool:
    """Read the file of a running import and bring in every good row that stands behind its `line_reached`.

    `on_read` is called once the file is read and checked, in the transaction that keeps that: before it, an import that
    has just come is nowhere.

    Its counts are in `row`, what was turned away in `import_errors`, what it made and changed in `import_rows`; `tell`
    hears of the reading every few thousand rows. False where the import was ended by somebody else meanwhile: what came
    in before stays. Raises ValidationFailed for a file or mapping that cannot be used at all.
    """
    with as_one_operation(row.id):
        return Load(row, keep=keep).bring_in(path, tell or (lambda _progress: None), on_read or (lambda: None))


@contextmanager
def as_one_operation(operation_id: UUID) -> Iterator[None]:
    """What an import does in this block is one operation in the trail, however often it is started."""
    with use_context(replace(current_context(), operation_id=operation_id)) as context:
        enter_context(db.session.connection(), context)
        yield


class Load:
    """A file on its way in. `declared` is its kind."""

    def __init__(self, row: Import, *, keep: bool) -> None:
        self._keep = keep
        self._id, self._create_users, self._name = row.id, row.create_users, row.file_name
        self.mapping: Mapping = make_mapping(row.mapping)
        self.declared: Importable = importable(self.mapping.kind)
        self._organization = db.session.get_one(Organization, row.organization_id)

    def bring_in(self, path: Path, tell: Tell, on_read: Callable[[], None]) -> bool:
        total, left_out = self.read(path, tell)
        self.declared.check(self._organization.id, self._id, self.mapping, self._create_users)
        last = let_wait(self.declared.records.table)
        read = self._running().values(rows_total=total, rows_left_out=left_out, percent_read=100)
        after = db.session.scalar(read.returning(Import.line_reached))
        on_read()
        self._end()
        while after is not None and after < last:
            after = self._tried(after, last)
        return after is not None

    def read(self, path: Path, tell: Tell) -> tuple[int, int]:
        """Have the whole file in the table of its kind; how many rows were wanted, and how many not."""
        open_staging()
        options = options_for(self.mapping.kind, self.mapping.table_options)
        with open_table(path, options, name=self._name) as table:
            read = reader_of(self.declared, self.mapping, table, self._organization)
            wanted = WantedRows(self.mapping, table)

            def report(rows: int) -> None:
                tell(Progress(rows, table.share_read()))

            total = stage(self.declared.records.table, map(read, wanted), self.declared.columns, report)
        return total, wanted.left_out

    def _tried(self, after: int, last: int) -> int | None:
        """Store the next portion; the line that is reached then, None where the import has ended."""
        wait = _FIRST_WAIT_SECONDS
        for _try in range(_TRIES - 1):
            try:
                return self._store(after, last)
            except DBAPIError as error:
                if not (self._keep and _is_passing(error)):
                    raise
                db.session.rollback()
            sleep(wait)
            wait *= 2
        return self._store(after, last)

    def _store(self, after: int, last: int) -> int | None:
        prepare()
        portion = take_portion(self.declared.records.table, after, last, PORTION_ROWS)
        unchanged = self.declared.settle(self._organization.id, self._id, self.mapping)
        stored = self.declared.store(self._organization.id, self._id, self.mapping)
        rejected, remarked = keep_wrong(self._organization.id, self._id, portion)
        reached = (
            self._running()
            .where(Import.line_reached == after)
            .values(
                line_reached=portion.until,
                rows_created=Import.rows_created + stored.created,
                rows_updated=Import.rows_updated + stored.updated,
                rows_unchanged=Import.rows_unchanged + unchanged,
                rows_rejected=Import.rows_rejected + rejected,
                rows_remarked=Import.rows_remarked + remarked,
            )
        )
        if db.session.scalar(reached.returning(Import.id)) is None:
            db.session.rollback()  # somebody else has stored these lines, or has ended the import
            return self._reached()
        self._end()
        return portion.until

    def _reached(self) -> int | None:
        """The line that is reached, None where the import does not run any more."""
        line = unscoped(select(Import.line_reached), why="the job runs the import that it was started for").where(
            Import.organization_id == self._organization.id,
            Import.id == self._id,
            Import.status == ImportStatus.RUNNING,
        )
        return db.session.scalar(line)

    def _running(self) -> Update:
        """What changes the import while it runs, and nothing once it has ended."""
        return update(Import).where(
            Import.organization_id == self._organization.id,
            Import.id == self._id,
            Import.status == ImportStatus.RUNNING,
        )

    def _end(self) -> None:
        if self._keep:
            db.session.commit()
        else:
            db.session.flush()


def _is_passing(error: DBAPIError) -> bool:
    """Whether it was another's transaction that was in the way."""
    if isinstance(error, IntegrityError):
        return isinstance(error.orig, psycopg.errors.UniqueViolation)
    return isinstance(error, OperationalError) and is_collision(error)
