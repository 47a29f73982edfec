"""Rules of disputes: the disputed value, and length limits for texts."""

from app.models import Appointment, Call
from app.work.appointments.rules import NO_ONE

MIN_REASON_CHARACTERS, MAX_REASON_CHARACTERS = 3, 500


def disputed_value(record: Call | Appointment) -> str | None:
    """Return the booking status of a call, or the id of the person who booked an appointment."""
    if isinstance(record, Call):
        return record.booking_status
    return str(record.csr_id) if record.csr_id else NO_ONE
