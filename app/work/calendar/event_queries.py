"""Queries for one event with its attendees and calendar, and for times when everyone is free."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.audit.queries import HistoryEntry, list_history
from app.db.joins import refers_to
from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.lists.choices import Choice
from app.models import Appointment, BusySource, Calendar, ContactCard, Event, EventAttendee
from app.security.actor import Actor
from app.security.rows import find_row, get_row
from app.security.scope import restrict, unscoped
from app.work.appointments.free_times_queries import Busy, get_company, list_busy
from app.work.appointments.free_times_rules import Length, Taken, free_times, open_days
from app.work.calendar.event_rules import MAX_ATTENDEES
from app.work.calendar.people_queries import names_of
from app.work.calendars.rules import is_seen

_MAX_OFFERS = 3


@dataclass(frozen=True, slots=True)
class EventDetail:
    """One event with the names of its people and its calendar."""

    event: Event
    organizer: str
    calendar: str
    color: str
    #: True if the user can open the calendar itself.
    sees_calendar: bool
    attendees: Sequence[Choice]
    history: Sequence[HistoryEntry]


def get_event(actor: Actor, event_id: UUID, *, lock: bool = False) -> Event:
    """Return the event if it is within the scope. Raises NotFound."""
    return get_row(actor, Event, event_id, Event.deleted_at.is_(None), named="event", lock=lock)


def find_event(actor: Actor, event_id: UUID) -> Event | None:
    """Return the event if `actor` can see it and it isn't deleted, else None."""
    return find_row(actor, Event, event_id)


def get_event_detail(actor: Actor, event_id: UUID) -> EventDetail:
    """Return the event with everything that its page shows. Raises NotFound."""
    db.session.flush()  # a form may just have changed it
    event = get_event(actor, event_id)
    coming = list_attendee_ids(actor, event_id)
    names = names_of(actor, {event.organizer_id, *coming})
    stands_in = unscoped(
        select(Calendar.name, Calendar.color, Calendar.owner_user_id),
        why="an event's calendar is visible to everyone who can see the event",
    ).where(Calendar.organization_id == actor.organization_id, Calendar.id == event.calendar_id)
    calendar = db.session.execute(stands_in.execution_options(**{INCLUDE_DELETED: True})).one()
    attendees = sorted((Choice(one, names.get(one, "")) for one in coming), key=lambda one: one.name.casefold())
    return EventDetail(
        event=event,
        organizer=names.get(event.organizer_id, ""),
        calendar=calendar.name,
        color=calendar.color,
        sees_calendar=is_seen(calendar, actor),
        attendees=attendees,
        history=list_history(actor, "event", event_id),
    )


def list_attendee_ids(actor: Actor, event_id: UUID) -> list[UUID]:
    """Return the ids of the attendees; the organizer isn't one of them."""
    coming = restrict(select(EventAttendee.user_id), EventAttendee, actor).where(EventAttendee.event_id == event_id)
    return list(db.session.scalars(coming.order_by(EventAttendee.user_id).limit(MAX_ATTENDEES * 2)))


def find_obstacle(
    actor: Actor, people: Collection[UUID], start: datetime, end: datetime, *, besides: UUID | None
) -> tuple[Busy, str | None] | None:
    """Return the first busy time of these people in a period, with its name if `actor` can see it.

    Time off is only returned if nothing else conflicts. `besides` is the id of the entry that is being moved.
    """
    busy = [one for one in list_busy(actor, sorted(people), start, end) if one.row_id != besides]
    if not busy:
        return None
    first = min(busy, key=lambda one: (one.source == BusySource.TIME_OFF, one.start))
    return first, _name_of(actor, first)


def _name_of(actor: Actor, busy: Busy) -> str | None:
    if busy.source is not BusySource.APPOINTMENT:
        return db.session.scalar(restrict(select(Event.title), Event, actor).where(Event.id == busy.row_id))
    named = restrict(select(ContactCard.display_name), Appointment, actor).join_from(
        Appointment, ContactCard, refers_to(ContactCard, Appointment, Appointment.contact_card_id)
    )
    seen = named.where(Appointment.id == busy.row_id).execution_options(**{INCLUDE_DELETED: True})
    return db.session.scalar(seen)


def list_common_times(
    actor: Actor, people: Collection[UUID], wanted: datetime, length: timedelta, *, besides: UUID | None
) -> list[datetime]:
    """Return the times nearest to `wanted` at which all of these people are free, the earliest first."""
    company, now = get_company(actor), datetime.now(UTC)
    days = open_days(max(wanted, now).astimezone(company.zone).date(), company.hours)
    if not days or length > timedelta(days=1):
        return []
    start, end = _span_of(days, company.zone)
    busy = [one for one in list_busy(actor, sorted(people), start, end) if one.row_id != besides]
    taken = [Taken(one.start, one.end, is_stop=False) for one in busy]
    of_all = Length(length, timedelta())
    found = [one.start for day in days for one in free_times(day, company.hours, company.zone, taken, of_all, now)]
    return sorted(sorted(found, key=lambda start: abs(start - wanted))[:_MAX_OFFERS])


def _span_of(days: Sequence[date], zone: ZoneInfo) -> tuple[datetime, datetime]:
    return datetime.combine(days[0], time(), zone), datetime.combine(days[-1] + timedelta(days=1), time(), zone)
