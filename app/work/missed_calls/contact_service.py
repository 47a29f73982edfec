"""Assignment of a new contact to the missed call next to which it was created."""

from sqlalchemy import select

from app.declarations.events import ContactAdded
from app.extensions import db
from app.models import Call, MissedCallEntry
from app.security.permissions import Permission
from app.security.rows import find_row, held
from app.security.scope import unscoped


def name_missed_caller(event: ContactAdded) -> None:
    """Assign the new contact to the entry, unless the entry already has a contact.

    The entry's call also gets the contact unless it has one. Does nothing if the user can't work the queue.
    """
    actor = event.actor
    if event.beside.kind != "missed_call_entry" or not actor.may(Permission.MISSED_CALLS_WORK):
        return
    entry = find_row(actor, MissedCallEntry, event.beside.id, lock=True)
    if entry is None or entry.contact_card_id is not None:
        return
    entry.contact_card_id = event.contact_id
    missed = unscoped(select(Call), why="the call of an entry that is already scoped")
    of_entry = missed.where(Call.organization_id == actor.organization_id, Call.id == entry.call_id)
    call = db.session.scalar(held(of_entry))
    if call is not None and call.contact_card_id is None:
        call.contact_card_id = event.contact_id
