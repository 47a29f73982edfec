"""An import that people watch: its row tells how far it is, what came of it, and what was turned away."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from app.audit.actions import Action
from app.audit.record import name_action
from app.data.imports.load_service import Progress, load_file
from app.data.imports.mapping_rules import make_mapping
from app.data.imports.notices import IMPORT_FINISHED
from app.data.imports.outcome_rules import Outcome
from app.data.imports.staging_service import keep_rejected
from app.db.constraints import translate
from app.db.context import current_context
from app.db.transaction import own_transaction
from app.errors import Conflict, DomainError, NotFound, Sentence
from app.extensions import db
from app.models import Import, ImportStatus
from app.ops.jobs import progress as job
from app.security.scope import unscoped
from app.storage import storage
from app.tenancy.notification_service import Telling, notify

_MAX_FAILURE_LENGTH = 1_000
_SECONDS_BETWEEN_LOOKS = 1.0
_UNFINISHED = (ImportStatus.UPLOADED, ImportStatus.QUEUED, ImportStatus.RUNNING)


def run_import(import_id: UUID) -> None:
    """Bring the file of a stored import in, within the current transaction; its progress is seen while it runs.

    One that has ended already is left alone: its job may come twice when a worker dies. Raises what `load_file` does.
    """
    if not _begin(import_id):
        return
    row = _get(import_id)
    outcome = load_file(
        storage().path(row.storage_key),
        row.file_name,
        make_mapping(row.mapping),
        create_users=row.create_users,
        tell=_progress_writer(import_id),
    )
    db.session.refresh(row, with_for_update=True)
    if row.status == ImportStatus.RUNNING:
        complete(row, outcome)
    else:  # another worker took this one for dead and has ended the import: what it says must stay true
        db.session.rollback()


def complete(row: Import, outcome: Outcome) -> None:
    """Write down what came of an import that was just loaded, with every value that was turned away."""
    keep_rejected(row.organization_id, row.id)
    row.status = ImportStatus.COMPLETED
    row.finished_at = datetime.now(UTC)
    row.rows_total = outcome.total
    row.percent_read = 100
    row.rows_created = outcome.created
    row.rows_updated = outcome.updated
    row.rows_unchanged = outcome.unchanged
    row.rows_rejected = outcome.rejected
    row.users_created = list(outcome.users_created)
    name_action(Action.IMPORT_COMPLETED, row)
    _tell(row, _l("Your import of “%(file)s” is done.", file=row.file_name))


def fail_import(import_id: UUID, error: BaseException) -> None:
    """Write down that nothing was imported, and why, in words for whoever started it."""
    row = _get(import_id)
    if row.status not in _UNFINISHED:
        return
    row.status = ImportStatus.FAILED
    row.finished_at = datetime.now(UTC)
    row.failure = _in_words(error)[:_MAX_FAILURE_LENGTH]
    name_action(Action.IMPORT_FAILED, row)
    _tell(row, _l("Your import of “%(file)s” has failed.", file=row.file_name))


def _tell(row: Import, sentence: Sentence) -> None:
    notify(IMPORT_FINISHED, [Telling(row.created_by, sentence, f"/imports/{row.id}", row.id)])


def requeue_import(import_id: UUID) -> None:
    """Let an import that failed run again as it was started. Raises NotFound, and Conflict where it goes on already."""
    row = _get(import_id, lock=True)
    if row.status != ImportStatus.FAILED:
        raise Conflict(None, _l("This import was started again on its own page."))
    row.status = ImportStatus.QUEUED
    row.started_at = row.finished_at = row.failure = None
    row.rows_total = 0
    row.percent_read = 0
    db.session.flush()


def _begin(import_id: UUID) -> bool:
    """Show that it runs, at once; False when it has ended already."""
    running = (
        update(Import)
        .where(Import.organization_id == current_context().organization_id, Import.id == import_id)
        .where(Import.status.in_(_UNFINISHED))
        .values(status=ImportStatus.RUNNING, started_at=datetime.now(UTC))
        .returning(Import.id)
    )
    with own_transaction() as session:
        return session.scalar(running) is not None


def _get(import_id: UUID, *, lock: bool = False) -> Import:
    wanted = unscoped(Import, why="the job runs the import that it was started for, whoever did")
    row = db.session.get(wanted, (current_context().organization_id, import_id), with_for_update=lock or None)
    if row is None:
        raise NotFound("import", import_id)
    return row


def _progress_writer(import_id: UUID) -> Callable[[Progress], None]:
    """Shows how far the file is read, once a second, by a connection of its own: the import is not committed yet."""
    organization_id = current_context().organization_id
    last_look = monotonic()

    def write(progress: Progress) -> None:
        nonlocal last_look
        if monotonic() - last_look < _SECONDS_BETWEEN_LOOKS:
            return
        last_look = monotonic()
        percent = round(progress.share * 100)
        row = update(Import).where(Import.organization_id == organization_id, Import.id == import_id)
        with own_transaction() as session:
            session.execute(row.values(rows_total=progress.rows, percent_read=percent))
        job.progress(percent, 100)

    return write


def _in_words(error: BaseException) -> str:
    if isinstance(error, DBAPIError):
        error = translate(error) or error
    if not isinstance(error, DomainError):
        return str(_("Something broke on our side. Nothing was imported; start it again."))
    fields = " ".join(f"{field.message}" for field in error.field_errors if field.message != error.message)
    return f"{error.sentence} {fields}".strip()
