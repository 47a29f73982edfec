"""What is left of imports: files that nobody imported, runs that broke off, and after a month what each of them did."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, exists, select

from app.data.imports.outcome_rules import KEPT_DAYS
from app.data.imports.run_service import fail_import
from app.db.context import current_context
from app.errors import Conflict
from app.extensions import db
from app.models import Import, ImportedRow, ImportStatus
from app.security.scope import unscoped
from app.storage import storage

_ABANDONED_DAYS = timedelta(days=7)
# A run tells how far it is every few seconds.
_SILENT_FOR = timedelta(hours=1)


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


def end_abandoned(now: datetime) -> None:
    """End the imports of the context's organization that run and have told nothing for an hour: a command that was
    killed goes on with nothing by itself. What is in stays, and they can go on."""
    silent = unscoped(select(Import.id), why="the clean-up looks after all imports of the organization").where(
        Import.organization_id == current_context().organization_id,
        Import.status == ImportStatus.RUNNING,
        Import.updated_at < now - _SILENT_FOR,
    )
    for import_id in db.session.scalars(silent.order_by(Import.id)).all():
        fail_import(import_id, Conflict(None, _l("It broke off, and nothing has gone on with it for an hour.")))


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
