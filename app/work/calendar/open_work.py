"""Upcoming events that must be reassigned when their organizer leaves."""

from app.declarations.open_work import Work, WorkKind, roles_with
from app.models import BusySource, Event, EventStatus
from app.security.permissions import Permission
from app.work.calendar.resource import EVENT

#: Time off isn't handed over: it would make the new organizer absent.
_IS_NO_HOLIDAY = Event.type != BusySource.TIME_OFF

EVENTS = Work(
    kind=WorkKind.EVENTS,
    resource=EVENT,
    holder=Event.organizer_id,
    roles=roles_with(Permission.EVENTS_WRITE),
    is_open=lambda now: (Event.end_at > now, Event.status != EventStatus.CANCELLED, _IS_NO_HOLIDAY),
    ever=(_IS_NO_HOLIDAY,),
    label=lambda: Event.title,
    order=(Event.start_at, Event.id),
    one_by_one=True,
)
