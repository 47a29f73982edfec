"""Views that create, show, change and delete an event."""

from datetime import datetime
from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.errors import DomainError
from app.lists.listing import given_parameters
from app.organization.settings.rules import places
from app.security.actor import Actor, current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.deletion_views import delete_from_list
from app.web.forms import submitted
from app.web.htmx import redirect
from app.work.calendar import event_rules, event_service
from app.work.calendar.event_forms import FORM_FIELDS, EventEditForm, EventFields, NewEventForm
from app.work.calendar.event_page import edit_form, event_page, free_instead, is_taken, offer_choices
from app.work.calendar.event_queries import EventDetail, get_event_detail
from app.work.calendar.filters import NewEventAddress
from app.work.calendar.resource import kind_words
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
    """Show the form that creates an event, on the day that the URL names."""
    actor, given = current_actor(), NewEventAddress.parse(given_parameters())
    form = NewEventForm.new(start_day=given.day, organizer=str(actor.user_id), timezone=actor.timezone)
    return _form_page(actor, form)


@calendar.post("/calendar/events/new")
@requires(Permission.EVENTS_WRITE)
def create_event() -> Response:
    """Create the event, or show the form again with its errors, a conflict or an added person."""
    actor, form = current_actor(), NewEventForm()
    zone = form.zone(actor.timezone)
    offer_choices(actor, form)
    with submitted(form, FORM_FIELDS) as sent:
        form.add_person()
        if form.is_adding:
            return make_response(_form_page(actor, form))
        form.check()
        form.take_instead(zone)
        form.check()
        event = event_service.create(actor, form.new_id, form.values(zone))
        flash(_("Event added."), "good")
        return redirect(url_for(".show_event", event_id=event.id))
    return make_response(_form_page(actor, form, error=sent.error), sent.status)


@calendar.get("/calendar/events/<uuid:event_id>/edit")
@requires(Permission.EVENTS_WRITE)
def edit_event(event_id: UUID) -> str:
    """Show the form that edits an event."""
    actor = current_actor()
    detail = _changeable(actor, event_id)
    return _form_page(actor, edit_form(detail), detail)


@calendar.post("/calendar/events/<uuid:event_id>/edit")
@requires(Permission.EVENTS_WRITE)
def update_event(event_id: UUID) -> Response:
    actor, form = current_actor(), EventEditForm()
    detail = _changeable(actor, event_id)
    zone = form.zone(detail.event.timezone)
    form.known = detail.event.start_at, detail.event.end_at
    offer_choices(actor, form, detail)
    with submitted(form, FORM_FIELDS) as sent:
        form.add_person()
        if form.is_adding:
            return make_response(_form_page(actor, form, detail))
        form.check()
        form.take_instead(zone)
        form.check()
        event_service.edit(actor, event_id, form.values(zone), version=form.opened_with)
        flash(_("Event saved."), "good")
        return redirect(url_for(".show_event", event_id=event_id))
    return make_response(_form_page(actor, form, detail, sent.error), sent.status)


@calendar.post("/calendar/events/<uuid:event_id>/delete")
@requires(Permission.EVENTS_DELETE)
def delete_event(event_id: UUID) -> Response:
    """Move an event to the trash, which frees the time of its people."""
    page = url_for(".show_event", event_id=event_id)
    return delete_from_list("event", event_id, _("Event deleted."), "calendar.show", page)


def _changeable(actor: Actor, event_id: UUID) -> EventDetail:
    """Return an event that `actor` can change.

    Raises NotFound, and Forbidden if `actor` can't change it.
    """
    detail = get_event_detail(actor, event_id)
    event_rules.refuse_others(detail.event, actor)
    return detail


def _form_page(
    actor: Actor, form: EventFields, detail: EventDetail | None = None, error: DomainError | None = None
) -> str:
    offer_choices(actor, form, detail)
    form.show_chosen()
    return render_template(
        "work/calendar/event_form.html",
        form=form,
        detail=detail,
        zones=places(),
        offers=_offers(actor, form, detail, error),
    )


def _offers(actor: Actor, form: EventFields, detail: EventDetail | None, error: DomainError | None) -> list[datetime]:
    if not is_taken(error):
        return []
    values = form.values(form.zone(actor.timezone))
    people = {values.organizer_id, *values.attendee_ids}
    return free_instead(actor, people, values.start, values.end, detail.event.id if detail else None)
