"""Contents of the pages and panels of disputes."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from app.models import Appointment, BookingDispute, Call
from app.security.actor import Actor
from app.web import formatting
from app.web.labels import label
from app.web.render_context import current_render_context
from app.work.appointments.detail_forms import offered_bookers
from app.work.disputes import queries
from app.work.disputes.forms import BookedByDisputeForm, DecisionForm


@dataclass(frozen=True, slots=True)
class DisputePage:
    """A dispute with its values in words: the disputed one, the requested one, and that of the record now.

    `now` is None while it is still the disputed one. `visit` is the appointment in words, None for a call. `link` leads
    to the record.
    """

    dispute: BookingDispute
    subject: str
    before: str
    after: str
    now: str | None
    visit: str | None
    link: str
    form: DecisionForm | None


def dispute_page(dispute: BookingDispute, record: Call | Appointment, form: DecisionForm | None = None) -> DisputePage:
    """Return the contents about a dispute and its call or appointment, with the `form` for the decision, if any."""
    visit = None
    if isinstance(record, Call):
        before, after, now = (
            label(value, "BookingStatus") for value in (dispute.from_status, dispute.to_status, record.booking_status)
        )
        subject, link = _("Booking status"), url_for("calls.show", call_id=record.id)
    else:
        ids = (dispute.from_csr_id, dispute.to_csr_id, record.csr_id)
        names = queries.names_of(dispute.organization_id, ids)
        before, after, now = (names.get(id_, "–") if id_ else _("No one") for id_ in ids)
        subject, link = _("Booked by"), url_for("appointments.show", appointment_id=record.id)
        visit = _words_of(record)
    return DisputePage(dispute, subject, before, after, None if now == before else now, visit, link, form)


@dataclass(frozen=True, slots=True)
class BookedByPage:
    """The form of a dispute about who booked one of `appointments`, with what is known about the first.

    `back` is the address of the page beside it.
    """

    form: BookedByDisputeForm
    appointments: Sequence[Appointment]
    booked_by: str
    back: str


def booked_by_page(
    actor: Actor, appointments: Sequence[Appointment], back: str, form: BookedByDisputeForm | None = None
) -> BookedByPage:
    """Return the contents of the form. `form` is one with errors, which replaces the blank one."""
    first = appointments[0]
    if form is None:
        own = "" if first.csr_id == actor.user_id else str(actor.user_id)
        form = BookedByDisputeForm.new(appointment_id=str(first.id), to_csr=own)
    names = queries.names_of(actor.organization_id, [visit.csr_id for visit in appointments])

    def booker_of(visit: Appointment) -> str:
        return names.get(visit.csr_id, "–") if visit.csr_id else _("No one")

    form.appointment_id.choices = [
        (str(visit.id), " · ".join((_words_of(visit), booker_of(visit)))) for visit in appointments
    ]
    form.to_csr.choices = offered_bookers(actor, first.csr_id if len(appointments) == 1 else None)
    return BookedByPage(form, appointments, booker_of(first), back)


def _words_of(visit: Appointment) -> str:
    """Return the service and the start of an appointment, which tell it from the others of a call."""
    context = current_render_context()
    start = formatting.in_zone(visit.scheduled_start_at, context.zone)
    return " · ".join((visit.service_type, formatting.date_and_clock(start, context.locale, context.now)))
