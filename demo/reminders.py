"""Texts that remind people of an appointment on the day before."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from app.models.appointments import AppointmentStatus
from app.models.messages import Channel, MessageStatus
from demo.conversations.slots import Window, spoken_window
from demo.households import Household
from demo.office import Office
from demo.rows import AppointmentRow, MessageRow

_BEFORE = timedelta(hours=24)
#: Older ones have been cleaned up.
_KEPT = timedelta(days=30)
_UNDELIVERED = 0.02
_COST = Decimal("0.0079")


def reminded(office: Office, household: Household, visit: AppointmentRow) -> Iterator[MessageRow]:
    """Yield the reminder of a scheduled appointment if it was sent within the last 30 days.

    An appointment that was booked too late for a reminder has none.
    """
    at = visit.scheduled_start_at - _BEFORE
    if visit.status is not AppointmentStatus.SCHEDULED or at < visit.booked_at:
        return
    if not office.now - _KEPT < at < office.now:
        return
    window = Window(office.local(visit.scheduled_start_at), office.local(visit.scheduled_end_at))
    delivered = office.chance.random() > _UNDELIVERED
    yield MessageRow(
        organization_id=office.organization_id,
        id=office.ids.at(at),
        channel=Channel.SMS,
        to_address=household.phone,
        from_address=office.company.main_number,
        body=(
            f"{office.company.name}: see you {window.start:%A} {spoken_window(window)} at {household.street}. "
            "Reply C to confirm, or call us to change it."
        ),
        template="visit_reminder",
        status=MessageStatus.DELIVERED if delivered else MessageStatus.UNDELIVERED,
        error_code=None if delivered else "30003",
        cost=_COST,
        contact_card_id=household.id,
        appointment_id=visit.id,
        dedupe_key=f"visit_reminder:{visit.id}:24h",
        sent_at=at,
        created_at=at,
    )
