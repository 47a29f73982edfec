"""An import that people watch: its row tells how far it is, what came of it, and what was turned away."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select, update
from sqlalchemy.exc import DBAPIError

from app.audit.actions import Action
from app.audit.record import name_action
from app.data.imports.load_service import Progress, as_one_operation, load_file
from app.data.imports.mapping_rules import importable
from app.data.imports.notices import IMPORT_FINISHED
from app.db.constraints import translate
from app.db.context import current_context
from app.db.session import one_connection
from app.db.transaction import own_transaction
from app.errors import Conflict, DomainError, NotFound, Sentence
from app.extensions import db
from app.models import Import, ImportedRow, ImportStatus, User
from app.ops.jobs import progress as job
from app.security.scope import unscoped
from app.storage import storage
from app.tenancy.notification_service import Telling, notify

_MAX_FAILURE_LENGTH = 1_000
_SECONDS_BETWEEN_LOOKS = 1.0
_UNFINISHED = (ImportStatus.QUEUED, ImportStatus.RUNNING)


def run_import(import_id: UUID) -> None:
    """Bring the file of a stored import in, from the line on that it has reached; its progress is seen while it runs.

    One that has ended already is left alone: its job may come twice when a worker dies; and so is one that is to be
    started anew, which the job of its first start still meets. Raises what `load_file` does.
    """
    if not _begin(import_id):
        return
    with one_connection(db.session()):
        row = _get(import_id)
        path = storage().path(row.storage_key)
        is_in = load_file(row, path, keep=True, tell=progress_writer(import_id))
        row = _get(import_id, lock=True)
        if is_in and row.status == ImportStatus.RUNNING:
            complete(row)
        else:  # somebody has ended it: what came in until then stays
            _finish(row)
        db.session.commit()


def complete(row: Import) -> None:
    """Write down that all of an import is in."""
    db.session.refresh(row)
    _finish(row)
    row.users_created = list(db.session.scalars(_names_of_new_people(row)))
    row.status = ImportStatus.COMPLETED
    row.finished_at = datetime.now(UTC)
    name_action(Action.IMPORT_COMPLETED, row)
    _tell(row, _l("Your import of “%(file)s” is done.", file=row.file_name))


def _finish(row: Import) -> None:
    with as_one_operation(row.id):
        importable(row.kind).finish(row.organization_id, row.id)


def _names_of_new_people(row: Import) -> Select[str]:
    of_import = (
        ImportedRow.organization_id == row.organization_id,
        ImportedRow.import_id == row.id,
        ImportedRow.resource == "user",
        User.organization_id == row.organization_id,
        User.id == ImportedRow.record_id,
    )
    names = unscoped(select(User.name), why="the import names the people that it has made").where(*of_import)
    return names.order_by(User.name, User.id)


def fail_import(import_id: UUID, error: BaseException) -> bool:
    """Write down that it did not come in to its end, and why, in words for whoever started it. False where there is no
    such import, or it has ended."""
    row = db.session.get(_wanted(), (current_context().organization_id, import_id))
    if row is None or row.status not in _UNFINISHED:
        return False
    row.status = ImportStatus.FAILED
    row.finished_at = datetime.now(UTC)
    row.failure = in_words(error)[:_MAX_FAILURE_LENGTH]
    name_action(Action.IMPORT_FAILED, row)
    _tell(row, _l("Your import of “%(file)s” has failed.", file=row.file_name))
    return True


def _tell(row: Import, sentence: Sentence) -> None:
    notify(IMPORT_FINISHED, [Telling(row.created_by, sentence, f"/imports/{row.id}", row.id)])


def requeue_import(import_id: UUID) -> None:
    """Let an import that failed go on as it was started. Raises NotFound, and Conflict where it goes on already."""
    row = _get(import_id, lock=True)
    if row.status != ImportStatus.FAILED:
        raise Conflict(None, _l("This import was started again on its own page."))
    row.status = ImportStatus.QUEUED
    row.finished_at = row.failure = None
    db.session.flush()


def _begin(import_id: UUID) -> bool:
    """Show that it runs, at once; False when it has ended already, or is not started."""
    running = (
        update(Import)
        .where(Import.organization_id == current_context().organization_id, Import.id == import_id)
        .where(Import.status.in_(_UNFINISHED))
        .values(
            status=ImportStatus.RUNNING, percent_read=0, started_at=func.coalesce(Import.started_at, datetime.now(UTC))
        )
        .returning(Import.id)
    )
    with own_transaction() as session:
        return session.scalar(running) is not None


def _get(import_id: UUID, *, lock: bool = False) -> Import:
    row = db.session.get(_wanted(), (current_context().organization_id, import_id), with_for_update=lock or None)
    if row is None:
        raise NotFound("import", import_id)
    return row


def _wanted() -> type[Import]:
    return unscoped(Import, why="the job runs the import that it was started for, whoever did")


def progress_writer(import_id: UUID, status: ImportStatus = ImportStatus.RUNNING) -> Callable[[Progress], None]:
    """Shows how far the file is read, once a second, by a connection of its own."""
    organization_id = current_context().organization_id
    last_look = monotonic()

    def write(progress: Progress) -> None:
        nonlocal last_look
        if monotonic() - last_look < _SECONDS_BETWEEN_LOOKS:
            return
        last_look = monotonic()
        percent = round(progress.share * 100)
        row = update(Import).where(
            Import.organization_id == organization_id, Import.id == import_id, Import.status == status
        )
        with own_transaction() as session:
            session.execute(row.values(rows_total=progress.rows, percent_read=percent))
        job.progress(percent, 100)

    return write


def in_words(error: BaseException) -> str:
    """Why something about a file has failed, for whoever asked for it."""
    if isinstance(error, DBAPIError):
        error = translate(error) or error
    if not isinstance(error, DomainError):
        return str(_("Something broke on our side. Try it again."))
    fields = " ".join(f"{field.message}" for field in error.field_errors if field.message != error.message)
    return f"{error.sentence} {fields}".strip()
