"""Views that move an event: by a form, or by dragging, which submits the same form."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, make_response, render_template, url_for
from flask_babel import gettext as _

from app.errors import DomainError
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect
from app.web.redirects import local_path, page_before
from app.web.undo import flash_result
from app.work.calendar import event_rules, event_service
from app.work.calendar.event_forms import MoveForm
from app.work.calendar.event_page import free_instead, is_taken
from app.work.calendar.event_queries import EventDetail, get_event_detail
from app.work.calendar.views import calendar


@calendar.get("/calendar/events/<uuid:event_id>/move")
@requires(Permission.EVENTS_WRITE)
def confirm_move_event(event_id: UUID) -> str:
    """Show the form that moves an event to another time."""
    actor = current_actor()
    event = _event(event_id).event
    form = MoveForm.at(event.start_at, ZoneInfo(actor.timezone), event.version, page_before() or "")
    return _event_page(event_id, form)


@calendar.post("/calendar/events/<uuid:event_id>/move")
@requires(Permission.EVENTS_WRITE)
def move_event(event_id: UUID) -> Response:
    """Move an event, or show the form again with its errors or the conflict."""
    actor = current_actor()
    form = MoveForm.sent(ZoneInfo(actor.timezone))
    event = _event(event_id).event
    before, version = event.start_at, event.version
    with submitted(form) as sent:
        form.check()
        start, end = form.span(event.start_at, event.end_at)
        moved = event_service.move(actor, event_id, start, end, version=form.opened_with)
        undo = _undo(before, ZoneInfo(actor.timezone), moved.version)
        undone = url_for(".move_event", event_id=event_id, **undo)
        flash_result(_("Event rescheduled."), undone if moved.version != version else None)
        return _back(form, url_for(".show_event", event_id=event_id))
    return make_response(_event_page(event_id, form, sent.error), sent.status)


def _back(form: MoveForm, own_page: str) -> Response:
    """Redirect to the page from which the event was moved; after Undo, to the page with the Undo button.

    If neither is known, redirect to the event's own page.
    """
    return redirect(local_path(form.back.data) or page_before() or own_page)


def _undo(start: datetime, zone: ZoneInfo, version: int) -> dict[str, Any]:
    """Return the URL parameters that move an event back to `start`."""
    here = start.astimezone(zone)
    return {"day": here.date(), "time": here.strftime("%H:%M"), "exact": start.isoformat(), "version": version}


def _event(event_id: UUID) -> EventDetail:
    actor = current_actor()
    detail = get_event_detail(actor, event_id)
    event_rules.refuse_others(detail.event, actor)
    return detail


def _event_page(event_id: UUID, form: MoveForm, error: DomainError | None = None) -> str:
    actor, detail = current_actor(), _event(event_id)
    event = detail.event
    offers = []
    if is_taken(error):
        people = {event.organizer_id, *(one.id for one in detail.attendees)}
        span = form.span(event.start_at, event.end_at)
        offers = free_instead(actor, people, *span, event.id)
    return render_template("work/calendar/move_event.html", form=form, detail=detail, offers=offers)
