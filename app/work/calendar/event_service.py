"""Operations that create, change and move events.

No one can be in two places: people are locked first, and conflicts are reported. They are locked in the order of their
ids, so that two requests with the same people never deadlock. The constraint `busy_times_overlap` enforces the same in
the database.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.ids import uuid7
from app.db.moments import in_utc
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, EventTimeConflict, FieldError, UserNotAvailable, ValidationFailed
from app.extensions import db
from app.models import BusySource, Calendar, Event, EventAttendee, EventStatus, User
from app.organization.settings.rules import check_timezone
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import held
from app.security.scope import unscoped
from app.tenancy.organization_queries import lock_organization
from app.work.calendar import event_queries as queries
from app.work.calendar import event_rules as rules
from app.work.calendar.event_rules import EventValues, shown
from app.work.calendar.people_queries import list_active, names_of
from app.work.calendars.queries import hold_calendar


def create(actor: Actor, event_id: UUID, values: EventValues) -> Event:
    """Create an event.

    Its id is generated with the form, so that a form submitted twice creates one event. Raises Forbidden,
    ValidationFailed, EventTimeConflict and UserNotAvailable if a person isn't free, and Conflict if another event has
    the id.
    """
    actor.requires(Permission.EVENTS_WRITE)
    there = queries.find_event(actor, event_id)
    if there is not None:
        return _the_same(there, actor, values)
    _check(actor, values, known=())
    _check_calendar(actor, values)
    calendar_id = values.calendar_id or _own_calendar(actor)
    if values.status is EventStatus.CONFIRMED:
        people = values.attendee_ids | {values.organizer_id}
        _hold_people(actor, people, values.start, values.end, besides=None)
    event = Event(
        organization_id=actor.organization_id,
        id=event_id,
        created_by=actor.reference_id,
        created_by_label=actor.name,
        **_columns(values, calendar_id, values.timezone or actor.timezone),
    )
    with translated_integrity_errors():
        db.session.add(event)
        db.session.flush()
        db.session.add_all(_attendees(event, values.attendee_ids - {values.organizer_id}))
    return event


def edit(actor: Actor, event_id: UUID, values: EventValues, *, version: int) -> Event:
    """Change an event.

    Raises NotFound, Forbidden, VersionConflict, ValidationFailed, and EventTimeConflict or UserNotAvailable if a person
    isn't free.
    """
    event = _locked(actor, event_id)
    before = queries.list_attendee_ids(actor, event_id)
    wanted = _columns(values, values.calendar_id or event.calendar_id, values.timezone or event.timezone)
    coming = values.attendee_ids - {values.organizer_id}
    if all(getattr(event, name) == value for name, value in wanted.items()) and set(before) == coming:
        return event
    event.refuse_stale(version, {**shown(event), "attendees": [str(one) for one in before]})
    _check(actor, values, known={event.organizer_id, *before})
    if values.calendar_id != event.calendar_id:
        _check_calendar(actor, values)
    _hold_newly_taken(actor, event, {event.organizer_id, *before}, values)
    with translated_integrity_errors():
        _remove_attendees(event, set(before) - coming)
        for name, value in wanted.items():
            setattr(event, name, value)
        if set(before) != coming:
            event.raise_version()
        db.session.flush()
        db.session.add_all(_attendees(event, coming - set(before)))
    return event


def move(actor: Actor, event_id: UUID, start: datetime, end: datetime, *, version: int) -> Event:
    """Move an event to another time.

    Raises NotFound, Forbidden, VersionConflict, Conflict for a canceled event, and EventTimeConflict or
    UserNotAvailable if a person isn't free.
    """
    event = _locked(actor, event_id)
    if (event.start_at, event.end_at) == (start, end):
        return event
    event.refuse_stale(version, shown(event))
    if event.status == EventStatus.CANCELLED:
        raise Conflict(None, _l("This event is canceled. Change its status before you move it."))
    if event.status == EventStatus.CONFIRMED:
        people = {event.organizer_id, *queries.list_attendee_ids(actor, event_id)}
        _hold_people(actor, people, start, end, besides=event.id)
    with translated_integrity_errors():
        event.start_at, event.end_at = start, end
        name_action(Action.EVENT_MOVED, event)
    return event


def _hold_newly_taken(actor: Actor, event: Event, people: Collection[UUID], values: EventValues) -> None:
    """Check that people are free for the time that an edited event newly takes from them.

    `people` are the ids of the event's current people. Time that it takes already isn't checked again, even if it
    conflicts with something else, such as an imported appointment.
    """
    wanted = values.attendee_ids | {values.organizer_id}
    as_before = (event.start_at, event.end_at, event.status) == (values.start, values.end, values.status)
    if values.status is EventStatus.CONFIRMED and not (as_before and wanted <= set(people)):
        newly = wanted - set(people) if as_before else wanted
        _hold_people(actor, wanted, values.start, values.end, besides=event.id, asked=newly)


def _hold_people(
    actor: Actor,
    people: Collection[UUID],
    start: datetime,
    end: datetime,
    *,
    besides: UUID | None,
    asked: Collection[UUID] | None = None,
) -> None:
    """Lock `people` until the transaction ends, and check that they, or only those in `asked`, are free.

    `besides` is the id of the event itself. Raises EventTimeConflict and UserNotAvailable with the conflicting entry,
    as far as `actor` can see it.
    """
    rows = unscoped(select(User.id), why="locks people against concurrent bookings; no data is returned").where(
        User.organization_id == actor.organization_id, User.id.in_(people)
    )
    db.session.execute(held(rows.order_by(User.id)))
    obstacle = queries.find_obstacle(actor, people if asked is None else asked, start, end, besides=besides)
    if obstacle is None:
        return
    busy, name = obstacle
    person = names_of(actor, [busy.person_id]).get(busy.person_id, "")
    other = {
        "type": busy.source.value,
        "start": in_utc(busy.start),
        "end": in_utc(busy.end),
        "person": {"id": str(busy.person_id), "name": person},
        "name": name,
    }
    if busy.source is BusySource.TIME_OFF:
        raise UserNotAvailable(other, _l("%(person)s has time off then.", person=person))
    if name is None:
        raise EventTimeConflict(other, _l("%(person)s is busy then.", person=person))
    raise EventTimeConflict(other, _l("%(person)s isn’t available then: %(name)s.", person=person, name=name))


def _locked(actor: Actor, event_id: UUID) -> Event:
    actor.requires(Permission.EVENTS_WRITE)
    event = queries.get_event(actor, event_id, lock=True)
    rules.refuse_others(event, actor)
    return event


def _check(actor: Actor, values: EventValues, *, known: Iterable[UUID]) -> None:
    """Raise ValidationFailed for invalid values; `known` are people who already belong to the event."""
    if values.timezone is not None:
        check_timezone(values.timezone)
    wrong = []
    if values.end <= values.start:
        wrong.append(FieldError("end_at", _l("The end must be after the start.")))
    elif values.end - values.start > rules.MAX_LENGTH:
        wrong.append(FieldError("end_at", _l("An event can last up to a year.")))
    people = {one.id for one in list_active(actor, {values.organizer_id, *values.attendee_ids})} | set(known)
    if values.organizer_id not in people or not rules.may_organize_for(actor, values.organizer_id):
        wrong.append(FieldError("organizer_id", _l("Choose someone from the list.")))
    if not values.attendee_ids <= people:
        wrong.append(FieldError("attendees", _l("Choose people from the list.")))
    if len(values.attendee_ids) > rules.MAX_ATTENDEES:
        wrong.append(
            FieldError("attendees", _l("An event can have up to %(most)s attendees.", most=rules.MAX_ATTENDEES))
        )
    if wrong:
        raise ValidationFailed(wrong)


def _check_calendar(actor: Actor, values: EventValues) -> None:
    """Lock the calendar, or raise ValidationFailed if `actor` can't choose it.

    It is locked before any people, because a deletion of the calendar locks it first, too.
    """
    if values.calendar_id is not None and hold_calendar(actor, values.calendar_id) is None:
        raise ValidationFailed([FieldError("calendar_id", _l("Choose a calendar from the list."))])


def _columns(values: EventValues, calendar_id: UUID, timezone: str) -> dict[str, Any]:
    return {
        "type": values.type,
        "title": values.title,
        "start_at": values.start,
        "end_at": values.end,
        "timezone": timezone,
        "status": values.status,
        "location": values.location,
        "description": values.description,
        "organizer_id": values.organizer_id,
        "calendar_id": calendar_id,
    }


def _attendees(event: Event, people: Iterable[UUID]) -> list[EventAttendee]:
    of = {"organization_id": event.organization_id, "event_id": event.id}
    return [EventAttendee(**of, id=uuid7(), user_id=person) for person in sorted(people)]


def _remove_attendees(event: Event, people: Collection[UUID]) -> None:
    theirs = unscoped(select(EventAttendee), why="attendees of an event that the actor can change").where(
        EventAttendee.organization_id == event.organization_id, EventAttendee.event_id == event.id
    )
    for row in db.session.scalars(theirs.where(EventAttendee.user_id.in_(people))):
        db.session.delete(row)
    db.session.flush()


def _own_calendar(actor: Actor) -> UUID:
    """Return the id of the calendar for an event without a chosen one.

    If there is no calendar yet, creates one, which is shared with everyone. The organization is locked before any
    people: a concurrent request waits, and then finds the calendar.
    """
    found = hold_calendar(actor)
    if found is None:
        lock_organization(actor.organization_id)
        found = hold_calendar(actor)
    if found is not None:
        return found
    calendar = Calendar(organization_id=actor.organization_id, id=uuid7(), name=str(_l("Everyone")))
    db.session.add(calendar)
    db.session.flush()
    return calendar.id


def _the_same(event: Event, actor: Actor, values: EventValues) -> Event:
    wanted = _columns(values, values.calendar_id or event.calendar_id, values.timezone or actor.timezone)
    coming = set(queries.list_attendee_ids(actor, event.id))
    is_as_sent = event.created_by == actor.reference_id and coming == values.attendee_ids - {values.organizer_id}
    if is_as_sent and all(getattr(event, name) == value for name, value in wanted.items()):
        return event
    raise Conflict(None, _l("This form was already submitted. Open a new one to add another event."))
