"""Panel that books an appointment next to a call, a contact, a lead or a missed caller."""

from collections.abc import Mapping

from flask import render_template
from flask_babel import lazy_gettext as _l

from app.declarations.panel import PanelSubject, SidePanel
from app.declarations.side_panels import panel_page
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.appointments.booked_page import after_booking
from app.work.appointments.booking_page import about_of, booking_page, first_form
from app.work.appointments.context_queries import get_context
from app.work.appointments.detail_queries import get_appointment_detail
from app.work.appointments.filters import BookingAddress

#: Parameter of the booking form's address, by the resource of the page.
_FROM: Mapping[str, str] = {"call": "call", "contact_card": "contact", "lead": "lead", "missed_call_entry": "entry"}


def _render(actor: Actor, beside: PanelSubject) -> str:
    """Render the booking form filled from the record, or the appointment that was just booked."""
    if beside.done is not None:
        detail = get_appointment_detail(actor, beside.done)
        after = after_booking(actor, detail.appointment)
        return render_template("work/appointments/_booked.html", detail=detail, after=after, again=panel_page())
    address = BookingAddress.of({_FROM[beside.kind]: str(beside.id), "beside": panel_page() or ""})
    context = get_context(actor, about_of(address))
    form = first_form(actor, address, context)
    shown = booking_page(actor, address, context, form, None)
    return render_template("work/appointments/_booking.html", shown=shown, form=form)


BOOKING_PANEL = SidePanel(
    name="book",
    label=_l("Book"),
    icon="calendar-plus",
    permission=Permission.APPOINTMENTS_WRITE,
    kinds=frozenset(_FROM),
    render=_render,
)
