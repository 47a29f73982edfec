"""Exact lookup of the contact that has a number.

It is available to everyone who can write contacts, regardless of which contacts they can see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.extensions import db
from app.models import ContactCard, ContactPhone
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import unscoped, visible_id
from app.work.contacts.list_queries import last_call_at


@dataclass(frozen=True, slots=True)
class Holder:
    """Contact found by a number: only its name and last call. `id` is set if the contact is in the actor's scope."""

    number: str
    name: str | None
    last_call_at: datetime | None
    id: UUID | None


def find_holders(actor: Actor, numbers: Sequence[str], *, besides: UUID | None = None) -> Sequence[Holder]:
    """Return the contacts with these numbers (E.164), in the order of the numbers, except `besides`.

    Raises Forbidden.
    """
    actor.requires(Permission.CONTACTS_WRITE)
    found = unscoped(
        select(
            ContactPhone.phone,
            ContactCard.display_name,
            last_call_at().label("last_call_at"),
            visible_id(ContactPhone.contact_card_id, ContactCard, actor).label("seen_id"),
        ),
        why="users who can write contacts can look up the name and last call of any number",
    )
    of_organization = found.join(ContactCard, refers_to(ContactCard, ContactPhone, ContactPhone.contact_card_id)).where(
        ContactPhone.organization_id == actor.organization_id, is_any_of(ContactPhone.phone, numbers)
    )
    if besides is not None:
        of_organization = of_organization.where(ContactCard.id != besides)
    rows = {row.phone: Holder(*row) for row in db.session.execute(of_organization)}
    return [rows[number] for number in numbers if number in rows]


def numbers_of_contacts(organization_id: UUID, numbers: Sequence[str]) -> frozenset[str]:
    """Return those of these numbers (E.164) that contacts of the organization have."""
    phones = unscoped(select(ContactPhone.phone), why="a file's numbers are looked up, whoever sees the contacts")
    of_contacts = phones.where(
        ContactPhone.organization_id == organization_id,
        ContactPhone.deleted_at.is_(None),
        is_any_of(ContactPhone.phone, numbers),
    )
    return frozenset(db.session.scalars(of_contacts))
