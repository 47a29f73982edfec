"""Names and addresses that callers said, which become a contact's once a person accepts them."""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import Conflict
from app.extensions import db
from app.models import ContactCard
from app.security.actor import Actor
from app.work.contacts.rules import MAX_ADDRESS_LINE_LENGTH, MAX_NAME_LENGTH
from app.work.contacts.service import get_contact_to_change


def accept_name(actor: Actor, contact_id: UUID, first: str, last: str) -> ContactCard:
    """Give a contact without a name this one.

    Raises NotFound, Forbidden, and Conflict for a contact with another name, which is never replaced.
    """
    contact = get_contact_to_change(actor, contact_id, lock=True)
    values = (first[:MAX_NAME_LENGTH], last[:MAX_NAME_LENGTH])
    if contact.full_name and (contact.first_name or "", contact.last_name or "") != values:
        raise Conflict(None, _l("This contact is already named %(name)s. Edit the contact.", name=contact.full_name))
    contact.first_name, contact.last_name = (value or None for value in values)
    db.session.flush()
    return contact


def accept_address(actor: Actor, contact_id: UUID, address: str) -> ContactCard:
    """Give a contact without an address this one. Raises the same errors as `accept_name`."""
    contact = get_contact_to_change(actor, contact_id, lock=True)
    value = address[:MAX_ADDRESS_LINE_LENGTH]
    stored = contact.address_line_1
    if stored and stored != value:
        raise Conflict(None, _l("This contact already has the address %(address)s. Edit the contact.", address=stored))
    contact.address_line_1 = value
    db.session.flush()
    return contact
