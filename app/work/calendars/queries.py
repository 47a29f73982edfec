"""Queries for calendars and the events they hold."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.db.paging import Selection, by_name
from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.lists.choices import Choice
from app.models import Calendar, Event, User
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.rows import get_row
from app.security.scope import restrict, unscoped
from app.work.calendars.filters import CalendarFilters
from app.work.calendars.rules import MAX_OFFERED

_NAME = func.lower(Calendar.name)
SORTS = by_name(_NAME, Calendar.id)


@dataclass(frozen=True, slots=True)
class EventCounts:
    """Numbers of events in a calendar: those that the actor sees, and all."""

    seen: int
    all: int


def _conditions(filters: CalendarFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Calendar.deleted_at.is_(None)]
    if filters.q:
        found.append(Calendar.name.icontains(filters.q, autoescape=True))
    if filters.shared is not None:
        found.append(Calendar.owner_user_id.is_(None) if filters.shared else Calendar.owner_user_id.is_not(None))
    if filters.color:
        found.append(is_any_of(Calendar.color, filters.color))
    return found


def _list_conditions(filters: CalendarFilters, _actor: Actor, _now: datetime) -> list[ColumnElement[bool]]:
    return _conditions(filters)


def list_calendars(actor: Actor) -> list[Choice]:
    """Return the calendars that an event of `actor` can be in, by name."""
    calendars = restrict(select(Calendar.id, Calendar.name), Calendar, actor).where(Calendar.deleted_at.is_(None))
    in_order = calendars.order_by(_NAME, Calendar.id).limit(MAX_OFFERED)
    return [Choice(*row) for row in db.session.execute(in_order)]


def get_calendar(actor: Actor, calendar_id: UUID, *, lock: bool = False) -> Calendar:
    """Return the calendar. Raises NotFound."""
    return get_row(actor, Calendar, calendar_id, Calendar.deleted_at.is_(None), named="calendar", lock=lock)


def hold_calendar(actor: Actor, calendar_id: UUID | None = None) -> UUID | None:
    """Lock a calendar against deletion until the transaction ends, and return its id.

    Without `calendar_id`, locks the oldest calendar that an event of `actor` can be in. Returns None if there is none.
    The lock is shared: any number of transactions can hold it at the same time, and a deletion waits for them.
    """
    calendars = restrict(select(Calendar.id), Calendar, actor).where(Calendar.deleted_at.is_(None))
    if calendar_id is not None:
        calendars = calendars.where(Calendar.id == calendar_id)
    first = calendars.order_by(Calendar.created_at, Calendar.id).limit(1)
    return db.session.scalar(first.with_for_update(read=True))


def find_owner(actor: Actor, calendar: Calendar) -> str | None:
    """Return the name of the calendar's owner, or None if the calendar is shared with everyone.

    The name is returned even if the owner has left.
    """
    if calendar.owner_user_id is None:
        return None
    owner = unscoped(select(User.name), why="a calendar's owner is visible to everyone who can see the calendar").where(
        User.organization_id == actor.organization_id, User.id == calendar.owner_user_id
    )
    return db.session.scalar(owner.execution_options(**{INCLUDE_DELETED: True}))


def count_events(actor: Actor, calendar_id: UUID) -> EventCounts:
    """Return how many events the calendar has, and how many of them `actor` sees."""
    here = Event.calendar_id == calendar_id, Event.deleted_at.is_(None)
    seen = restrict(select(func.count()).select_from(Event), Event, actor).where(*here)
    of_all = unscoped(
        select(func.count()).select_from(Event),
        why="count only; all events are deleted with the calendar, regardless of record scope",
    ).where(Event.organization_id == actor.organization_id, *here)
    return EventCounts(seen=db.session.scalar(seen) or 0, all=db.session.scalar(of_all) or 0)


#: Everyone who sees a calendar sees its owner, including owners who left.
_ROW: Selection = (
    select(
        Calendar.id,
        Calendar.version,
        Calendar.name,
        _NAME.label("sort_name"),
        Calendar.color,
        Calendar.owner_user_id,
        Calendar.owner_user_id.is_(None).label("is_shared"),
        User.name.label("owner_name"),
    )
    .outerjoin(User, refers_to(User, Calendar, Calendar.owner_user_id))
    .execution_options(**{INCLUDE_DELETED: True})
)


#: The calendars that `actor` can see and that match `filters`, by name.
calendar_list = ListOf(
    Calendar,
    _ROW,
    narrow=_list_conditions,
    sorts=SORTS,
)

#: The same calendars with all their values.
calendar_records = ListOf(
    Calendar,
    _ROW.add_columns(Calendar.owner_user_id.label("owner_id"), Calendar.created_at, Calendar.updated_at),
    narrow=_list_conditions,
    sorts=SORTS,
)
