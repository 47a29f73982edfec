"""Assignment of a contact to the call next to which it was created."""

from app.declarations.events import ContactAdded
from app.models import Call
from app.security.permissions import Permission
from app.security.rows import find_row
from app.work.calls import rules


def name_caller(event: ContactAdded) -> None:
    """Assign the new contact to the call, unless the call has a contact or the user can't change it."""
    if event.beside.kind != "call":
        return
    call = find_row(event.actor, Call, event.beside.id, lock=True)
    if call is None or call.contact_card_id is not None:
        return
    if rules.may_change(call, event.actor, Permission.CALLS_UPDATE):
        call.contact_card_id = event.contact_id
