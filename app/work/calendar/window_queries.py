"""Queries for the appointments and events of people in a period, within the actor's scope.

Users who can book without seeing every calendar also get the other busy times of these people, without details. Entries
of up to a day are found by their start, longer ones by their end, so that entries that ended long ago aren't read.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, or_, select, union_all

from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.db.paging import Selection
from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.models import (
    Appointment,
    AppointmentStatus,
    BusySource,
    Calendar,
    ContactCard,
    Event,
    EventAttendee,
    EventStatus,
)
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import restrict, unscoped
from app.work.appointments.free_times_queries import list_busy
from app.work.appointments.rules import TAKES_TIME, is_to_come
from app.work.appointments.rules import may_change as may_change_visit
from app.work.calendar.entry_rules import Entry, EntryKind
from app.work.calendar.event_rules import may_change as may_change_event
from app.work.calendar.people_queries import sees_every_calendar

#: Upper limit, more than anyone has in the days of a page.
MAX_ENTRIES = 2_000
_MAX_APPOINTMENT_LENGTH = timedelta(days=1)
_A_DAY = timedelta(days=1)


def list_entries(actor: Actor, people: Sequence[UUID], start: datetime, end: datetime) -> list[Entry]:
    """Return the entries of `people` that overlap the period from `start` to `end`, the earliest first.

    Canceled entries are left out. Users who can book without seeing every calendar also get the other busy times of
    these people, without details. At most MAX_ENTRIES appointments and as many events are read.
    """
    visits = select_visits(actor, people, start, end).where(Appointment.status != AppointmentStatus.CANCELLED)
    found = [_visit(row, actor) for row in db.session.execute(visits.limit(MAX_ENTRIES))]
    events = select_events(actor, people, start, end).where(Event.status != EventStatus.CANCELLED)
    rows = db.session.execute(events.limit(MAX_ENTRIES)).all()
    attending = _attending(actor, [row.id for row in rows], people)
    found += [_event(row, actor, people, attending.get(row.id, set())) for row in rows]
    if not sees_every_calendar(actor) and actor.may(Permission.APPOINTMENTS_WRITE):
        found += _other_busy_times(actor, people, start, end, {one.id for one in found})
    return sorted(found, key=lambda one: (one.start, one.end))


def select_visits(actor: Actor, people: Sequence[UUID], start: datetime, end: datetime) -> Selection:
    """Return a query of the appointments of these reps that `actor` can see."""
    visits = restrict(_VISIT, Appointment, actor).where(
        is_any_of(Appointment.sales_rep_id, people),
        Appointment.scheduled_start_at > start - _MAX_APPOINTMENT_LENGTH,
        Appointment.scheduled_start_at < end,
        Appointment.scheduled_end_at > start,
        Appointment.deleted_at.is_(None),
    )
    return visits.order_by(Appointment.scheduled_start_at, Appointment.id)


def select_events(actor: Actor, people: Sequence[UUID], start: datetime, end: datetime) -> Selection:
    """Return a query of the events that these people organize or attend and that `actor` can see."""
    events = restrict(_EVENT, Event, actor).where(
        Event.id.in_(_ids_within(actor, start, end)), _is_of(people, actor), Event.deleted_at.is_(None)
    )
    return events.order_by(Event.start_at, Event.id)


def _ids_within(actor: Actor, start: datetime, end: datetime) -> Any:
    here = restrict(select(Event.id), Event, actor).where(Event.start_at < end, Event.end_at > start)
    is_long = (Event.end_at - Event.start_at) > _A_DAY
    return union_all(here.where(Event.start_at >= start - _A_DAY), here.where(is_long))


def _is_of(people: Sequence[UUID], actor: Actor) -> ColumnElement[bool]:
    attends = unscoped(select(EventAttendee.id), why="filters events that are scoped; no attendee is returned").where(
        EventAttendee.organization_id == actor.organization_id,
        EventAttendee.event_id == Event.id,
        is_any_of(EventAttendee.user_id, people),
    )
    return or_(is_any_of(Event.organizer_id, people), attends.exists())


def _attending(actor: Actor, event_ids: Sequence[UUID], people: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    if not event_ids:
        return {}
    rows = restrict(select(EventAttendee.event_id, EventAttendee.user_id), EventAttendee, actor).where(
        is_any_of(EventAttendee.event_id, event_ids), is_any_of(EventAttendee.user_id, people)
    )
    found: dict[UUID, set[UUID]] = {}
    for event_id, user_id in db.session.execute(rows.limit(MAX_ENTRIES * 10)):
        found.setdefault(event_id, set()).add(user_id)
    return found


def _other_busy_times(
    actor: Actor, people: Sequence[UUID], start: datetime, end: datetime, known: set[UUID | None]
) -> list[Entry]:
    """Return the busy times of `people`, without details, except those whose ids are in `known`.

    The actor's own are left out, because `known` always contains them.
    """
    others = [person for person in people if person != actor.user_id]
    if not others:
        return []
    return [
        Entry(
            kind=EntryKind.TIME_OFF if one.source is BusySource.TIME_OFF else EntryKind.BUSY,
            start=one.start,
            end=one.end,
            person_ids=frozenset({one.person_id}),
        )
        for one in list_busy(actor, others, start, end)
        if one.row_id not in known
    ]


def _visit(row: Row[Any], actor: Actor) -> Entry:
    return Entry(
        kind=EntryKind.VISIT,
        id=row.id,
        start=row.scheduled_start_at,
        end=row.scheduled_end_at,
        person_ids=frozenset({row.sales_rep_id}),
        name=row.contact_name or row.service_type,
        detail=row.service_type if row.contact_name else None,
        status=row.status,
        outcome=row.outcome,
        zone=row.timezone,
        version=row.version,
        is_taking=row.status in TAKES_TIME,
        may_move=is_to_come(row.status) and may_change_visit(row, actor, Permission.APPOINTMENTS_WRITE),
    )


def _event(row: Row[Any], actor: Actor, people: Sequence[UUID], attending: set[UUID]) -> Entry:
    return Entry(
        kind=EntryKind.TIME_OFF if row.type == BusySource.TIME_OFF else EntryKind.EVENT,
        id=row.id,
        start=row.start_at,
        end=row.end_at,
        person_ids=frozenset(attending | ({row.organizer_id} & set(people))),
        name=row.title,
        detail=row.location or None,
        status=row.status,
        calendar=row.calendar_name,
        color=row.calendar_color,
        zone=row.timezone,
        version=row.version,
        is_taking=row.status == EventStatus.CONFIRMED,
        may_move=may_change_event(row, actor),
    )


_VISIT = (
    select(
        Appointment.id,
        Appointment.version,
        Appointment.scheduled_start_at,
        Appointment.scheduled_end_at,
        Appointment.timezone,
        Appointment.status,
        Appointment.outcome,
        Appointment.service_type,
        Appointment.sales_rep_id,
        Appointment.csr_id,
        Appointment.address_line_1,
        Appointment.city,
        Appointment.state,
        Appointment.zip,
        Appointment.created_at,
        Appointment.updated_at,
        ContactCard.display_name.label("contact_name"),
    )
    .outerjoin(ContactCard, refers_to(ContactCard, Appointment, Appointment.contact_card_id))
    .execution_options(**{INCLUDE_DELETED: True})
)

_EVENT = (
    select(
        Event.id,
        Event.version,
        Event.type,
        Event.title,
        Event.start_at,
        Event.end_at,
        Event.timezone,
        Event.location,
        Event.description,
        Event.organizer_id,
        Event.status,
        Event.created_at,
        Event.updated_at,
        Calendar.name.label("calendar_name"),
        Calendar.color.label("calendar_color"),
    )
    .outerjoin(Calendar, refers_to(Calendar, Event, Event.calendar_id))
    .execution_options(**{INCLUDE_DELETED: True})
)
