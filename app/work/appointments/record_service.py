"""Appointments booked and changed by programs for a time and a sales rep of their choice."""

from uuid import UUID

from app.db.ids import uuid7
from app.models import Appointment
from app.security.actor import Actor
from app.work.appointments import booking_service, service
from app.work.appointments.booking_service import Wanted
from app.work.appointments.context_queries import About
from app.work.appointments.place_rules import PARTS, parts_of
from app.work.appointments.resource import APPOINTMENT
from app.work.appointments.schemas import AppointmentChanges, BookingBody, MissedCallBooking


def book_appointment(actor: Actor, appointment_id: UUID, given: BookingBody) -> Appointment:
    """Book an appointment. Raises like `booking_service.book`."""
    about = About(given.contact_card_id, given.call_id, given.missed_call_id, given.lead_id)
    return booking_service.book(actor, appointment_id, about, _wanted(actor, given))


def book_missed_call(actor: Actor, entry_id: UUID, given: MissedCallBooking) -> Appointment:
    """Book an appointment for a missed caller, which rescues them. Raises like `booking_service.book`."""
    return booking_service.book(actor, uuid7(), About(entry_id=entry_id), _wanted(actor, given))


def _wanted(actor: Actor, given: MissedCallBooking) -> Wanted:
    is_elsewhere = bool(given.model_fields_set & set(PARTS))
    return Wanted(
        service_type=given.service_type,
        rep_id=given.rep_id,
        start=given.start,
        minutes=given.minutes,
        place={**parts_of(given), "country": given.country or actor.country} if is_elsewhere else None,
        notes=given.notes or None,
        number=given.number,
        name=given.name or None,
        entered=APPOINTMENT.entered_values(given),
    )


def change_appointment(actor: Actor, appointment_id: UUID, given: AppointmentChanges, version: int) -> Appointment:
    """Change the service, the place and the notes of an appointment. Raises like `service.edit`."""
    return service.edit(
        actor,
        appointment_id,
        service_type=given.service_type,
        place=parts_of(given),
        notes=given.notes or None,
        entered=APPOINTMENT.entered_values(given),
        version=version,
    )
