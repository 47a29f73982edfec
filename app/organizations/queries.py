"""Finding an organization, and holding it while its numbers are checked."""

from uuid import UUID

from sqlalchemy import func, select

from app.errors import NotFound
from app.extensions import db
from app.models import Organization


def find_organization_id(slug: str) -> UUID | None:
    """The organization of this short name, deleted ones included; works before any organization is in the context."""
    found: UUID | None = db.session.scalar(select(func.find_organization(slug)))
    return found


def lock_organization(organization_id: UUID) -> Organization:
    """The organization, held until the transaction ends: whoever counts its people or owners waits for the other.

    New calls do not wait. Raises NotFound.
    """
    locked = (
        select(Organization)
        .where(Organization.id == organization_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    organization = db.session.scalar(locked)
    if organization is None:
        raise NotFound("organization", organization_id)
    return organization
