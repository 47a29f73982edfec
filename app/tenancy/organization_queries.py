"""Finding an organization, holding it while its numbers are checked, and whether its data is held."""

from uuid import UUID

from sqlalchemy import func, select

from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import Organization
from app.security.actor import Actor


def find_organization_id(slug: str) -> UUID | None:
    """The organization of this short name, deleted ones included; works before any organization is in the context."""
    found: UUID | None = db.session.scalar(select(func.find_organization(slug)))
    return found


def find_slug(organization_id: UUID) -> str | None:
    """The short name of the organization in the context, also of a deleted one; None when it was purged."""
    named = select(Organization.slug).where(Organization.id == organization_id)
    return db.session.scalar(named.execution_options(**{INCLUDE_DELETED: True}))


def lock_organization(
    organization_id: UUID, *, with_its_rows: bool = False, include_deleted: bool = False
) -> Organization:
    """The organization, held until the transaction ends: whoever counts its people or owners waits for the other.

    New calls do not wait, unless `with_its_rows`: then nothing new comes that refers to it. Raises NotFound.
    """
    locked = (
        select(Organization)
        .where(Organization.id == organization_id)
        .with_for_update(key_share=not with_its_rows)
        .execution_options(populate_existing=True, **{INCLUDE_DELETED: include_deleted})
    )
    organization = db.session.scalar(locked)
    if organization is None:
        raise NotFound("organization", organization_id)
    return organization


def get_own_organization(actor: Actor) -> Organization:
    """The organization that `actor` works in."""
    return db.session.get_one(Organization, actor.organization_id)


def is_held(organization_id: UUID) -> bool:
    """Whether nothing of the organization may be removed."""
    return bool(db.session.scalar(select(Organization.legal_hold).where(Organization.id == organization_id)))


def find_hold_reason(actor: Actor) -> str | None:
    """Why nothing may be erased now; None while the organization’s data is not held, "" where nobody said why."""
    held = select(Organization.legal_hold, Organization.legal_hold_reason).where(
        Organization.id == actor.organization_id
    )
    is_held, reason = db.session.execute(held).one()
    return (reason or "") if is_held else None
