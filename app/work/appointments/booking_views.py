"""Views of `/appointments/new`, the booking form, which many pages link to."""

from flask import Response, flash, make_response, url_for
from flask_babel import gettext as _

from app.declarations.side_panels import panel_page, went_well
from app.errors import DomainError
from app.lists.listing import given_parameters
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect, render
from app.work.appointments import booking_service
from app.work.appointments.booking_forms import BookingForm
from app.work.appointments.booking_page import about_of, booking_page, first_form, known_place
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
    return _page(address, context, first_form(address, context))


@appointments.post("/appointments/new")
@requires(Permission.APPOINTMENTS_WRITE)
def create() -> Response:
    """Book the appointment, or show other times to choose from."""
    actor, address = current_actor(), _address()
    context = get_context(actor, about_of(address))
    form = BookingForm()
    if form.changed_times():
        return make_response(_page(address, context, form))
    with submitted(form) as sent:
        form.check()
        wanted = Wanted(
            service_type=form.service.data or "",
            rep_id=form.chosen.rep_id,
            start=form.chosen.start,
            minutes=form.length,
            place=read_line(form.place.data or "", known_place(context)),
            notes=form.notes.data or None,
            number=form.number.data or None,
            name=form.name.data or None,
        )
        booked = booking_service.book(actor, form.new_id, about_of(address), wanted)
        beside = panel_page()
        if beside:
            return went_well(
                beside,
                booked.id,
                _("Appointment booked."),
                "work/appointments/_booked.html",
                detail=get_appointment_detail(actor, booked.id),
                again=beside,
            )
        flash(_("Appointment booked."), "good")
        return redirect(url_for("appointments.show", appointment_id=booked.id))
    return make_response(_page(address, context, form, sent.error), sent.status)


def _address() -> BookingAddress:
    return BookingAddress.parse(given_parameters())


def _page(address: BookingAddress, context: BookingContext, form: BookingForm, error: DomainError | None = None) -> str:
    shown = booking_page(current_actor(), address, context, form, error)
    return render("work/appointments/new.html", "work/appointments/_booking.html", shown=shown, form=form)
