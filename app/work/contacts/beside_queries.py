"""Whose page somebody is on: the contact of a record that a panel stands beside."""

from uuid import UUID

from sqlalchemy import select

from app.declarations.panel import Beside
from app.declarations.registry import registry
from app.errors import NotFound
from app.extensions import db
from app.models import Call, ContactCard, Direction, MissedCallEntry
from app.security.actor import Actor
from app.security.rows import get_row
from app.security.scope import restrict, unscoped, visible_id


def find_contact_beside(actor: Actor, beside: Beside) -> UUID | None:
    """The contact whom the record is about; None where it is about none that `actor` may see. Raises NotFound for a
    record that `actor` may not see."""
    if beside.kind == "contact_card":
        return get_row(actor, ContactCard, beside.id, ContactCard.deleted_at.is_(None), named="contact").id
    resource = registry().resources[beside.kind]
    if resource.person is None:
        return None
    theirs = restrict(select(visible_id(resource.person.card, ContactCard, actor)), resource.model, actor)
    row = db.session.execute(theirs.where(resource.model.id == beside.id)).one_or_none()
    if row is None:
        raise NotFound(beside.kind, beside.id)
    found: UUID | None = row[0]
    return found


def find_number_beside(actor: Actor, beside: Beside) -> str | None:
    """The number of whom the record is about, where it is a call or a caller who was missed; None: it is withheld."""
    if beside.kind == "call":
        call = get_row(actor, Call, beside.id, named="call")
        return call.called_number if call.direction == Direction.OUTBOUND else call.caller_number
    if beside.kind != "missed_call_entry":
        return None
    entry = get_row(actor, MissedCallEntry, beside.id, named="missed_call_entry")
    missed = unscoped(select(Call.caller_number), why="whoever sees an entry of the queue sees who called")
    return db.session.scalar(missed.where(Call.organization_id == actor.organization_id, Call.id == entry.call_id))
