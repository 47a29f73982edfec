"""Traces of a person: their contact, their own numbers and addresses, and the ids of rows about them.

Numbers, addresses (of email and of streets) and names that another contact also has are not among them.
"""

from collections.abc import Sequence
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, Uuid, func, or_, select

from app.db.paging import AnySession
from app.declarations.personal import PersonalDataMatches, among
from app.errors import NotFound
from app.models import (
    Appointment,
    Base,
    Call,
    ContactCard,
    ContactPhone,
    Lead,
    Message,
    MissedCallEntry,
    RecordingSession,
)
from app.security.scope import unscoped
from app.storage import is_key
from app.trust.privacy.address_queries import distinguishing_addresses
from app.trust.privacy.inventory import places

Columns = TypeVarTuple("Columns")

_CARDS: Table = Base.metadata.tables[ContactCard.__tablename__]
_PHONES: Table = Base.metadata.tables[ContactPhone.__tablename__]
_CALLS: Table = Base.metadata.tables[Call.__tablename__]
_APPOINTMENTS: Table = Base.metadata.tables[Appointment.__tablename__]
_RECORDINGS: Table = Base.metadata.tables[RecordingSession.__tablename__]
_ENTRIES: Table = Base.metadata.tables[MissedCallEntry.__tablename__]
_LEADS: Table = Base.metadata.tables[Lead.__tablename__]
_MESSAGES: Table = Base.metadata.tables[Message.__tablename__]


#: Names are sorted, so exact matches come first.
_MAX_NAMESAKES = 100


def find_matches(
    session: AnySession, organization_id: UUID, card_id: UUID, *, limit: int | None = None
) -> PersonalDataMatches:
    """Return everything that identifies rows about the person whose contact has the id `card_id`.

    Deleted contacts and rows are included. With `limit`, each query for rows returns at most that many, and an address
    that others have only in their appointments isn't told apart, since a page can't wait for that. Raises NotFound.
    """
    card = session.execute(
        _all(select(_CARDS)).where(_CARDS.c.organization_id == organization_id, _CARDS.c.id == card_id)
    ).one_or_none()
    if card is None:
        raise NotFound("contact", card_id)
    finder = _Finder(session, organization_id, card_id, limit)
    numbers = finder.numbers(card.primary_phone)
    emails = [card.email.lower()] if card.email and not finder.others(cards_with_email([card.email.lower()])) else []
    names = _names(finder, card.first_name, card.last_name, card.full_name)
    addresses = distinguishing_addresses(session, organization_id, card_id, with_appointments=limit is None)
    appointments = finder.ids(_APPOINTMENTS, _APPOINTMENTS.c.contact_card_id == card_id)
    calls = finder.calls(numbers, appointments)
    return PersonalDataMatches(
        organization_id,
        card_id,
        numbers=numbers,
        emails=emails,
        names=names,
        addresses=addresses,
        calls=calls,
        leads=finder.ids(_LEADS, _LEADS.c.contact_card_id == card_id),
        appointments=appointments,
        recordings=finder.ids(_RECORDINGS, among(_RECORDINGS.c.appointment_id, appointments)),
        entries=finder.ids(_ENTRIES, or_(_ENTRIES.c.contact_card_id == card_id, among(_ENTRIES.c.call_id, calls))),
        messages=finder.messages([*numbers, *emails], appointments),
        provider_ids=finder.provider_ids(calls),
    )


def audio_keys(session: AnySession, traces: PersonalDataMatches) -> list[str]:
    """Return the keys of the audio of the person's calls and appointments."""
    keys: set[str] = set()
    for place in places():
        if place.files is not None and place.withheld is None:
            found = _all(select(place.source.c[place.files])).where(place.condition(traces))
            keys |= {key for key in session.scalars(found) if key and is_key(key)}
    return sorted(keys)


def cards_with_email(addresses: Sequence[str]) -> Select[UUID]:
    """Select the ids of contacts, including deleted ones, with one of these (lowercase) addresses."""
    return select(func.contact_cards_with_email(list(addresses), type_=Uuid()).label("id"))


def cards_named(beginning: str, most: int) -> Select[UUID]:
    """Select the ids of up to `most` contacts, deleted or not, whose full name starts with `beginning`.

    The beginning must be in lowercase.
    """
    return select(func.contact_cards_named(beginning, most, type_=Uuid()).label("id"))


def messages_with_address(addresses: Sequence[str]) -> Select[UUID]:
    """Select the ids of messages to or from one of these numbers or (lowercase) addresses."""
    return select(func.messages_with_address(list(addresses), type_=Uuid()).label("id"))


