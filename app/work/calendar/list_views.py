"""`/calendar/events`: events as a list."""

from flask import Response

from app.lists.filter_words import chip_words
from app.lists.listing import given_parameters, name_among, people_options, render_list, show_list
from app.lists.tools_page import list_tools
from app.models import EventKind, EventStatus
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.labels import options
from app.work.calendar.filters import EventFilters
from app.work.calendar.list_queries import event_list
from app.work.calendar.people_queries import list_everybody
from app.work.calendar.resource import EVENT, EVENT_LIST, kind_words
from app.work.calendar.views import calendar
from app.work.calendars.queries import list_calendars


@calendar.get("/calendar/events")
@requires(Permission.EVENTS_READ)
def events() -> Response:
    """Events within the scope, from today on unless others are asked for."""
    actor = current_actor()
    people, calendars = list_everybody(actor), list_calendars(actor)
    filters = EventFilters.parse(given_parameters(organizer=people_options(people)))
    words = chip_words(EVENT, EVENT_LIST, {"organizer": name_among(people), "calendar": name_among(calendars)})
    listing = show_list(event_list(actor, filters), "calendar.events", words)
    return render_list(
        "work/calendar/events.html",
        "work/calendar/_events.html",
        listing,
        tools=list_tools(actor, EVENT, EVENT_LIST, listing, own=("title", "start_at", "type")),
        people=people_options(people),
        calendars=[(str(one.id), one.name) for one in calendars],
        kinds=options(EventKind),
        kind_words=kind_words,
        statuses=options(EventStatus),
    )
