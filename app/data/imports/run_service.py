"""Worker side of imports; the import's row shows its progress and outcome."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import monotonic
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, Select, func, select, update
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
from app.declarations.job import WAITS_FOR_STORAGE
from app.errors import Conflict, DomainError, LazyText, NotFound
from app.extensions import db
from app.models import Import, ImportedRow, ImportStatus, User
from app.ops.jobs import progress as job
from app.security.scope import unscoped
from app.storage import storage
from app.tenancy.notification_service import NewNotification, notify

_MAX_FAILURE_LENGTH = 1_000
_SECONDS_BETWEEN_LOOKS = 1.0
_UNFINISHED = (ImportStatus.QUEUED, ImportStatus.RUNNING)


def run_import(import_id: UUID) -> None:
    """Import the file of a stored import, starting after the last line it reached.

    Its progress is visible while it runs. An import that has ended is skipped, since its job may run twice when a
    worker dies; so is one that was reset to be started again while its first job was still queued. Raises the errors of
    `load_file`.
    """
    if not _begin(import_id):
        return
    with one_connection(db.session()):
        row = _get(import_id)
        path = storage().path(row.storage_key)
        is_in = load_file(row, path, keep=True, report=progress_writer(import_id))
        row = _get(import_id, lock=True)
        if is_in and row.status == ImportStatus.RUNNING:
            complete(row)
        else:  # ended by someone else: rows stored so far stay
            _finish(row)
        db.session.commit()


def complete(row: Import) -> None:
    """Mark an import as completed and notify its owner."""
    db.session.refresh(row)
    _finish(row)
    created = db.session.execute(_new_people(row)).all()
    row.users_created = [name for name, _email in created]
    _keep_words(row, created)
    row.status = ImportStatus.COMPLETED
    row.finished_at = datetime.now(UTC)
    name_action(Action.IMPORT_COMPLETED, row)
    _notify(row, _l("Your import of “%(file)s” is done.", file=row.file_name))


def _finish(row: Import) -> None:
    with as_one_operation(row.id):
        importable(row.kind).finish(row.organization_id, row.id)


def _keep_words(row: Import, created: Sequence[Row[str, str]]) -> None:
    """Keep in the mapping which new person each one-character word stands for, whatever they are called later."""
    people = importable(row.kind).people
    words = {word: email for name, email in created if people and (word := people.word_of(name))}
    if people is None or not words:
        return
    values = row.mapping.get("values", {})
    row.mapping = {**row.mapping, "values": {**values, people.target: {**words, **values.get(people.target, {})}}}


def _new_people(row: Import) -> Select[str, str]:
    of_import = (
        ImportedRow.organization_id == row.organization_id,
        ImportedRow.import_id == row.id,
        ImportedRow.resource == "user",
        User.organization_id == row.organization_id,
        User.id == ImportedRow.record_id,
    )
    names = unscoped(select(User.name, User.email), why="only users that this import created").where(*of_import)
    return names.order_by(User.name, User.id)


def fail_import(import_id: UUID, error: BaseException) -> bool:
    """Mark an import as failed, with the reason, and notify its owner.

    Returns False if it does not exist or has ended.
    """
    row = db.session.get(_wanted(), (current_context().organization_id, import_id))
    if row is None or row.status not in _UNFINISHED:
        return False
    row.status = ImportStatus.FAILED
    row.finished_at = datetime.now(UTC)
    row.failure = in_words(error)[:_MAX_FAILURE_LENGTH]
    name_action(Action.IMPORT_FAILED, row)
    _notify(row, _l("Your import of “%(file)s” failed.", file=row.file_name))
    return True


def show_import_waiting(import_id: UUID) -> None:
    """Show an import that failed because of storage as queued again, with the reason; leave any that ended as it is."""
    waiting = update(Import).where(
        Import.organization_id == current_context().organization_id,
        Import.id == import_id,
        Import.status.in_(_UNFINISHED),
    )
    db.session.execute(waiting.values(status=ImportStatus.QUEUED, failure=str(WAITS_FOR_STORAGE)))


def _notify(row: Import, sentence: LazyText) -> None:
    notify(IMPORT_FINISHED, [NewNotification(row.created_by, sentence, f"/imports/{row.id}", row.id)])


def requeue_import(import_id: UUID) -> None:
    """Queue a failed import again.

    Raises NotFound, and Conflict if it has been resumed already.
    """
    row = _get(import_id, lock=True)
    if row.status != ImportStatus.FAILED:
        raise Conflict(None, _l("This import was already resumed from the import page."))
    row.status = ImportStatus.QUEUED
    row.finished_at = row.failure = None
    db.session.flush()


def _begin(import_id: UUID) -> bool:
    """Mark the import as running, in its own transaction; return False if it has ended or wasn't started."""
    running = (
        update(Import)
        .where(Import.organization_id == current_context().organization_id, Import.id == import_id)
        .where(Import.status.in_(_UNFINISHED))
        .values(
            status=ImportStatus.RUNNING,
            percent_read=0,
            started_at=func.coalesce(Import.started_at, datetime.now(UTC)),
            failure=None,
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
    return unscoped(Import, why="the job loads the import that it runs, of any user")


def progress_writer(import_id: UUID, status: ImportStatus = ImportStatus.RUNNING) -> Callable[[Progress], None]:
    """Return a callback that stores the reading progress at most once a second, over its own connection."""
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
    """Return the reason for a failure as text for the user."""
    if isinstance(error, DBAPIError):
        error = translate(error) or error
    if not isinstance(error, DomainError):
        return str(_("Something broke on our side. Try again."))
    fields = " ".join(f"{field.message}" for field in error.field_errors if field.message != error.message)
    return f"{error.sentence} {fields}".strip()
