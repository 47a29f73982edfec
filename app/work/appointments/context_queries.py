"""Queries for the source of a booking: a contact, a call, an entry of the missed-call queue or a lead.

Each must be in the actor's scope. People who work the queue can book for the caller of an entry even if they don't see
that contact yet.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select

from app.errors import NotFound
from app.extensions import db
from app.models import Call, CallAnalysis, ContactCard, ContactPhone, Direction, Lead, MissedCallEntry
from app.phones import to_e164
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.recording_access import may_hear_condition
from app.security.rows import get_row
from app.security.scope import restrict, unscoped, visible
from app.work.contacts.queries import is_of_contact

#: Most contacts offered while a name is typed.
MAX_FOUND = 8


@dataclass(frozen=True, slots=True)
class About:
    """Ids of the records that a booking's URL or form names; None for each kind that it doesn't name."""

    contact_id: UUID | None = None
    call_id: UUID | None = None
    entry_id: UUID | None = None
    lead_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BookingContext:
    """The records that a booking is about.

    `card` is None if the person has no contact yet; their `number` (E.164) may still be known. `topic` is the subject
    of the call.
    """

    card: ContactCard | None
    call: Call | None
    entry: MissedCallEntry | None
    lead: Lead | None
    number: str | None
    topic: str | None

    @property
    def source_call_id(self) -> UUID | None:
        """Id of the call that the booking is attributed to."""
        return self.call.id if self.call else self.entry.call_id if self.entry else None


def get_context(actor: Actor, about: About) -> BookingContext:
    """Return the records that `about` names.

    Raises NotFound if `actor` can't see one of them, or if they belong to different contacts, and Forbidden for an
    entry if `actor` can't read missed calls.
    """
    call = get_row(actor, Call, about.call_id, named="call") if about.call_id else None
    entry = None
    if about.entry_id is not None:
        actor.requires(Permission.MISSED_CALLS_READ)
        entry = get_row(actor, MissedCallEntry, about.entry_id, named="missed_call_entry")
    lead = get_row(actor, Lead, about.lead_id, named="lead") if about.lead_id else None
    told = call or (_missed_call(actor, entry) if entry else None)
    return BookingContext(
        card=_card_of(actor, about.contact_id, [one for one in (call, entry, lead) if one is not None]),
        call=call,
        entry=entry,
        lead=lead,
        number=_number_of(told) if told else None,
        topic=told.topic if told else None,
    )


def find_summary(actor: Actor, call: Call) -> str | None:
    """Return the summary of the call's analysis, or None if there is none that `actor` can read."""
    is_heard = visible(Call, actor).where(Call.id == call.id, may_hear_condition(actor))
    if db.session.scalar(is_heard) is None:
        return None
    analysis = restrict(select(CallAnalysis.summary), CallAnalysis, actor)
    return db.session.scalar(analysis.where(CallAnalysis.call_id == call.id))


def find_people(actor: Actor, typed: str) -> list[ContactCard]:
    """Return the first MAX_FOUND contacts in the scope that match the typed text, ordered by name.

    Returns an empty list if no text was typed.
    """
    if not typed.strip():
        return []
    cards = visible(ContactCard, actor).where(
        ContactCard.deleted_at.is_(None), is_of_contact(ContactCard.id, typed.strip())
    )
    return list(db.session.scalars(cards.order_by(ContactCard.name_key, ContactCard.id).limit(MAX_FOUND)))


def find_card_by_number(actor: Actor, number: str) -> ContactCard | None:
    """Return the contact with exactly this number (E.164), or None.

    Everyone who can write contacts can look up a number, whatever their scope.
    """
    actor.requires(Permission.CONTACTS_WRITE)
    holder = unscoped(select(ContactCard), why="users who can write contacts can look up any exact number")
    return db.session.scalar(
        holder.join(
            ContactPhone,
            (ContactPhone.organization_id == ContactCard.organization_id)
            & (ContactPhone.contact_card_id == ContactCard.id),
        ).where(
            ContactCard.organization_id == actor.organization_id,
            ContactPhone.phone == number,
            ContactPhone.deleted_at.is_(None),
            ContactCard.deleted_at.is_(None),
        )
    )


def find_known(actor: Actor, number: str, name: str = "") -> list[ContactCard]:
    """Return the contacts that have this number (E.164), up to MAX_FOUND; with `name`, only those with this name too.

    Family members can share a number. Everyone who can write contacts can look up a number, whatever their scope.
    """
    actor.requires(Permission.CONTACTS_WRITE)
    holds_it = unscoped(select(ContactPhone.contact_card_id), why="finds contacts by an exact number").where(
        ContactPhone.organization_id == actor.organization_id,
        ContactPhone.phone == number,
        ContactPhone.deleted_at.is_(None),
    )
    known = unscoped(select(ContactCard), why="users who can write contacts can look up any exact number").where(
        ContactCard.organization_id == actor.organization_id,
        or_(ContactCard.primary_phone == number, ContactCard.id.in_(holds_it)),
        ContactCard.deleted_at.is_(None),
    )
    if name:
        known = known.where(ContactCard.name_key == func.lower(name))
    return list(db.session.scalars(known.order_by(ContactCard.name_key, ContactCard.id).limit(MAX_FOUND)))


def number_of(actor: Actor, context: BookingContext, typed: str | None) -> str | None:
    """Return the number (E.164) of the person who is booked: the typed one, or else that of the contact or the call."""
    known = context.number or (context.card.primary_phone if context.card else None)
    return to_e164(typed or known or "", actor.country)


def is_nameless(card: ContactCard) -> bool:
    """Return whether a contact has neither a person's name nor a company's."""
    return not (card.full_name or card.company_name)


def _card_of(actor: Actor, contact_id: UUID | None, sources: list[Call | MissedCallEntry | Lead]) -> ContactCard | None:
    named = {one.contact_card_id for one in sources if one.contact_card_id is not None}
    if contact_id is not None and contact_id not in named:
        get_row(actor, ContactCard, contact_id, ContactCard.deleted_at.is_(None), named="contact_card")
        named.add(contact_id)
    if len(named) > 1:
        raise NotFound("contact_card", contact_id)
    if not named:
        return None
    theirs = unscoped(select(ContactCard), why="a contact is visible to everyone who can see its call, entry or lead")
    return db.session.scalar(
        theirs.where(
            ContactCard.organization_id == actor.organization_id,
            ContactCard.id == named.pop(),
            ContactCard.deleted_at.is_(None),
        )
    )


def _missed_call(actor: Actor, entry: MissedCallEntry) -> Call | None:
    missed = unscoped(select(Call), why="the call of an entry is visible to everyone who can see the entry")
    return db.session.scalar(missed.where(Call.organization_id == actor.organization_id, Call.id == entry.call_id))


def _number_of(call: Call) -> str | None:
    return call.called_number if call.direction == Direction.OUTBOUND else call.caller_number
