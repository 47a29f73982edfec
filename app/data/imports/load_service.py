"""Loading of a file: it is read and checked as a whole, then stored in portions, in line order.

    with one_connection(db.session()):
        is_in = load_file(row, path, keep=True)

Each portion is a transaction that ends by setting `line_reached`, so an interrupted import resumes there, and two that
run at the same time don't store a row twice. A dry run (`keep=False`) does the same in one transaction, which the
caller rolls back. Both run under the jobs' role (`app.db.session.jobs_role`), which can create temporary tables.
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

from app.data.imports.mapping_queries import earlier_mappings
from app.data.imports.mapping_rules import Mapping, importable, make_mapping, options_for
from app.data.imports.overlap_rules import SourceQuestion, SourceUnclear, header_hash, source_question
from app.data.imports.row_rules import WantedRows, reader_of, reader_with_earlier_ids
from app.data.imports.staging_service import keep_wrong, let_wait, open_staging, prepare, stage, take_portion
from app.db.context import current_context, use_context
from app.db.session import enter_context
from app.db.transaction import is_collision
from app.declarations.importable import Importable
from app.extensions import db
from app.models import Import, ImportStatus, Organization
from app.security.scope import unscoped
from app.tables.file_rules import open_table

#: Rows stored in one transaction: about a second, during which others who write the same phone number wait.
PORTION_ROWS = 5_000
#: Another transaction is storing the same calls or numbers; they exist by the next try.
_TRIES = 6
_FIRST_WAIT_SECONDS = 0.05


class Progress(NamedTuple):
    """Progress of reading a file: number of rows so far, and share of the file from 0 to 1."""

    rows: int
    share: float


ReportProgress = Callable[[Progress], None]


def load_file(
    row: Import,
    path: Path,
    *,
    keep: bool,
    report: ReportProgress | None = None,
    on_read: Callable[[], None] | None = None,
) -> bool:
    """Read the file of a running import and store every valid row after its `line_reached`.

    `on_read` is called when the whole file has been read and checked. That step is then committed; until then, an
    import created in the same transaction is not visible to others. Counts are stored in `row`, rejected values in
    `import_errors`, created and changed records in `import_rows`; `report` is called every few thousand rows. Returns
    False if the import was ended by someone else in the meantime: the rows stored before that stay. Raises
    ValidationFailed for a file or mapping that cannot be used at all.
    """
    with as_one_operation(row.id):
        return Load(row, keep=keep).bring_in(path, report or (lambda _progress: None), on_read or (lambda: None))


@contextmanager
def as_one_operation(operation_id: UUID) -> Iterator[None]:
    """Group everything an import does in this block as one operation in the audit trail, across restarts."""
    with use_context(replace(current_context(), operation_id=operation_id)) as context:
        enter_context(db.session.connection(), context)
        yield


class Load:
    """The loading of a file; `declared` is the declaration of its kind."""

    def __init__(self, row: Import, *, keep: bool) -> None:
        self._keep = keep
        self._id, self._create_users, self._name = row.id, row.create_users, row.file_name
        self.mapping: Mapping = make_mapping(row.mapping)
        self.declared: Importable = importable(self.mapping.kind)
        self.header_hash: bytes | None = None
        self._skipped: list[str] = []
        self._confirmed_source, self._is_fresh = row.confirmed_source, not row.line_reached
        self._organization = db.session.get_one(Organization, row.organization_id)
        knows_earlier_ids = "earlier_ids" in self.declared.records.table.said
        self._earlier = earlier_mappings(row, self.mapping) if knows_earlier_ids else []

    def bring_in(self, path: Path, report: ReportProgress, on_read: Callable[[], None]) -> bool:
        total, left_out = self.read(path, report)
        self.declared.check(self._organization.id, self._id, self.mapping, self._create_users)
        question = self.source_question(total) if self._is_fresh else None
        if question is not None and self.declared.overlapping is not None:
            raise SourceUnclear(question, self.declared.overlapping.differences)
        last = let_wait(self.declared.records.table)
        read = self._running().values(
            rows_total=total,
            rows_left_out=left_out,
            percent_read=100,
            header_hash=self.header_hash,
            skipped_columns=self._skipped,
        )
        after = db.session.scalar(read.returning(Import.line_reached))
        on_read()
        self._end()
        while after is not None and after < last:
            after = self._tried(after, last)
        return after is not None

    def read(self, path: Path, report: ReportProgress) -> tuple[int, int]:
        """Read the whole file into its staging table; return the number of rows staged and of rows skipped."""
        open_staging()
        options = options_for(self.mapping.kind, self.mapping.table_options)
        with open_table(path, options, name=self._name) as table:
            read = reader_of(self.declared, self.mapping, table, self._organization)
            read = reader_with_earlier_ids(read, self.declared, self._earlier, table, self._organization)
            wanted = WantedRows(self.mapping, table)

            def report_rows(rows: int) -> None:
                report(Progress(rows, table.share_read()))

            total = stage(self.declared.records.table, map(read, wanted), self.declared.columns, report_rows)
            self.header_hash = header_hash(table.header)
            self._skipped = [*self.mapping.skipped_columns(table.header)]
        return total, wanted.left_out

    def source_question(self, total: int) -> SourceQuestion | None:
        """Return the question about the source of the `total` rows that were read and checked; None if answered."""
        overlapping, source = self.declared.overlapping, self.mapping.source
        if overlapping is None or self._confirmed_source == source:
            return None
        return source_question(overlapping.find(self._organization.id, self.mapping), total, source)

    def _tried(self, after: int, last: int) -> int | None:
        """Store the next portion, with retries; return the line reached, or None if the import has ended."""
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
            db.session.rollback()  # another process stored these lines or ended the import
            return self._reached()
        self._end()
        return portion.until

    def _reached(self) -> int | None:
        """Return the line reached, or None if the import is no longer running."""
        line = unscoped(select(Import.line_reached), why="the job reads the progress of its own import").where(
            Import.organization_id == self._organization.id,
            Import.id == self._id,
            Import.status == ImportStatus.RUNNING,
        )
        return db.session.scalar(line)

    def _running(self) -> Update:
        """Return an UPDATE of the import that has no effect once it has ended."""
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
    """Return whether the error is temporary: a concurrent transaction caused it, so retrying can help."""
    if isinstance(error, IntegrityError):
        return isinstance(error.orig, psycopg.errors.UniqueViolation)
    return isinstance(error, OperationalError) and is_collision(error)
