"""Queries for the contact of a record that a panel is shown next to."""

from uuid import UUID

from sqlalchemy import select

from app.declarations.panel import PanelSubject
from app.declarations.registry import registry
from app.errors import NotFound
from app.extensions import db
from app.models import Call, ContactCard, Direction, MissedCallEntry
from app.security.actor import Actor
from app.security.rows import get_row
from app.security.scope import restrict, unscoped, visible_id


def find_panel_contact(actor: Actor, beside: PanelSubject) -> UUID | None:
    """Return the ID of the record's contact, or None if it has none that `actor` can see.

    Raises NotFound if `actor` can't see the record.
    """
    if beside.kind == "contact_card":
        return get_row(actor, ContactCard, beside.id, ContactCard.deleted_at.is_(None), named="contact_card").id
    resource = registry().resources[beside.kind]
    if resource.person is None:
        return None
    theirs = restrict(select(visible_id(resource.person.card, ContactCard, actor)), resource.model, actor)
    row = db.session.execute(theirs.where(resource.model.id == beside.id)).one_or_none()
    if row is None:
        raise NotFound(beside.kind, beside.id)
    found: UUID | None = row[0]
    return found


def find_panel_number(actor: Actor, beside: PanelSubject) -> str | None:
    """Return the other party's number if the record is a call or a missed call, or None.

    None is also returned if the caller withheld the number. Raises NotFound if `actor` can't see the record.
    """
    if beside.kind == "call":
        call = get_row(actor, Call, beside.id, named="call")
        return call.called_number if call.direction == Direction.OUTBOUND else call.caller_number
    if beside.kind != "missed_call_entry":
        return None
    entry = get_row(actor, MissedCallEntry, beside.id, named="missed_call_entry")
    missed = unscoped(
        select(Call.caller_number), why="the caller of an entry is visible to everyone who can see the entry"
    )
    return db.session.scalar(missed.where(Call.organization_id == actor.organization_id, Call.id == entry.call_id))
