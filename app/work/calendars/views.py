"""Views of `/calendar/calendars`: the calendars that hold events, shared or personal."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.audit.queries import list_history
from app.lists.history_page import history_of
from app.lists.list_page import list_page
from app.models import Calendar
from app.security.actor import Actor, current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.deletion_views import delete_from_list
from app.web.forms import submitted
from app.web.htmx import redirect
from app.work.calendars import queries, rules, service
from app.work.calendars.forms import CalendarForm, NewCalendarForm
from app.work.calendars.resource import CALENDAR

calendars = Blueprint("calendars", __name__)

#: Names of form fields that differ from the column's name.
_FORM_FIELDS = {"owner_user_id": "owner"}


@calendars.get("/calendar/calendars")
@requires(Permission.EVENTS_READ)
def index() -> Response:
    """List the calendars that the user can see, by name."""
    return list_page(CALENDAR, "work/calendars", own=("name", "color"))


@calendars.get("/calendar/calendars/<uuid:calendar_id>")
@requires(Permission.EVENTS_READ)
def show(calendar_id: UUID) -> str:
    """Show a calendar, the number of its events, and its history."""
    actor = current_actor()
    row = queries.get_calendar(actor, calendar_id)
    return render_template(
        "work/calendars/show.html",
        row=row,
        owner=queries.find_owner(actor, row),
        standing=queries.count_events(actor, row.id),
        may_change=rules.may_change(row, actor),
        happened=history_of(CALENDAR, list_history(actor, "calendar", row.id)),
    )


@calendars.get("/calendar/calendars/new")
@requires(Permission.EVENTS_WRITE)
def new() -> Response:
    """Show the form that creates a calendar."""
    return _new_page(current_actor(), NewCalendarForm.new())


@calendars.post("/calendar/calendars/new")
@requires(Permission.EVENTS_WRITE)
def create() -> Response:
    """Create the calendar, or show the form with its errors."""
    actor = current_actor()
    form = NewCalendarForm().offer(actor)
    with submitted(form, _FORM_FIELDS) as sent:
        form.check()
        row = service.add(actor, form.new_id, form.values)
        flash(_("Calendar added."), "good")
        return redirect(url_for(".show", calendar_id=row.id))
    return _new_page(actor, form, sent.status)


@calendars.get("/calendar/calendars/<uuid:calendar_id>/edit")
@requires(Permission.EVENTS_WRITE)
def edit(calendar_id: UUID) -> Response:
    """Show the form that edits a calendar."""
    row, form = _changeable(current_actor(), calendar_id)
    return _edit_page(row, form)


@calendars.post("/calendar/calendars/<uuid:calendar_id>/edit")
@requires(Permission.EVENTS_WRITE)
def update(calendar_id: UUID) -> Response:
    """Save the changes to a calendar."""
    actor = current_actor()
    row = queries.get_calendar(actor, calendar_id)
    form = CalendarForm().offer(actor, row, queries.find_owner(actor, row))
    with submitted(form, _FORM_FIELDS) as sent:
        form.check()
        service.edit(actor, calendar_id, form.values, version=form.opened_with)
        flash(_("Calendar saved."), "good")
        return redirect(url_for(".show", calendar_id=calendar_id))
    return _edit_page(row, form, sent.status)


@calendars.post("/calendar/calendars/<uuid:calendar_id>/delete")
@requires(Permission.EVENTS_DELETE)
def delete(calendar_id: UUID) -> Response:
    """Move a calendar and its events to the trash."""
    actor = current_actor()
    count = queries.count_events(actor, queries.get_calendar(actor, calendar_id).id).all
    done = _("Calendar deleted.")
    if count:
        done = ngettext(
            "Calendar deleted, along with its %(count)s event.",
            "Calendar deleted, along with its %(count)s events.",
            count,
            count=count,
        )
    page = url_for(".show", calendar_id=calendar_id)
    return delete_from_list("calendar", calendar_id, done, "calendars.index", page)


def _changeable(actor: Actor, calendar_id: UUID) -> tuple[Calendar, CalendarForm]:
    """Return the calendar and its form.

    Raises NotFound, and Forbidden if `actor` can't change it.
    """
    row = queries.get_calendar(actor, calendar_id)
    rules.refuse_others(row, actor)
    return row, CalendarForm.of(row).offer(actor, row, queries.find_owner(actor, row))


def _new_page(actor: Actor, form: NewCalendarForm, status: int = HTTPStatus.OK) -> Response:
    return make_response(render_template("work/calendars/new.html", form=form.offer(actor)), status)


def _edit_page(row: Calendar, form: CalendarForm, status: int = HTTPStatus.OK) -> Response:
    return make_response(render_template("work/calendars/edit.html", form=form, row=row), status)
