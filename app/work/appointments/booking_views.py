"""`/appointments/new`: booking, from wherever one comes."""

from flask import Response, flash, make_response, url_for
from flask_babel import gettext as _

from app.errors import DomainError
from app.lists.listing import given_parameters
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect, render
from app.work.appointments import booking_service
from app.work.appointments.booking_forms import BookingForm
from app.work.appointments.booking_page import booking_page
from app.work.appointments.booking_service import Wanted
from app.work.appointments.context_queries import About, BookingContext, get_context
from app.work.appointments.filters import BookingAddress
from app.work.appointments.place_rules import PARTS, in_one_line, parts_of, read_line
from app.work.appointments.views import appointments


@appointments.get("/appointments/new")
@requires(Permission.APPOINTMENTS_WRITE)
def new() -> str:
    """The form, with what is known of whom it is for."""
    actor, address = current_actor(), _address()
    context = get_context(actor, _about(address))
    return _page(address, context, _form_of(address, context))


@appointments.post("/appointments/new")
@requires(Permission.APPOINTMENTS_WRITE)
def create() -> Response:
    """Book it, or show other times to choose from."""
    actor, address = current_actor(), _address()
    context = get_context(actor, _about(address))
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
            place=read_line(form.place.data or "", _known_place(context)),
            notes=form.notes.data or None,
            number=form.number.data or context.number,
            name=form.name.data or None,
        )
        booked = booking_service.book(actor, form.new_id, _about(address), wanted)
        flash(_("Appointment booked."), "good")
        return redirect(url_for("appointments.show", appointment_id=booked.id))
    return make_response(_page(address, context, form, sent.error), sent.status)


def _address() -> BookingAddress:
    return BookingAddress.parse(given_parameters())


def _about(address: BookingAddress) -> About:
    return About(address.contact, address.call, address.entry, address.lead)


def _known_place(context: BookingContext) -> dict[str, str | None]:
    return parts_of(context.card) if context.card else dict.fromkeys(PARTS)


def _form_of(address: BookingAddress, context: BookingContext) -> BookingForm:
    return BookingForm.new(
        service=context.topic or "",
        rep=str(address.rep or ""),
        place=in_one_line(_known_place(context)),
        number=context.number or "",
    )


def _page(address: BookingAddress, context: BookingContext, form: BookingForm, error: DomainError | None = None) -> str:
    shown = booking_page(current_actor(), address, context, form, error)
    return render("work/appointments/new.html", "work/appointments/_booking.html", shown=shown, form=form)
