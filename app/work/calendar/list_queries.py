"""Queries for the list of events."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Uuid, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.db.paging import Selection, newest_or_oldest_first
from app.db.search import is_found
from app.errors import FieldError, ValidationFailed
from app.models import Calendar, Event, EventAttendee, User
from app.periods import Span, midnight, span_of
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.people import matches_person
from app.security.scope import unscoped
from app.work.calendar.filters import MAX_OFFSET, EventFilters, EventQuery
from app.work.calendar.schemas import EventRecord, EventsPlace, EventsRecord

SORTS = newest_or_oldest_first("startTime", Event.start_at, Event.id)
SOONEST_FIRST = SORTS[1].name


def event_conditions(filters: EventFilters, actor: Actor, span: Span | None) -> list[ColumnElement[bool]]:
    """Return the SQL conditions for `filters` and for `span`, the period that they name."""
    found: list[ColumnElement[bool]] = [Event.deleted_at.is_(None)]
    if filters.q:
        found.append(is_found(Event.id, "events_found", filters.q))
    if filters.type:
        found.append(is_any_of(Event.type, filters.type))
    if filters.status:
        found.append(is_any_of(Event.status, filters.status))
    if filters.organizer is not None:
        found.append(matches_person(Event.organizer_id, filters.organizer, actor))
    if filters.calendar is not None:
        found.append(Event.calendar_id == filters.calendar)
    if span is not None:
        found += [Event.start_at >= span.start, Event.start_at < span.end]
    return found


def _list_conditions(filters: EventFilters, actor: Actor, now: datetime) -> list[ColumnElement[bool]]:
    return event_conditions(filters, actor, span_of(filters, actor, now))


#: Everyone who sees an event sees its calendar and its organizer, including people who left.
_ROW: Selection = (
    select(
        Event.id,
        Event.version,
        Event.title,
        Event.type,
        Event.start_at,
        Event.end_at,
        Event.timezone,
        Event.status,
        Event.location,
        Event.description,
        User.name.label("organizer_name"),
        Calendar.name.label("calendar_name"),
    )
    .outerjoin(User, refers_to(User, Event, Event.organizer_id))
    .outerjoin(Calendar, refers_to(Calendar, Event, Event.calendar_id))
    .execution_options(include_deleted=True)
)


#: The events that `actor` can see and that match `filters`.
event_list = ListOf(
    Event,
    _ROW,
    narrow=_list_conditions,
    sorts=SORTS,
)

_COMING = (
    unscoped(
        select(func.array_agg(aggregate_order_by(EventAttendee.user_id, EventAttendee.user_id))),
        why="attendees of an event that the reader can see",
    )
    .where(EventAttendee.organization_id == Event.organization_id, EventAttendee.event_id == Event.id)
    .correlate(Event)
    .scalar_subquery()
)

#: The same events with all their values.
event_records = ListOf(
    Event,
    _ROW.add_columns(
        Event.start_at.label("start_time"),
        Event.end_at.label("end_time"),
        func.coalesce(_COMING, array([], type_=Uuid())).label("attendees"),
        Event.organizer_id,
        Event.calendar_id,
        Event.created_at,
        Event.updated_at,
    ),
    narrow=_list_conditions,
    sorts=SORTS,
)


def list_events(actor: Actor, asked: EventQuery) -> EventsRecord:
    """Return the events that match, in the order of their start.

    Raises ValidationFailed for a place that an offset can't reach.
    """
    if asked.offset + asked.limit > MAX_OFFSET:
        sentence = _l("Offset and limit together can be up to %(most)s.", most=MAX_OFFSET)
        raise ValidationFailed([FieldError("offset", sentence)])
    conditions = [*event_conditions(EventFilters(), actor, None), *_matching(asked, actor)]
    query = event_records.narrowed(actor, EventFilters(), conditions)
    rows = query.rows_from(SOONEST_FIRST, asked.offset, asked.limit)
    total = query.count(exact=True).number
    has_more = asked.offset + len(rows) < total
    place = EventsPlace(total=total, limit=asked.limit, offset=asked.offset, has_more=has_more)
    return EventsRecord(events=[EventRecord.model_validate(row) for row in rows], pagination=place)


def _matching(asked: EventQuery, actor: Actor) -> list[ColumnElement[bool]]:
    zone = ZoneInfo(actor.timezone)
    found: list[ColumnElement[bool]] = []
    if asked.status:
        found.append(is_any_of(Event.status, asked.status))
    if asked.calendar_ids:
        found.append(Event.calendar_id.in_(asked.calendar_ids))
    if asked.attendee_ids:
        coming = unscoped(select(EventAttendee.id), why="condition on events that are restricted themselves").where(
            EventAttendee.organization_id == actor.organization_id,
            EventAttendee.event_id == Event.id,
            EventAttendee.user_id.in_(asked.attendee_ids),
        )
        found.append(or_(Event.organizer_id.in_(asked.attendee_ids), coming.exists()))
    if asked.start_date is not None:
        found.append(Event.end_at > _moment_of(asked.start_date, zone))
    if asked.end_date is not None:
        found.append(Event.start_at < _moment_of(asked.end_date, zone, days=1))
    return found


def _moment_of(given: date, zone: ZoneInfo, *, days: int = 0) -> datetime:
    """Return a timestamp as it is, and a date as the midnight that it begins with, or one some days later."""
    return given if isinstance(given, datetime) else midnight(given + timedelta(days=days), zone)
