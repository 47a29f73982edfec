"""`/calendar/events`: events as a list."""

from flask import Response

from app.lists.list_page import list_page
from app.security.guard import requires
from app.security.permissions import Permission
from app.work.calendar.resource import EVENT, kind_words
from app.work.calendar.views import calendar


@calendar.get("/calendar/events")
@requires(Permission.EVENTS_READ)
def events() -> Response:
    """Events within the scope, from today on unless others are asked for."""
    return list_page(EVENT, "work/calendar", own=("title", "start_at", "type"), kind_words=kind_words)
