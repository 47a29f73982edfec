"""Reading contact cards."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.models import ContactCard, ContactPhone
from app.security.actor import Actor
from app.security.scope import unscoped


def contacts_found_by(beginning: str, actor: Actor) -> Select[UUID]:
    """Ids of the organization's cards whose person or company begins so; to narrow a list, not to show them.

    A range instead of LIKE: only comparisons may use an index under row-level security.
    """
    beginning = beginning.lower()
    company = func.lower(ContactCard.company_name)
    found = unscoped(select(ContactCard.id), why="narrows a list that is scoped itself, and shows no card")
    return found.where(
        ContactCard.organization_id == actor.organization_id,
        ContactCard.deleted_at.is_(None),
        or_(
            _begins(func.lower(ContactCard.full_name), beginning),
            # The index of companies has only those that are some.
            and_(_begins(company, beginning), ContactCard.company_name != ""),
        ),
    )


def contact_with_number(number: str, actor: Actor) -> Select[UUID]:
    """Id of the one card that a number (E.164) finds, or no row."""
    found = unscoped(
        select(ContactPhone.contact_card_id), why="narrows what is scoped itself; who erases may erase every card"
    )
    return found.where(
        ContactPhone.organization_id == actor.organization_id,
        ContactPhone.phone == number,
        ContactPhone.deleted_at.is_(None),
    )


def _begins(column: ColumnElement[Any], beginning: str) -> ColumnElement[bool]:
    return (column >= beginning) & (column < beginning + "\U0010ffff")
