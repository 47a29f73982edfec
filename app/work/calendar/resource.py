"""Declaration of events, attendees and busy times as resources: names, permissions, list and fields."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext

from app.audit.actions import Action
from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Person, Priority
from app.declarations.listed import FROM_TO, Listed
from app.declarations.resource import Resource, Words
from app.declarations.revertible import Revertible, each
from app.declarations.stored import entered_as, not_entered, not_returned, returned_as
from app.lists.listing import as_options
from app.models import BusyTime, Event, EventAttendee, EventKind, EventStatus
from app.people.users.resource import person_title
from app.security import own_rows
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import Scope
from app.web.labels import label, options
from app.work.calendar.filters import EventFilters
from app.work.calendar.list_queries import SOONEST_FIRST, SORTS, event_list
from app.work.calendar.people_queries import list_active_people
from app.work.calendars.queries import list_calendars

#: End of the list's initial period; events aren't planned further ahead.
_AHEAD = timedelta(days=366)


def kind_words(kind: str) -> str:
    """Return the name of a type; a type that isn't offered is returned as it is stored."""
    return label(kind, "EventKind") if kind in list(EventKind) else kind


def _from_today(actor: Actor) -> Mapping[str, str]:
    today = datetime.now(ZoneInfo(actor.timezone)).date()
    return {"from": today.isoformat(), "to": (today + _AHEAD).isoformat(), "sort": SOONEST_FIRST}


EVENT_LIST = Listed(
    name="events",
    label=_l("Events"),
    endpoint="calendar.events",
    permission=Permission.EVENTS_READ,
    filters=EventFilters,
    query=event_list,
    sorts=SORTS,
    bar_label=_l("Filter events"),
    pickers=("type", "status", "organizer", "calendar"),
    offered={"type": lambda _actor: options(EventKind), "calendar": lambda actor: as_options(list_calendars(actor))},
    days=FROM_TO,
    opening=_from_today,
    filter_words={"q": _l("Title")},
)

EVENT = Resource(
    name="event",
    model=Event,
    words=Words(
        _l("event"), _l("events"), lambda n, count: ngettext("%(count)s event", "%(count)s events", n, count=count)
    ),
    icon="calendar",
    page=("calendar.show_event", "event_id"),
    title=lambda: Event.title,
    scope=Scope((Permission.EVENTS_READ,), own_rows.events),
    revert=Revertible(
        Action.EVENT_REVERTED,
        each(Permission.EVENTS_WRITE, "type", "title", "description", "location", "calendar_id", "status")
        | each(Permission.EVENTS_WRITE, "start_at", "end_at", "timezone"),
    ),
    listed=EVENT_LIST,
    stored=(
        returned_as("start_time", "start_at"),
        returned_as("end_time", "end_at"),
    ),
    fields=(
        Field("title", _l("Title"), column=Column(is_fixed=True)),
        Field("start_at", _l("Start"), Moment(), Column(is_whole=True), sort="startTime"),
        Field("end_at", lazy_pgettext("moment", "End"), Moment(), Column(Priority.WIDER, is_whole=True)),
        Field(
            "type",
            lazy_pgettext("event", "Type"),
            column=Column(Priority.WIDE),
            file=FileColumn(words=kind_words),
        ),
        Field(
            "status",
            _l("Status"),
            Choice(EventStatus, {"confirmed": "info", "tentative": "neutral"}),
            Column(Priority.WIDE),
        ),
        Field(
            "organizer",
            _l("Organizer"),
            Person(list_active_people),
            Column(Priority.WIDE),
            shows="organizer_name",
            recorded=("organizer_id",),
        ),
        Field("location", _l("Location"), column=Column(Priority.WIDEST)),
        Field(
            "calendar",
            _l("Calendar"),
            column=Column(Priority.WIDER),
            shows="calendar_name",
            recorded=("calendar_id",),
        ),
        Field("timezone", _l("Time zone"), file=FileColumn()),
        Field("description", _l("Description"), file=FileColumn()),
    ),
)

EVENT_ATTENDEE = Resource(
    name="event_attendee",
    model=EventAttendee,
    words=Words(_l("event attendee"), _l("event attendees")),
    icon="users",
    title=person_title(EventAttendee),
    scope=Scope((Permission.EVENTS_READ,), own_rows.attendees),
    stored=(
        not_returned("The attendees are inside their event.", "event_id"),
        not_returned("The attendees of an event have their ID and their name.", "user_id"),
        not_entered("The attendees are entered with their event.", "event_id"),
        entered_as("attendees", "user_id"),
    ),
)

BUSY_TIME = Resource(
    name="busy_time",
    model=BusyTime,
    words=Words(_l("busy time"), _l("busy times")),
    icon="clock",
    scope=Scope((Permission.EVENTS_READ,), own_rows.busy_times),
    is_audited=False,
    stored=(
        not_returned(
            "Times at which a person is busy only keep appointments from overlapping.",
            "user_id",
            "range",
            "source",
            "event_id",
            "appointment_id",
        ),
        not_entered(
            "It follows from the appointment or the event.", "user_id", "range", "source", "event_id", "appointment_id"
        ),
    ),
)
