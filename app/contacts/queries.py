"""Reading contact cards."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from app.models import ContactCard, ContactPhone
from app.security.actor import Actor


def contacts_found_by(beginning: str, actor: Actor) -> Select[UUID]:
    """Ids of the organization's cards whose name begins so; to narrow a list, not to show them.

    A range instead of LIKE: only comparisons may use an index under row-level security.
    """
    name = func.lower(ContactCard.full_name)
    return select(ContactCard.id).where(
        ContactCard.organization_id == actor.organization_id,
        ContactCard.deleted_at.is_(None),
        _begins(name, beginning.lower()),
    )


def contact_with_number(number: str, actor: Actor) -> Select[UUID]:
    """Id of the one card that a number (E.164) finds, or no row."""
    return select(ContactPhone.contact_card_id).where(
        ContactPhone.organization_id == actor.organization_id,
        ContactPhone.phone == number,
        ContactPhone.deleted_at.is_(None),
    )


def _begins(column: ColumnElement[Any], beginning: str) -> ColumnElement[bool]:
    return (column >= beginning) & (column < beginning + "\U0010ffff")
