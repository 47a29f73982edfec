"""Why something cannot be deleted, in words: what still needs it, counted."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.errors import ActiveCalls, Conflict, Sentence
from app.extensions import db
from app.models import (
    Appointment,
    BusySource,
    Call,
    CallStatus,
    ContactCard,
    Event,
    Lead,
    PhoneNumber,
    RecordingSession,
    SoftDeleted,
    User,
)
from app.security.actor import Actor


def say_what_uses_cards(cards: Sequence[ContactCard]) -> None:
    """Raise Conflict that says what keeps these contact cards from being deleted; counts are in `extra`."""
    uses = {
        "calls": _count(Call.contact_card_id, cards),
        "leads": _count(Lead.contact_card_id, cards, Lead.closed_at.is_(None)),
        "appointments": _count(Appointment.contact_card_id, cards),
    }
    words = {
        "calls": _ln("%(num)s call", "%(num)s calls", uses["calls"]),
        "leads": _ln("%(num)s open lead", "%(num)s open leads", uses["leads"]),
        "appointments": _ln("%(num)s appointment", "%(num)s appointments", uses["appointments"]),
    }
    advice = _l("Merge this contact into another, or erase it instead.")
    raise _in_use(uses, words, advice)


def refuse_what_only_they_have(people: Sequence[User]) -> None:
    """Raise Conflict when people organize events or have recordings: somebody else has to have them first.

    Their own time off stays theirs.
    """
    uses = {
        "events": _count(Event.organizer_id, people, Event.type != BusySource.TIME_OFF),
        "recordings": _count(RecordingSession.sales_rep_id, people),
    }
    words = {
        "events": _ln("%(num)s event", "%(num)s events", uses["events"]),
        "recordings": _ln("%(num)s recording", "%(num)s recordings", uses["recordings"]),
    }
    if any(uses.values()):
        raise _in_use(uses, words, _l("Give them to somebody else first."))


def refuse_recorded_visits(visits: Sequence[Appointment], _actor: Actor) -> None:
    """Raise Conflict when visits have recordings, which are nobody's without them."""
    uses = {"recordings": _count(RecordingSession.appointment_id, visits)}
    words = {"recordings": _ln("%(num)s recording", "%(num)s recordings", uses["recordings"])}
    if uses["recordings"]:
        raise _in_use(uses, words, _l("Delete the recordings of this visit first."))


def refuse_numbers_in_use(numbers: Sequence[PhoneNumber], _actor: Actor) -> None:
    """Raise ActiveCalls when people are talking on one of these locked numbers."""
    count = _count(Call.phone_number_id, numbers, Call.status == CallStatus.ACTIVE)
    if count:
        raise ActiveCalls(count)


def _count(reference: InstrumentedAttribute[Any], rows: Sequence[Any], *only: ColumnElement[bool]) -> int:
    """How many rows that are not deleted refer to `rows`, which are of one organization."""
    model: Any = reference.class_
    of_them = (model.organization_id == rows[0].organization_id, reference.in_([row.id for row in rows]))
    live = (model.deleted_at.is_(None),) if issubclass(model, SoftDeleted) else ()
    return db.session.scalar(select(func.count()).select_from(model).where(*of_them, *live, *only)) or 0


def _in_use(uses: Mapping[str, int], words: Mapping[str, Sentence], advice: Sentence) -> Conflict:
    listed = ", ".join(str(words[name]) for name, number in uses.items() if number)
    return Conflict(None, _l("Still in use: %(uses)s. %(advice)s", uses=listed, advice=advice), uses=dict(uses))
