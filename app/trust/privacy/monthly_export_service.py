"""The monthly export of all data of an organization: turned on and off by people, requested by the schedule."""

from app.db.context import current_context
from app.db.ids import uuid7
from app.extensions import db
from app.models import Export, ExportStatus
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.organization_queries import lock_organization
from app.trust.privacy.rules import ORGANIZATION_FILE


def turn_monthly_export(actor: Actor, *, is_on: bool, version: int) -> None:
    """Turn the monthly export on or off. Raises Forbidden and VersionConflict."""
    actor.requires(Permission.ORGANIZATION_EXPORT)
    organization = lock_organization(actor.organization_id)
    if organization.monthly_export == is_on:
        return
    organization.refuse_stale(version, {"monthly_export": organization.monthly_export})
    organization.monthly_export = is_on
    db.session.flush()


def add_monthly_export() -> Export:
    """Store a scheduled export of all data, without audio, for the context's organization."""
    row = Export(
        organization_id=current_context().organization_id,
        id=uuid7(),
        kind=ORGANIZATION_FILE,
        status=ExportStatus.QUEUED,
        filters={},
    )
    db.session.add(row)
    db.session.flush()
    return row
