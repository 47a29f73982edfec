"""Events: planning one, its page, changing and deleting it."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.errors import DomainError, EventTimeConflict, UserNotAvailable
from app.lists.listing import given_parameters
from app.security.actor import Actor, current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.delete_service import delete as delete_row
from app.trust.trash.deletion_views import DeletionForm, undo_address
from app.web.forms import submitted
from app.web.htmx import redirect
from app.web.undo import flash_with_undo
from app.work.calendar import event_rules, event_service
from app.work.calendar.event_forms import EventEditForm, EventFields, NewEventForm, kind_words
from app.work.calendar.event_page import edit_form, event_page, offer_choices, zone_of
from app.work.calendar.event_queries import EventDetail, get_event_detail, list_common_times
from app.work.calendar.filters import NewEventAddress
from app.work.calendar.views import calendar


@calendar.get("/calendar/events/<uuid:event_id>")
@requires(Permission.EVENTS_READ)
def show_event(event_id: UUID) -> str:
    actor = current_actor()
    shown = event_page(actor, get_event_detail(actor, event_id))
    return render_template("work/calendar/event.html", shown=shown, kind_words=kind_words)


@calendar.get("/calendar/events/new")
@requires(Permission.EVENTS_WRITE)
def new_event() -> str:
    """The form of an event, on the day that the address names."""
    actor, given = current_actor(), NewEventAddress.parse(given_parameters())
    form = NewEventForm.new(start_day=given.day, organizer=str(actor.user_id))
    return _form_page(actor, form)


@calendar.post("/calendar/events/new")
@requires(Permission.EVENTS_WRITE)
def create_event() -> Response:
    """Plan it, or show the form with what is in the way."""
    actor, form = current_actor(), NewEventForm()
    zone = zone_of(actor, None)
    offer_choices(actor, form)
    with submitted(form) as sent:
        form.take_instead(zone)
        form.check()
        event = event_service.create(actor, form.new_id, form.values(zone))
        flash(_("Event added."), "good")
        return redirect(url_for(".show_event", event_id=event.id))
    return make_response(_form_page(actor, form, error=sent.error), sent.status)


@calendar.get("/calendar/events/<uuid:event_id>/edit")
@requires(Permission.EVENTS_WRITE)
def edit_event(event_id: UUID) -> str:
    """The form of an event that is there."""
    actor = current_actor()
    detail = _changeable(actor, event_id)
    return _form_page(actor, edit_form(detail, zone_of(actor, detail)), detail)


@calendar.post("/calendar/events/<uuid:event_id>/edit")
@requires(Permission.EVENTS_WRITE)
def update_event(event_id: UUID) -> Response:
    actor, form = current_actor(), EventEditForm()
    detail = _changeable(actor, event_id)
    zone = zone_of(actor, detail)
    offer_choices(actor, form, detail)
    with submitted(form) as sent:
        form.take_instead(zone)
        form.check()
        event_service.edit(actor, event_id, form.values(zone), version=form.opened_with)
        flash(_("Event saved."), "good")
        return redirect(url_for(".show_event", event_id=event_id))
    return make_response(_form_page(actor, form, detail, sent.error), sent.status)


@calendar.post("/calendar/events/<uuid:event_id>/delete")
@requires(Permission.EVENTS_DELETE)
def delete_event(event_id: UUID) -> Response:
    """Put an event into the trash; its people have their time back."""
    batch = delete_row(current_actor(), "event", [event_id], versions=DeletionForm().seen(event_id))
    flash_with_undo(_("Event deleted."), undo_address(batch))
    return redirect(url_for(".show"))


def _changeable(actor: Actor, event_id: UUID) -> EventDetail:
    """For a form of its own: raises NotFound, and Forbidden for who may not change it."""
    detail = get_event_detail(actor, event_id)
    event_rules.refuse_others(detail.event, actor)
    return detail


def _form_page(
    actor: Actor, form: EventFields, detail: EventDetail | None = None, error: DomainError | None = None
) -> str:
    offer_choices(actor, form, detail)
    zone = zone_of(actor, detail)
    return render_template(
        "work/calendar/event_form.html",
        form=form,
        detail=detail,
        zone=zone if detail is not None and detail.event.timezone != actor.timezone else None,
        offers=_offers(actor, form, zone, detail, error),
    )


def _offers(
    actor: Actor, form: EventFields, zone: ZoneInfo, detail: EventDetail | None, error: DomainError | None
) -> list[datetime]:
    if not isinstance(error, EventTimeConflict | UserNotAvailable):
        return []
    values = form.values(zone)
    people = {values.organizer_id, *values.attendee_ids}
    length = values.end - values.start
    return list_common_times(actor, people, values.start, length, besides=detail.event.id if detail else None)
