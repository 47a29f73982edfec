"""Queries for when sales reps are free: what takes their time, and what is left of the coming days.

Start, end and kind of busy times are visible to everyone who books. Only `find_clash` returns whose appointment takes
the time, and only within the actor's scope.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from app.business_hours import BusinessHours
from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.lists.choices import Choice
from app.models import (
    Appointment,
    BusySource,
    BusyTime,
    ContactCard,
    Event,
    EventStatus,
    Role,
    User,
    UserStatus,
)
from app.security.actor import Actor
from app.security.scope import restrict, unscoped
from app.tenancy.organization_queries import get_own_organization
from app.work.appointments.free_times_rules import DAYS_SHOWN, FreeTime, Length, Taken, clashes, free_times, open_days
from app.work.appointments.place_rules import is_near
from app.work.appointments.rules import TAKES_TIME, books_for_oneself_only
from app.work.service_types.queries import find_minutes

_MAX_REPS = 500
_MAX_TAKEN = 20_000
#: No appointment takes longer.
_MAX_LENGTH = timedelta(days=1)

_Csr = aliased(User, name="csr")


@dataclass(frozen=True, slots=True)
class Company:
    """Basis of free times: the organization's hours and time zone, the lengths, and the reps' own hours."""

    hours: BusinessHours
    zone: ZoneInfo
    length: Length
    own: Mapping[UUID, BusinessHours]

    def open_days(self, first: date, count: int = DAYS_SHOWN) -> list[date]:
        """Return the next `count` days from `first` on, inclusive, on which anyone works."""
        return open_days(first, self.hours, count, own=self.own.values())

    def hours_of(self, rep_id: UUID) -> BusinessHours:
        """Return the working hours of this rep."""
        return self.own.get(rep_id, self.hours)


@dataclass(frozen=True, slots=True)
class FreeRep:
    """A rep with the times on one day at which an appointment can begin."""

    rep: Choice
    times: Sequence[FreeTime]

    @property
    def is_near(self) -> bool:
        """True if, before any of these times, the rep's previous stop is near the new appointment."""
        return any(time.is_near for time in self.times)


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day with every rep who is free on it.

    Reps with a previous stop nearby come first, then those with the earliest free time.
    """

    day: date
    reps: Sequence[FreeRep]

    @property
    def count(self) -> int:
        """Number of times on the day at which anyone is free."""
        return len({time.start for one in self.reps for time in one.times})


@dataclass(frozen=True, slots=True)
class Clash:
    """An appointment or event that takes the requested time.

    `name`, `booked_by` and `booked_at` are only set if the viewer can see it.
    """

    source: BusySource
    start: datetime
    end: datetime
    name: str | None = None
    booked_by: str | None = None
    booked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Busy:
    """A time when a person is busy, and the appointment or event that takes it."""

    person_id: UUID
    source: BusySource
    start: datetime
    end: datetime
    row_id: UUID


def get_company(actor: Actor, minutes: int | None = None, service: str = "") -> Company:
    """Return the organization's hours and time zone, with the lengths of an appointment and of travel.

    An appointment takes `minutes`, otherwise the usual length of its `service`, otherwise the organization's default.
    """
    own = get_own_organization(actor)
    minutes = minutes or (find_minutes(actor, service) if service else None)
    visit = timedelta(minutes=minutes or own.appointment_minutes)
    length = Length(visit, timedelta(minutes=own.travel_minutes))
    return Company(own.business_hours, ZoneInfo(own.timezone), length, _own_hours(actor))


def list_reps(actor: Actor) -> Sequence[Choice]:
    """Return the active sales reps for whom `actor` can book, ordered by name.

    A rep can only book for themselves.
    """
    people = unscoped(
        select(User.id, User.name), why="the names of sales reps are visible to everyone who can book"
    ).where(User.organization_id == actor.organization_id, *_is_rep())
    if books_for_oneself_only(actor):
        people = people.where(User.id == actor.user_id)
    return [Choice(*row) for row in db.session.execute(people.order_by(User.name_key, User.id).limit(_MAX_REPS))]


def list_free_days(
    actor: Actor,
    company: Company,
    reps: Sequence[Choice],
    first: date,
    place: Mapping[str, str | None],
    now: datetime,
    *,
    besides: UUID | None = None,
) -> list[FreeDay]:
    """Return the open days from `first` on, each with the reps who are free.

    `besides` is the id of the appointment that is being moved.
    """
    return list_times_on(actor, company, reps, company.open_days(first), place, now, besides=besides)


def list_times_on(
    actor: Actor,
    company: Company,
    reps: Sequence[Choice],
    days: Sequence[date],
    place: Mapping[str, str | None],
    now: datetime,
    *,
    besides: UUID | None = None,
) -> list[FreeDay]:
    """Return these days, each with the reps who are free.

    The days must be in order. `besides` is the id of the appointment that is being moved.
    """
    if not days:
        return []
    start, end = (datetime.combine(day, time(), company.zone) for day in (days[0], days[-1] + timedelta(days=1)))
    taken = _list_taken(actor, [rep.id for rep in reps], start, end, place, besides)
    return [FreeDay(day, _free_on(day, company, reps, taken, now)) for day in days]


def list_busy(actor: Actor, rep_ids: Sequence[UUID], start: datetime, end: datetime) -> list[Busy]:
    """Return the times in a period when these people are busy.

    Each has its kind and the id of its appointment or event, but no details.
    """
    stops = db.session.execute(_stops(actor, rep_ids, start, end, None).limit(_MAX_TAKEN))
    found = [
        Busy(row.sales_rep_id, BusySource.APPOINTMENT, row.scheduled_start_at, row.scheduled_end_at, row.id)
        for row in stops
    ]
    events = db.session.execute(_events(actor, rep_ids, start, end).limit(_MAX_TAKEN))
    return found + [Busy(row.user_id, BusySource(row.source), row.start_at, row.end_at, row.id) for row in events]


def find_clash(
    actor: Actor, rep_id: UUID, start: datetime, end: datetime, travel: timedelta, *, besides: UUID | None
) -> Clash | None:
    """Return the entry that takes this rep's time or leaves too little time to travel, or None.

    Call it with the rep's row locked. `besides` is the id of the appointment that is being moved.
    """
    return _clash_of_appointments(actor, rep_id, start, end, travel, besides) or _clash_of_events(
        actor, rep_id, start, end
    )


def _is_rep() -> tuple[ColumnElement[bool], ...]:
    return (User.role == Role.SALES_REP, User.status == UserStatus.ACTIVE, User.deleted_at.is_(None))


def _own_hours(actor: Actor) -> Mapping[UUID, BusinessHours]:
    """Return the working hours of the reps who have their own, by rep."""
    people = unscoped(
        select(User.id, User.working_hours), why="the hours of sales reps are visible to everyone who can book"
    ).where(User.organization_id == actor.organization_id, *_is_rep(), User.working_hours.is_not(None))
    return {row.id: row.working_hours for row in db.session.execute(people.limit(_MAX_REPS))}


def _free_on(
    day: date, company: Company, reps: Sequence[Choice], taken: Mapping[UUID, Sequence[Taken]], now: datetime
) -> list[FreeRep]:
    found = [
        FreeRep(rep, free_times(day, company.hours_of(rep.id), company.zone, taken[rep.id], company.length, now))
        for rep in reps
    ]
    return sorted((one for one in found if one.times), key=lambda one: (not one.is_near, one.times[0].start))


def _list_taken(
    actor: Actor,
    rep_ids: Sequence[UUID],
    start: datetime,
    end: datetime,
    place: Mapping[str, str | None],
    besides: UUID | None,
) -> Mapping[UUID, list[Taken]]:
    found: defaultdict[UUID, list[Taken]] = defaultdict(list)
    for row in db.session.execute(_stops(actor, rep_ids, start, end, besides).limit(_MAX_TAKEN)):
        near = is_near(place, {"zip": row.zip, "city": row.city})
        found[row.sales_rep_id].append(Taken(row.scheduled_start_at, row.scheduled_end_at, True, near))
    for row in db.session.execute(_events(actor, rep_ids, start, end).limit(_MAX_TAKEN)):
        found[row.user_id].append(Taken(row.start_at, row.end_at, False))
    return found


def _stops(actor: Actor, rep_ids: Sequence[UUID], start: datetime, end: datetime, besides: UUID | None) -> Any:
    columns = (
        Appointment.id,
        Appointment.sales_rep_id,
        Appointment.scheduled_start_at,
        Appointment.scheduled_end_at,
        Appointment.zip,
        Appointment.city,
    )
    stops = unscoped(
        select(*columns), why="the busy times of reps, without contacts, are visible to everyone who can book"
    ).where(
        Appointment.organization_id == actor.organization_id,
        is_any_of(Appointment.sales_rep_id, rep_ids),
        Appointment.scheduled_start_at > start - _MAX_LENGTH,
        Appointment.scheduled_start_at < end,
        Appointment.scheduled_end_at > start,
        is_any_of(Appointment.status, TAKES_TIME),
        Appointment.deleted_at.is_(None),
    )
    if besides is not None:
        stops = stops.where(Appointment.id != besides)
    return stops.order_by(Appointment.scheduled_start_at, Appointment.id)


def _events(actor: Actor, rep_ids: Sequence[UUID], start: datetime, end: datetime) -> Any:
    """Return a query of the confirmed events in a period, with each person whose time they take."""
    of_event = and_(BusyTime.organization_id == Event.organization_id, BusyTime.event_id == Event.id)
    columns = (BusyTime.user_id, BusyTime.source, Event.id, Event.start_at, Event.end_at)
    events = unscoped(
        select(*columns), why="the busy times of reps, without details of events, are visible to everyone who can book"
    ).join(BusyTime, of_event)
    return events.where(
        Event.organization_id == actor.organization_id,
        Event.end_at > start,
        Event.start_at < end,
        Event.status == EventStatus.CONFIRMED,
        Event.deleted_at.is_(None),
        is_any_of(BusyTime.user_id, rep_ids),
    ).order_by(Event.start_at, Event.id)


def _clash_of_appointments(
    actor: Actor, rep_id: UUID, start: datetime, end: datetime, travel: timedelta, besides: UUID | None
) -> Clash | None:
    stops = _stops(actor, [rep_id], start - travel, end + travel, besides).add_columns(
        Appointment.booked_at,
        ContactCard.display_name.label("name"),
        _Csr.name.label("booked_by"),
    )
    joined = (
        stops.outerjoin(ContactCard, refers_to(ContactCard, Appointment, Appointment.contact_card_id))
        .outerjoin(_Csr, refers_to(_Csr, Appointment, Appointment.csr_id))
        .execution_options(**{INCLUDE_DELETED: True})
    )
    for row in db.session.execute(joined.limit(_MAX_TAKEN)):
        span = row.scheduled_start_at, row.scheduled_end_at
        if clashes([Taken(*span, is_stop=True)], start, end, travel):
            seen = restrict(select(Appointment.id), Appointment, actor).where(Appointment.id == row.id)
            told = (row.name, row.booked_by, row.booked_at) if db.session.scalar(seen) else ()
            return Clash(BusySource.APPOINTMENT, *span, *told)
    return None


def _clash_of_events(actor: Actor, rep_id: UUID, start: datetime, end: datetime) -> Clash | None:
    row = db.session.execute(_events(actor, [rep_id], start, end).limit(1)).first()
    if row is None:
        return None
    title = db.session.scalar(restrict(select(Event.title), Event, actor).where(Event.id == row.id))
    return Clash(BusySource(row.source), row.start_at, row.end_at, title)


def today_of(company: Company, now: datetime) -> date:
    """Return the current day in the organization's time zone."""
    return now.astimezone(company.zone).date()
