"""The JSON API of calendars."""

from app.declarations.api import Api, Write
from app.security.permissions import Permission
from app.trust.trash.delete_service import delete
from app.work.calendars.queries import calendar_records
from app.work.calendars.resource import CALENDAR
from app.work.calendars.schemas import CalendarInput, CalendarRecord
from app.work.calendars.service import CalendarValues, add, edit

CALENDARS = Api(
    CALENDAR,
    path="calendars",
    key="calendar",
    records=calendar_records,
    record=CalendarRecord,
    read=Permission.EVENTS_READ,
    create=Write(
        Permission.EVENTS_WRITE,
        lambda actor, calendar_id, given: add(actor, calendar_id, CalendarValues(**given.owned_by(actor.reference_id))),
        CalendarInput,
        {"name": "Installations", "color": "green"},
    ),
    change=Write(
        Permission.EVENTS_WRITE,
        lambda actor, calendar_id, given, version: edit(
            actor, calendar_id, CalendarValues(**given.values()), version=version
        ),
        CalendarInput,
        {"name": "Installations and repairs"},
    ),
    delete=Write(Permission.EVENTS_DELETE, lambda actor, calendar_id: delete(actor, "calendar", [calendar_id])),
)

API = (CALENDARS,)
