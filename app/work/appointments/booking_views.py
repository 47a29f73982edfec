"""Views of `/appointments/new`, the booking form, which many pages link to, and of the steps after a booking."""

from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

from flask import Response, flash, make_response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.declarations.side_panels import panel_page, went_well
from app.errors import Conflict, DomainError
from app.lists.listing import given_parameters
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import NewRowForm, submitted
from app.web.htmx import redirect, render
from app.web.redirects import page_before
from app.web.undo import back_to_the_page, flash_result
from app.work.appointments import booking_service, reminder_service, undo_service
from app.work.appointments.booked_page import after_booking, reminder_title
from app.work.appointments.booking_forms import BookingForm
from app.work.appointments.booking_page import (
    about_of,
    booking_page,
    first_form,
    known_people,
    known_place,
    sent_form,
)
from app.work.appointments.booking_service import Wanted
from app.work.appointments.context_queries import BookingContext, get_context
from app.work.appointments.detail_queries import get_appointment_detail
from app.work.appointments.filters import BookingAddress
from app.work.appointments.place_rules import read_line
from app.work.appointments.views import appointments


@appointments.get("/appointments/new")
@requires(Permission.APPOINTMENTS_WRITE)
def new() -> str:
    """Show the booking form, filled with what is known of the contact."""
    actor, address = current_actor(), _address()
    context = get_context(actor, about_of(address))
    return _page(address, context, first_form(actor, address, context))


@appointments.post("/appointments/new")
@requires(Permission.APPOINTMENTS_WRITE)
def create() -> Response:
    """Book the appointment, or show other times to choose from."""
    actor, address = current_actor(), _address()
    context = get_context(actor, about_of(address))
    form = sent_form(context)
    if form.changed_times():
        return make_response(_page(address, context, form))
    with submitted(form) as sent:
        form.check()
        if known_people(actor, context, form) and not booking_service.is_booked(actor, form.new_id):
            raise Conflict(None, _l("A contact has this number already. Choose the contact or enter another number."))
        wanted = Wanted(
            service_type=form.service.data or "",
            rep_id=form.chosen.rep_id,
            start=form.chosen.start,
            minutes=form.length,
            place=read_line(form.place.data or "", known_place(context)),
            notes=form.notes.data or None,
            number=form.number.data or None,
            name=form.name.data or None,
            completes_contact=form.asks_name,
            card_id=form.person_id,
            entered=form.declared_values,
        )
        booked = booking_service.book(actor, form.new_id, about_of(address), wanted)
        beside, undo = panel_page(), url_for("appointments.undo_booking", appointment_id=booked.id)
        if beside:
            return went_well(
                beside,
                booked.id,
                _("Appointment booked."),
                "work/appointments/_booked.html",
                undo,
                detail=get_appointment_detail(actor, booked.id),
                after=after_booking(actor, booked),
                again=beside,
            )
        flash_result(_("Appointment booked."), undo)
        return redirect(url_for("appointments.show", appointment_id=booked.id))
    return make_response(_page(address, context, form, sent.error), sent.status)


@appointments.post("/appointments/<uuid:appointment_id>/undo-booking")
@requires(Permission.APPOINTMENTS_WRITE)
def undo_booking(appointment_id: UUID) -> Response:
    """Undo the booking that the user just made, and return to the page or the caller it was made from."""
    actor, before = current_actor(), page_before()
    own_page = url_for("appointments.show", appointment_id=appointment_id)
    with submitted() as sent:
        entry_id = undo_service.undo_booking(actor, appointment_id)
        flash(_("Booking undone."), "good")
        if before is not None and urlsplit(before).path != own_page:
            return redirect(before)
        if entry_id is not None and actor.may(Permission.MISSED_CALLS_READ):
            return redirect(url_for("missed_calls.show", entry_id=entry_id))
        return redirect(url_for("appointments.index"))
    flash(str(sent.error.sentence) if sent.error else "", "bad")
    return redirect(before or own_page)


@appointments.post("/appointments/<uuid:appointment_id>/reminder")
@requires(Permission.APPOINTMENTS_READ, Permission.TASKS_WRITE)
def add_reminder(appointment_id: UUID) -> Response:
    """Add a task to remind the contact of an appointment."""
    actor, form = current_actor(), NewRowForm()
    detail = get_appointment_detail(actor, appointment_id)
    with submitted(form) as sent:
        form.check()
        title, now = reminder_title(detail), datetime.now(UTC)
        task = reminder_service.add_reminder(actor, appointment_id, form.new_id, title, now)
        flash_result(_("Reminder added to your tasks."), url_for("tasks.cancel", task_id=task.id))
        return back_to_the_page("appointments.show", appointment_id=appointment_id)
    flash(str(sent.error.sentence) if sent.error else "", "bad")
    return back_to_the_page("appointments.show", appointment_id=appointment_id)


def _address() -> BookingAddress:
    return BookingAddress.parse(given_parameters())


def _page(address: BookingAddress, context: BookingContext, form: BookingForm, error: DomainError | None = None) -> str:
    shown = booking_page(current_actor(), address, context, form, error)
    return render("work/appointments/new.html", "work/appointments/_booking.html", shown=shown, form=form)
