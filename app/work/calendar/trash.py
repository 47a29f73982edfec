"""Deletion and restoring of events."""

from app.declarations.deletable import Deletable
from app.security.permissions import Permission
from app.work.calendar.resource import EVENT
from app.work.calendars.resource import CALENDAR

EVENT_DELETION = Deletable(resource=EVENT, permission=Permission.EVENTS_DELETE, parents={"calendar_id": CALENDAR.name})
