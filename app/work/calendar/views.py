"""Views of `/calendar`: the days of one person, and the week of all reps."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, render_template

from app.lists.listing import given_parameters
from app.periods import Span, midnight
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.work.appointments.free_times_queries import get_company, list_reps, list_times_on
from app.work.appointments.place_rules import PARTS
from app.work.calendar.calendar_page import calendar_page, days_of
from app.work.calendar.entry_rules import week_of
from app.work.calendar.filters import CalendarAddress, TeamAddress
from app.work.calendar.people_queries import get_calendar_person, list_calendar_people
from app.work.calendar.team_page import reps_of, team_page
from app.work.calendar.window_queries import list_entries

calendar = Blueprint("calendar", __name__)


@calendar.get("/calendar")
@requires(Permission.EVENTS_READ)
def show() -> str:
    """Show a person's week or day, with the appointments and events that are in the scope."""
    actor, asked, now = current_actor(), CalendarAddress.parse(given_parameters()), datetime.now(UTC)
    company, people = get_company(actor), list_calendar_people(actor)
    person = get_calendar_person(actor, people, asked.person)
    days = days_of(asked, now.astimezone(company.zone).date(), actor.week_start)
    start, end = midnight(days[0], company.zone), midnight(days[-1] + timedelta(days=1), company.zone)
    entries = list_entries(actor, [person.id], start, end)
    return render_template(
        "work/calendar/show.html",
        shown=calendar_page(actor, asked, person, people, entries, company, now),
        span=Span(start, end),
    )


@calendar.get("/calendar/team")
@requires(Permission.EVENTS_READ)
def team() -> str:
    """Show a week of the reps for whom the user can book."""
    actor, asked, now = current_actor(), TeamAddress.parse(given_parameters()), datetime.now(UTC)
    company, all_reps = get_company(actor), list_reps(actor)
    days = week_of(asked.day or now.astimezone(company.zone).date(), actor.week_start)
    start, end = midnight(days[0], company.zone), midnight(days[-1] + timedelta(days=1), company.zone)
    reps = reps_of(asked, all_reps)
    entries = list_entries(actor, [rep.id for rep in reps], start, end)
    free = list_times_on(actor, company, reps, days, dict.fromkeys(PARTS), now)
    return render_template(
        "work/calendar/team.html",
        shown=team_page(actor, asked, all_reps, days, entries, free, company, now),
        span=Span(start, end),
    )
