"""View of `/calendar/events`, the list of events."""

from flask import Response

from app.lists.list_page import list_page
from app.security.guard import requires
from app.security.permissions import Permission
from app.work.calendar.resource import EVENT, kind_words
from app.work.calendar.views import calendar


@calendar.get("/calendar/events")
@requires(Permission.EVENTS_READ)
def events() -> Response:
    """List the events within the scope, by default from today on."""
    return list_page(EVENT, "work/calendar", own=("title", "start_at", "type"), kind_words=kind_words)
