"""Clean-up of imports: abandoned uploads, interrupted runs, and the row records of old imports."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, exists, select

from app.data.imports.outcome_rules import UNDO_PERIOD
from app.data.imports.run_service import fail_import
from app.db.context import current_context
from app.errors import Conflict
from app.extensions import db
from app.models import Import, ImportedRow, ImportStatus
from app.security.scope import unscoped
from app.storage import storage

_ABANDONED_DAYS = timedelta(days=7)
# A running import updates its progress every few seconds.
_SILENT_FOR = timedelta(hours=1)


def delete_abandoned(now: datetime) -> None:
    """Delete the organization's uploads not started or changed for a week, with their files.

    The files are deleted before the commit: if the commit fails, the next run finds the rows again and their files
    already gone.
    """
    keys = db.session.scalars(
        delete(Import)
        .where(
            Import.organization_id == current_context().organization_id,
            Import.status == ImportStatus.UPLOADED,
            Import.updated_at < now - _ABANDONED_DAYS,
        )
        .returning(Import.storage_key)
    )
    for key in keys.all():
        storage().delete(key)


def end_abandoned(now: datetime) -> None:
    """Mark the organization's running imports that have made no progress for an hour as failed.

    A command that was killed never resumes by itself. Records imported so far stay, and the import can be resumed.
    """
    silent = unscoped(select(Import.id), why="the cleanup job covers all imports of the organization").where(
        Import.organization_id == current_context().organization_id,
        Import.status == ImportStatus.RUNNING,
        Import.updated_at < now - _SILENT_FOR,
    )
    for import_id in db.session.scalars(silent.order_by(Import.id)).all():
        fail_import(import_id, Conflict(None, _l("The import was interrupted and didn’t resume within an hour.")))


def forget_rows(now: datetime) -> None:
    """Delete the `import_rows` of the organization's imports that ended more than 30 days ago.

    They list the records that an import created or changed, and are only needed to undo it.
    """
    organization_id = current_context().organization_id
    of_old = unscoped(
        exists().where(
            Import.organization_id == organization_id,
            Import.id == ImportedRow.import_id,
            Import.finished_at < now - UNDO_PERIOD,
        ),
        why="the cleanup job covers all imports of the organization",
    )
    db.session.execute(delete(ImportedRow).where(ImportedRow.organization_id == organization_id, of_old))
