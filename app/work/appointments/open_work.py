"""Appointments that must be reassigned when their rep or CSR leaves."""

from datetime import datetime

from app.declarations.open_work import Conditions, Work, WorkKind
from app.models import Appointment, AppointmentStatus
from app.security.permissions import Role
from app.work.appointments.notices import APPOINTMENT_ASSIGNED
from app.work.appointments.resource import APPOINTMENT


def _to_come(now: datetime) -> Conditions:
    return (Appointment.status == AppointmentStatus.SCHEDULED, Appointment.scheduled_start_at > now)


_SOONEST_FIRST = (Appointment.scheduled_start_at, Appointment.id)

VISITS = Work(
    kind=WorkKind.VISITS,
    resource=APPOINTMENT,
    holder=Appointment.sales_rep_id,
    roles=frozenset({Role.SALES_REP}),
    is_open=_to_come,
    label=lambda: Appointment.service_type,
    order=_SOONEST_FIRST,
    can_be_unassigned=True,
    one_by_one=True,
    notice=APPOINTMENT_ASSIGNED,
    link="/appointments/{}",
)

BOOKINGS = Work(
    kind=WorkKind.BOOKINGS,
    resource=APPOINTMENT,
    holder=Appointment.csr_id,
    roles=frozenset({Role.CSR}),
    is_open=_to_come,
    label=lambda: Appointment.service_type,
    order=_SOONEST_FIRST,
    can_stay=True,
)
