"""Deletion of calendars, which cascades to their events."""

from app.declarations.deletable import Cascade, Deletable
from app.security.permissions import Permission
from app.work.calendars.resource import CALENDAR

CALENDAR_DELETION = Deletable(
    resource=CALENDAR, permission=Permission.EVENTS_DELETE, cascades=(Cascade("event", "calendar_id"),)
)
