"""The newest export of all data of an organization, for everyone who may export all of it."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.audit.actions import Action
from app.audit.record import record_apart
from app.errors import NotFound
from app.extensions import db
from app.models import Export, ExportStatus
from app.security.actor import Actor
from app.security.confirmation import require_confirmation_for
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.trust.privacy.rules import ORGANIZATION_FILE

_NONE_YET = _l(
    "There’s no export of all data. Request one at POST /api/v1/exports with the kind “organization”, and try again "
    "when it’s completed."
)


def find_newest_export(actor: Actor) -> Export | None:
    """Return the newest export whose file exists, whoever requested it. Raises Forbidden."""
    actor.requires(Permission.ORGANIZATION_EXPORT)
    newest = (
        unscoped(select(Export), why="whoever may export all data gets the newest file, whoever requested it")
        .where(Export.organization_id == actor.organization_id, Export.kind == ORGANIZATION_FILE)
        .where(Export.status == ExportStatus.COMPLETED, Export.expires_at > datetime.now(UTC))
        .order_by(Export.finished_at.desc(), Export.id.desc())
        .limit(1)
    )
    return db.session.scalar(newest)


def take_newest_export(actor: Actor) -> Export:
    """Return the newest export whose file exists, and record the download in the audit trail.

    Raises Forbidden, ReauthenticationRequired, and NotFound if there is none.
    """
    require_confirmation_for(actor, Permission.ORGANIZATION_EXPORT)
    row = find_newest_export(actor)
    if row is None:
        raise NotFound("export", None, _NONE_YET)
    record_apart(Action.EXPORT_DOWNLOADED, "export", row.id, {"kind": row.kind, "rows": row.row_count})
    return row
