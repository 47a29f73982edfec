"""The JSON API of events, with their attendees."""

from app.declarations.api import Api, HandedOut, InsideApi, Operation, Write, sample_id
from app.errors import EventTimeConflict, UserNotAvailable
from app.security.permissions import Permission
from app.trust.trash.delete_service import delete
from app.work.appointments.api import APPOINTMENTS
from app.work.calendar.filters import EventQuery
from app.work.calendar.list_queries import event_records, list_events
from app.work.calendar.record_service import change_event, create_event
from app.work.calendar.resource import BUSY_TIME, EVENT, EVENT_ATTENDEE
from app.work.calendar.schemas import EventChanges, EventRecord, EventsRecord, NewEventInput

EVENTS = Api(
    EVENT,
    path="events",
    key="event",
    records=event_records,
    record=EventRecord,
    read=Permission.EVENTS_READ,
    has_list=False,
    create=Write(
        Permission.EVENTS_WRITE,
        create_event,
        NewEventInput,
        {
            "type": "meeting",
            "title": "Morning briefing",
            "startTime": "2031-03-03T13:00:00Z",
            "endTime": "2031-03-03T13:30:00Z",
            "timezone": "America/New_York",
            "attendees": [],
            "calendarId": sample_id("calendar", "shared"),
        },
        errors=(EventTimeConflict, UserNotAvailable),
    ),
    change=Write(
        Permission.EVENTS_WRITE,
        change_event,
        EventChanges,
        {"title": "Short morning briefing", "location": "Room 2"},
        errors=(EventTimeConflict, UserNotAvailable),
    ),
    delete=Write(Permission.EVENTS_DELETE, lambda actor, event_id: delete(actor, "event", [event_id])),
)

LIST = Operation(
    name="listEvents",
    method="GET",
    path="events",
    run=list_events,
    summary="List events that overlap a range of days",
    permissions=(Permission.EVENTS_READ,),
    query=EventQuery,
    answer=EventsRecord,
    hands_out=HandedOut(EVENT, lambda answer: len(answer.events)),
)

API = (EVENTS, LIST, InsideApi(EVENT_ATTENDEE, EVENTS), InsideApi(BUSY_TIME, APPOINTMENTS))
