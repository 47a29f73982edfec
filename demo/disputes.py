"""Booking statuses and bookers that a CSR disputes, and the manager's decisions."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from app.models.calls import BookingStatus, CallType
from app.models.disputes import DisputeKind, DisputeStatus
from app.models.leads import DecidedBy
from demo.call_records import AnsweredCall
from demo.office import Office
from demo.rows import AppointmentRow, CallRow, DisputeRow

_DISPUTED, _ACCEPTED = 0.05, 0.55
_BOOKER_DISPUTED = 0.02
_DECIDED_AFTER = (3.0, 50.0)
_UNBOOKED = (BookingStatus.NOT_BOOKED, BookingStatus.SERVICE_NOT_OFFERED)
# Reasons for another booking status. A dispute leads to no appointment, so none of them claims a booking.
_REASONS = (
    "They wanted work that we do not do, so there was nothing to book.",
    "The address is outside of where we go. That is no lost booking.",
    "They only wanted the old unit hauled away, which we do not offer.",
)
_NOT_FOUND = "Nothing is in the calendar for them, so it stays as it is."
_MY_CALLER = "I talked to them the day before, and they only called back to say yes."
_OTHER_CALL = "The time was agreed in the later call, so the booking stays there."
_BOOKED_ELSEWHERE = "They booked on the website while we were talking, please count it."


def disputed(office: Office, answered: AnsweredCall, call: CallRow) -> Iterator[CallRow | DisputeRow]:
    """Yield the call with its current booking status, and its CSR's dispute if there is one."""
    is_declined = call.booking_status is BookingStatus.SERVICE_NOT_OFFERED
    chance, csr = office.stream(f"dispute {answered.id}") if is_declined else office.chance, answered.employee
    unbooked = call.booking_status in _UNBOOKED and call.booking_status_source is DecidedBy.ANALYSIS
    if csr is None or answered.call_type is not CallType.CSR_CALL or not unbooked or chance.random() > _DISPUTED:
        yield call
        return
    raised_at = min(answered.ended_at + timedelta(minutes=chance.uniform(4, 300)), office.now)
    decided_at = raised_at + timedelta(hours=chance.uniform(*_DECIDED_AFTER))
    accepted = not is_declined and chance.random() < _ACCEPTED
    dispute = DisputeRow(
        organization_id=office.organization_id,
        id=office.ids.at(raised_at),
        call_id=answered.id,
        raised_by=csr.id,
        raised_by_label=csr.member.name,
        from_status=BookingStatus.SERVICE_NOT_OFFERED if is_declined else BookingStatus.NOT_BOOKED,
        to_status=BookingStatus.SERVICE_NOT_OFFERED if accepted else BookingStatus.BOOKED,
        reason=chance.choice(_REASONS) if accepted else _BOOKED_ELSEWHERE,
        created_at=raised_at,
    )
    manager = office.person(csr.manager_id)
    if manager is None or decided_at > office.now:
        yield call
        yield dispute
    else:
        yield _corrected(call, dispute) if accepted else call
        yield replace(
            dispute,
            status=DisputeStatus.ACCEPTED if accepted else DisputeStatus.REJECTED,
            decided_by=manager.id,
            decided_by_label=manager.member.name,
            decided_at=decided_at,
            decision_note=None if accepted else _NOT_FOUND,
        )


def booker_disputed(office: Office, answered: AnsweredCall, visit: AppointmentRow) -> Iterator[DisputeRow]:
    """Yield the dispute of another CSR who says that they booked the appointment, if there is one; none is accepted."""
    chance = office.stream(f"booker {visit.id}")
    others = [csr for csr in office.csrs if csr.id != visit.csr_id]
    if visit.csr_id is None or not others or chance.random() > _BOOKER_DISPUTED:
        return
    csr = chance.choice(others)
    raised_at = min(answered.ended_at + timedelta(minutes=chance.uniform(4, 300)), office.now)
    decided_at = raised_at + timedelta(hours=chance.uniform(*_DECIDED_AFTER))
    manager = office.person(csr.manager_id)
    dispute = DisputeRow(
        organization_id=office.organization_id,
        id=office.ids.at(raised_at),
        kind=DisputeKind.BOOKED_BY,
        appointment_id=visit.id,
        raised_by=csr.id,
        raised_by_label=csr.member.name,
        from_csr_id=visit.csr_id,
        to_csr_id=csr.id,
        reason=_MY_CALLER,
        created_at=raised_at,
    )
    if manager is None or decided_at > office.now:
        yield dispute
        return
    yield replace(
        dispute,
        status=DisputeStatus.REJECTED,
        decided_by=manager.id,
        decided_by_label=manager.member.name,
        decided_at=decided_at,
        decision_note=_OTHER_CALL,
    )


def _corrected(call: CallRow, dispute: DisputeRow) -> CallRow:
    return replace(
        call,
        booking_status=dispute.to_status,
        booking_status_reason=dispute.reason,
        booking_status_source=DecidedBy.USER,
    )
