"""Acceptance of the name or address that a missed caller said, for their contact."""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import Conflict
from app.models import ContactCard, MissedCallEntry
from app.security.actor import Actor
from app.security.rows import get_row
from app.work.contacts import said_service
from app.work.missed_calls.said_queries import find_said


def use_name(actor: Actor, entry_id: UUID, shown: str) -> ContactCard:
    """Give the contact of an entry the name that its caller said, as it was `shown` to the actor.

    Raises NotFound, Forbidden, and Conflict if the entry has no contact, the contact has another name, or the caller
    has said another one since.
    """
    contact_id, said = _contact_of(actor, entry_id), find_said(actor, entry_id).name
    if said is None or said.value != shown:
        raise _said_since()
    return said_service.accept_name(actor, contact_id, said.first, said.last)


def use_address(actor: Actor, entry_id: UUID, shown: str) -> ContactCard:
    """Give the contact of an entry the address that its caller said. Raises the same errors as `use_name`."""
    contact_id, said = _contact_of(actor, entry_id), find_said(actor, entry_id).address
    if said is None or said.value != shown:
        raise _said_since()
    return said_service.accept_address(actor, contact_id, said.value)


def _contact_of(actor: Actor, entry_id: UUID) -> UUID:
    entry = get_row(actor, MissedCallEntry, entry_id, named="missed_call_entry")
    if entry.contact_card_id is None:
        raise Conflict(None, _l("This caller has no contact yet. Add one first."))
    return entry.contact_card_id


def _said_since() -> Conflict:
    return Conflict(None, _l("The caller has left another message since. Check it first."))
