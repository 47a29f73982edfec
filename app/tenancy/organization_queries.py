"""Queries for organizations: find one, lock it while its limits are checked, and read its legal hold."""

from uuid import UUID

from sqlalchemy import func, select

from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import Organization
from app.security.actor import Actor


def find_organization_id(slug: str) -> UUID | None:
    """Return the id of the organization with this URL name, including deleted ones; None if there is none.

    Works before an organization is in the context.
    """
    found: UUID | None = db.session.scalar(select(func.find_organization(slug)))
    return found


def find_slug(organization_id: UUID) -> str | None:
    """Return the URL name of the context's organization, even if it is deleted; None if it was purged."""
    named = select(Organization.slug).where(Organization.id == organization_id)
    return db.session.scalar(named.execution_options(**{INCLUDE_DELETED: True}))


def lock_organization(
    organization_id: UUID, *, with_its_rows: bool = False, include_deleted: bool = False
) -> Organization:
    """Return the organization, locked until the transaction ends.

    Code that counts its users or owners has to wait. Inserting a row that refers to the organization, such as a call,
    doesn't wait, unless `with_its_rows` is set. Raises NotFound.
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
    """Return the organization that `actor` works in."""
    return db.session.get_one(Organization, actor.organization_id)


def is_held(organization_id: UUID) -> bool:
    """Return whether the organization is under legal hold, so that none of its data can be removed."""
    return bool(db.session.scalar(select(Organization.legal_hold).where(Organization.id == organization_id)))


def find_hold_reason(actor: Actor) -> str | None:
    """Return the reason for the legal hold, "" if there is no reason; None without a legal hold."""
    held = select(Organization.legal_hold, Organization.legal_hold_reason).where(
        Organization.id == actor.organization_id
    )
    is_held, reason = db.session.execute(held).one()
    return (reason or "") if is_held else None
