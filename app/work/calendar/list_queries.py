"""Queries for the list of events."""

from sqlalchemy import ColumnElement, select

from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.db.paging import Selection, newest_or_oldest_first
from app.db.search import is_found
from app.models import Calendar, Event, User
from app.periods import Span, span_of
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.people import matches_person
from app.work.calendar.filters import EventFilters

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
    narrow=lambda filters, actor, now: event_conditions(filters, actor, span_of(filters, actor, now)),
    sorts=SORTS,
)