def _all(rows: Select[*Columns]) -> Select[*Columns]:
    return unscoped(rows, why="an erasure must find all data about the person, regardless of record scope")


def _names(finder: "_Finder", first: str | None, last: str | None, full: str) -> list[str]:
    """Return the full name, in a list, if it has both parts and no one else has it; else an empty list."""
    if not (first and last):
        return []
    namesakes = cards_named(full.lower(), _MAX_NAMESAKES)
    return [] if finder.others(namesakes, func.lower(_CARDS.c.full_name) == full.lower()) else [full]


class _Finder:
    """Queries for the traces of one person, one method for each kind of trace."""

    def __init__(self, session: AnySession, organization_id: UUID, card_id: UUID, limit: int | None) -> None:
        self._session, self._organization_id = session, organization_id
        self._card_id, self._limit = card_id, limit

    def ids(self, table: Table, condition: ColumnElement[bool]) -> Sequence[UUID]:
        """Return the ids of the rows that match `condition`."""
        found = _all(select(table.c.id)).where(table.c.organization_id == self._organization_id, condition)
        return self._session.scalars(found.limit(self._limit)).all()

    def numbers(self, primary_phone: str | None) -> list[str]:
        """Return the numbers of the contact, including removed ones, that no other contact has now."""
        own = _all(select(_PHONES.c.phone)).where(
            _PHONES.c.organization_id == self._organization_id, _PHONES.c.contact_card_id == self._card_id
        )
        had = {*self._session.scalars(own), *([primary_phone] if primary_phone else [])}
        others = _all(select(_PHONES.c.phone)).where(
            _PHONES.c.organization_id == self._organization_id,
            among(_PHONES.c.phone, had),
            _PHONES.c.contact_card_id != self._card_id,
            _PHONES.c.deleted_at.is_(None),
        )
        return sorted(had - set(self._session.scalars(others)))

    def others(self, cards: Select[UUID], *conditions: ColumnElement[bool]) -> bool:
        """Return whether one of `cards` is another contact, not deleted, that meets the conditions."""
        found = _all(select(_CARDS.c.id)).where(
            _CARDS.c.organization_id == self._organization_id,
            _CARDS.c.id.in_(cards),
            _CARDS.c.id != self._card_id,
            _CARDS.c.deleted_at.is_(None),
            *conditions,
        )
        return self._session.scalar(found.limit(1)) is not None

    def calls(self, numbers: Sequence[str], appointments: Sequence[UUID]) -> Sequence[UUID]:
        """Return the ids of the calls of the contact, of its numbers, and of its recorded appointments.

        A call of one of the numbers is included only if it has no contact.
        """
        recorded = _all(select(_RECORDINGS.c.call_id)).where(
            _RECORDINGS.c.organization_id == self._organization_id,
            among(_RECORDINGS.c.appointment_id, appointments),
            _RECORDINGS.c.call_id.is_not(None),
        )
        of_the_card = self.ids(_CALLS, _CALLS.c.contact_card_id == self._card_id)
        of_the_number = self.ids(_CALLS, _CALLS.c.contact_card_id.is_(None) & of_numbers(_CALLS, numbers))
        return sorted({*of_the_card, *of_the_number, *self._session.scalars(recorded.limit(self._limit))})

    def messages(self, addresses: Sequence[str], appointments: Sequence[UUID]) -> Sequence[UUID]:
        """Return the ids of messages to or from the person, or about their appointments."""
        columns = _MESSAGES.c
        parts = (
            columns.contact_card_id == self._card_id,
            among(columns.appointment_id, appointments),
        )
        at_address = self._session.scalars(messages_with_address(addresses).limit(self._limit))
        # Separate queries can each use an index; combined they could use none.
        return sorted({*at_address, *(row_id for part in parts for row_id in self.ids(_MESSAGES, part))})

    def provider_ids(self, calls: Sequence[UUID]) -> Sequence[str]:
        """Return the ids that providers use for these calls."""
        columns = _CALLS.c
        found = self._session.execute(
            _all(select(columns.twilio_sid, columns.vapi_call_id, columns.callrail_call_id)).where(
                columns.organization_id == self._organization_id, among(columns.id, calls)
            )
        )
        return sorted({name for row in found for name in row if name})


def of_numbers(calls: Table, numbers: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a call came from one of `numbers`, or was made to one of them."""
    called = (calls.c.direction == "outbound") & among(calls.c.called_number, numbers)
    return or_(among(calls.c.caller_number, numbers), called)
