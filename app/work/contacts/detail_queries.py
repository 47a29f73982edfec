"""Queries for one contact with its numbers and notes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.extensions import db
from app.models import ContactCard, ContactNote, ContactPhone
from app.security import own_rows
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import find_row, get_row
from app.security.scope import unscoped


def get_contact(actor: Actor, contact_id: UUID, *, lock: bool = False) -> ContactCard:
    """Return the contact. Raises NotFound if it doesn't exist for `actor`.

    With `lock`, the row is locked until the end of the transaction and read again.
    """
    return get_row(actor, ContactCard, contact_id, named="contact_card", lock=lock)


def may_change_contact(actor: Actor, contact_id: UUID) -> bool:
    """Return whether `actor` can change a contact that they see: any, or one of their own work."""
    if not actor.may(Permission.CONTACTS_WRITE):
        return False
    return actor.sees_all(Permission.CONTACTS_WRITE) or (
        find_row(actor, ContactCard, contact_id, own_rows.contacts(actor)) is not None
    )


def list_numbers(contact: ContactCard) -> Sequence[str]:
    """Return the numbers (E.164) of a contact: the main one, then the others in the order they were added."""
    numbers = unscoped(select(ContactPhone.phone), why="numbers of a contact that is already scoped")
    of_contact = numbers.where(
        ContactPhone.organization_id == contact.organization_id, ContactPhone.contact_card_id == contact.id
    )
    is_other = ContactPhone.phone != (contact.primary_phone or "")
    return db.session.scalars(of_contact.order_by(is_other, ContactPhone.created_at, ContactPhone.id)).all()


def get_note(actor: Actor, note_id: UUID) -> ContactNote:
    """Return a note about a contact. Raises NotFound."""
    return get_row(actor, ContactNote, note_id, named="contact_note")
