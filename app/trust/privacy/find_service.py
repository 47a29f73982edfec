"""Finding a person by a number in any notation, an email address, a name, or the id of their contact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from app.audit.actions import Action
from app.audit.record import record_apart
from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.models import Call, ContactCard, ContactPhone, Direction, Message
from app.phones import to_e164
from app.security.actor import Actor
from app.security.scope import restrict, unscoped
from app.trust.privacy.match_queries import cards_named, cards_with_email, messages_with_address

MAX_FOUND = 50
_MAX_COUNTED = 1_000

_CARD = select(
    ContactCard.id,
    ContactCard.display_name,
    ContactCard.primary_phone,
    ContactCard.email,
    ContactCard.deleted_at,
    ContactCard.created_at,
)


class Clue(StrEnum):
    """The kind of information used to find a person."""

    ID = "id"
    EMAIL = "email"
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Uncarded:
    """Counts of calls and messages without a contact for a number or an address, each up to 1,000."""

    calls: int
    messages: int
    last_at: datetime | None

    def __bool__(self) -> bool:
        return bool(self.calls or self.messages)


@dataclass(frozen=True, slots=True)
class Found:
    """The interpreted query and its results; `value` is the normalized search value."""

    clue: Clue
    value: str
    cards: Sequence[Row[Any]]
    uncarded: Uncarded | None


def find_people(actor: Actor, text: str) -> Found:
    """Return the matching contacts, including deleted ones, and calls and messages without a contact.

    Calls and messages are only counted for a number or an email address. The trail records that a search was made, but
    not for whom.
    """
    clue, value = understand(text, actor.country)
    cards = db.session.execute(_cards(actor, clue, value)).all()
    uncarded = _uncarded(actor, clue, value) if clue in (Clue.NUMBER, Clue.EMAIL) else None
    record_apart(Action.PEOPLE_SEARCHED, "contact_card", metadata={"by": clue.value, "found": len(cards)})
    return Found(clue, value, cards, uncarded)


def understand(text: str, country: str) -> tuple[Clue, str]:
    """Return the kind of clue that `text` is, and the value in its stored form."""
    text = text.strip()
    try:
        return Clue.ID, str(UUID(text))
    except ValueError:
        pass
    if "@" in text:
        return Clue.EMAIL, text.lower()
    number = to_e164(text, country) if any(letter.isdigit() for letter in text) else None
    return (Clue.NUMBER, number) if number else (Clue.NAME, text.lower())


def _cards(actor: Actor, clue: Clue, value: str) -> Select[*tuple[Any, ...]]:
    conditions: dict[Clue, ColumnElement[bool]] = {
        Clue.EMAIL: ContactCard.id.in_(cards_with_email([value])),
        Clue.NUMBER: ContactCard.id.in_(
            unscoped(
                select(ContactPhone.contact_card_id), why="filters cards that are scoped; no number is returned"
            ).where(ContactPhone.organization_id == actor.organization_id, ContactPhone.phone == value)
        ),
        Clue.NAME: ContactCard.id.in_(cards_named(value, MAX_FOUND)),
    }
    condition = ContactCard.id == UUID(value) if clue is Clue.ID else conditions[clue]
    found = restrict(_CARD, ContactCard, actor).where(condition)
    ordered = found.order_by(func.lower(ContactCard.full_name), ContactCard.id).limit(MAX_FOUND)
    return ordered.execution_options(**{INCLUDE_DELETED: True})


def _uncarded(actor: Actor, clue: Clue, value: str) -> Uncarded:
    called = or_(
        Call.caller_number == value,
        (Call.direction == Direction.OUTBOUND) & (Call.called_number == value),
    )
    calls = restrict(select(Call.started_at.label("at")), Call, actor).where(Call.contact_card_id.is_(None), called)
    messages = restrict(select(Message.created_at.label("at")), Message, actor).where(
        Message.contact_card_id.is_(None), Message.receiver_id.is_(None), Message.id.in_(messages_with_address([value]))
    )
    call_count, last_call = _count(calls) if clue is Clue.NUMBER else (0, None)
    message_count, last_message = _count(messages)
    moments = [moment for moment in (last_call, last_message) if moment is not None]
    return Uncarded(call_count, message_count, max(moments, default=None))


def _count(rows: Select[Any]) -> tuple[int, datetime | None]:
    some = rows.limit(_MAX_COUNTED).subquery()
    number, last = db.session.execute(select(func.count(), func.max(some.c.at))).one()
    return number, last
