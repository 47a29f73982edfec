"""What is not kept of imports: files that nobody imported, and after a month what each of them did."""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists

from app.data.imports.outcome_rules import KEPT_DAYS
from app.db.context import current_context
from app.extensions import db
from app.models import Import, ImportedRow, ImportStatus
from app.security.scope import unscoped
from app.storage import storage

_ABANDONED_DAYS = timedelta(days=7)


def delete_abandoned(now: datetime) -> None:
    """Delete the uploads of the context's organization that were not started within a week, with their files.

    The files go before the commit: should that fail, the next run finds the rows again and no file to delete.
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


def forget_rows(now: datetime) -> None:
    """Delete what the imports of the context's organization made and changed that ended long enough ago."""
    organization_id = current_context().organization_id
    of_old = unscoped(
        exists().where(
            Import.organization_id == organization_id,
            Import.id == ImportedRow.import_id,
            Import.finished_at < now - KEPT_DAYS,
        ),
        why="the clean-up looks after all imports of the organization",
    )
    db.session.execute(delete(ImportedRow).where(ImportedRow.organization_id == organization_id, of_old))
