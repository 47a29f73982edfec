"""Events, attendees of events, calendars and busy times: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.audit.actions import Action
from app.declarations.resource import Resource, Words
from app.declarations.revertible import Revertible, each
from app.models import BusyTime, Calendar, Event, EventAttendee
from app.people.users.resource import person_title
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

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
)

EVENT_ATTENDEE = Resource(
    name="event_attendee",
    model=EventAttendee,
    words=Words(_l("attendee of an event"), _l("attendees of events")),
    icon="users",
    title=person_title(EventAttendee),
    scope=Scope((Permission.EVENTS_READ,), own_rows.attendees),
)

CALENDAR = Resource(
    name="calendar",
    model=Calendar,
    words=Words(_l("calendar"), _l("calendars")),
    icon="calendar",
    title=lambda: Calendar.name,
    scope=Scope((Permission.EVENTS_READ,), own_rows.calendars),
)

BUSY_TIME = Resource(
    name="busy_time",
    model=BusyTime,
    words=Words(_l("busy time"), _l("busy times")),
    icon="clock",
    scope=Scope((Permission.EVENTS_READ,), own_rows.busy_times),
    is_audited=False,
)
