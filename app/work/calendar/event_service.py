"""Planning events. Nobody is in two places: whoever is asked to come is held first, and what they have then is told.

People are held in the order of their ids, so that two plans with the same people never wait for each other in a circle.
The database holds it again below (`busy_times_overlap`).
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
    """Plan an event, whose id is made with the form: sent twice it is planned once.

    Raises Forbidden, ValidationFailed, EventTimeConflict and UserNotAvailable where somebody has no time then, and
    Conflict when another event has the id.
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
    """Plan it otherwise. Raises NotFound and VersionConflict beside what `create` does."""
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
    """Put it to another time. Raises NotFound, Forbidden, VersionConflict, Conflict, and what is in the way."""
    event = _locked(actor, event_id)
    if (event.start_at, event.end_at) == (start, end):
        return event
    event.refuse_stale(version, shown(event))
    if event.status == EventStatus.CANCELLED:
        raise Conflict(None, _l("This event is cancelled. Confirm it again before you move it."))
    if event.status == EventStatus.CONFIRMED:
        people = {event.organizer_id, *queries.list_attendee_ids(actor, event_id)}
        _hold_people(actor, people, start, end, besides=event.id)
    with translated_integrity_errors():
        event.start_at, event.end_at = start, end
        name_action(Action.EVENT_MOVED, event)
    return event


def _hold_newly_taken(actor: Actor, event: Event, people: Collection[UUID], values: EventValues) -> None:
    """See that whoever the event takes then, and has not taken so far from these `people`, has time.

    What it takes already stays taken, whatever else is there: an imported visit may have come over it.
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
    """Hold them until the transaction ends, and see that they have time, or only those `asked`; `besides` is the
    event itself.

    Raises EventTimeConflict and UserNotAvailable with what is in the way, as far as `actor` may know it.
    """
    rows = unscoped(select(User.id), why="whoever plans with people waits for whoever else does").where(
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
        "start": busy.start.isoformat(),
        "end": busy.end.isoformat(),
        "person": {"id": str(busy.person_id), "name": person},
        "name": name,
    }
    if busy.source is BusySource.TIME_OFF:
        raise UserNotAvailable(other, _l("%(person)s has time off then.", person=person))
    if name is None:
        raise EventTimeConflict(other, _l("%(person)s is taken at that time.", person=person))
    raise EventTimeConflict(
        other, _l("%(person)s has something else at that time: %(name)s.", person=person, name=name)
    )


def _locked(actor: Actor, event_id: UUID) -> Event:
    actor.requires(Permission.EVENTS_WRITE)
    event = queries.get_event(actor, event_id, lock=True)
    rules.refuse_others(event, actor)
    return event


def _check(actor: Actor, values: EventValues, *, known: Iterable[UUID]) -> None:
    """Raise ValidationFailed for what cannot be; `known` are people who have to do with it already."""
    if values.timezone is not None:
        check_timezone(values.timezone)
    wrong = []
    if values.end <= values.start:
        wrong.append(FieldError("end_day", _l("The end must be after the start.")))
    elif values.end - values.start > rules.LONGEST:
        wrong.append(FieldError("end_day", _l("An event takes a year at most.")))
    people = {one.id for one in list_active(actor, {values.organizer_id, *values.attendee_ids})} | set(known)
    if values.organizer_id not in people or not rules.may_organize_for(actor, values.organizer_id):
        wrong.append(FieldError("organizer", _l("Choose somebody of the list.")))
    if not values.attendee_ids <= people:
        wrong.append(FieldError("attendees", _l("Choose people of the list.")))
    if len(values.attendee_ids) > rules.MAX_ATTENDEES:
        wrong.append(FieldError("attendees", _l("At most %(most)s people come.", most=rules.MAX_ATTENDEES)))
    if wrong:
        raise ValidationFailed(wrong)


def _check_calendar(actor: Actor, values: EventValues) -> None:
    """Hold the calendar, before any people are held: a deletion of it holds it first, too."""
    if values.calendar_id is not None and hold_calendar(actor, values.calendar_id) is None:
        raise ValidationFailed([FieldError("calendar", _l("Choose a calendar of the list."))])


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
    theirs = unscoped(select(EventAttendee), why="whoever changes an event says who comes").where(
        EventAttendee.organization_id == event.organization_id, EventAttendee.event_id == event.id
    )
    for row in db.session.scalars(theirs.where(EventAttendee.user_id.in_(people))):
        db.session.delete(row)
    db.session.flush()


def _own_calendar(actor: Actor) -> UUID:
    """Where the first event of an organization without calendars stands: in one of everybody's.

    Whoever makes it holds the organization, before any people are held: a second one waits, and finds it.
    """
    found = hold_calendar(actor)
    if found is None:
        lock_organization(actor.organization_id)
        found = hold_calendar(actor)
    if found is not None:
        return found
    calendar = Calendar(organization_id=actor.organization_id, id=uuid7(), name=str(_l("Everybody")))
    db.session.add(calendar)
    db.session.flush()
    return calendar.id


def _the_same(event: Event, actor: Actor, values: EventValues) -> Event:
    wanted = _columns(values, values.calendar_id or event.calendar_id, values.timezone or actor.timezone)
    coming = set(queries.list_attendee_ids(actor, event.id))
    is_as_sent = event.created_by == actor.reference_id and coming == values.attendee_ids - {values.organizer_id}
    if is_as_sent and all(getattr(event, name) == value for name, value in wanted.items()):
        return event
    raise Conflict(None, _l("This event was added already. Open the calendar again to add another."))
