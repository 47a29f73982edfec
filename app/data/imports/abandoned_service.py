"""Files that somebody uploaded and never imported."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from app.db.context import current_context
from app.extensions import db
from app.models import Import, ImportStatus
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
