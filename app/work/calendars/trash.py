"""How calendars are deleted and come back: with the events that stand in them."""

from app.declarations.deletable import Along, Deletable
from app.security.permissions import Permission
from app.work.calendars.resource import CALENDAR

CALENDAR_DELETION = Deletable(
    resource=CALENDAR, permission=Permission.EVENTS_DELETE, along=(Along("event", "calendar_id"),)
)
