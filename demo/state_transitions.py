"""State transitions of leads, appointments and queue entries; each function returns the changed row."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from app.models.appointments import AppointmentOutcome, AppointmentStatus
from app.models.leads import DecidedBy, LeadStage, Qualification
from app.models.missed_calls import EntryStatus, RescuedBy
from demo.opening_hours import OpeningHours
from demo.rows import AppointmentRow, EntryRow, LeadRow

RESCUE_WINDOW = timedelta(days=7)
_GOOD = (Qualification.HOT, Qualification.WARM)


def lead_judged(
    lead: LeadRow, at: datetime, qualification: Qualification, decided_by: DecidedBy, csr_id: UUID | None
) -> LeadRow:
    """Return the lead with the qualification that a conversation yielded."""
    stage = LeadStage.QUALIFIED if lead.stage is LeadStage.NEW and qualification in _GOOD else lead.stage
    return replace(
        lead,
        stage=stage,
        qualification_status=qualification,
        qualification_source=decided_by,
        csr_id=lead.csr_id or csr_id,
        last_activity_at=at,
    )


def lead_booked(lead: LeadRow, at: datetime, csr_id: UUID | None, rep_id: UUID | None) -> LeadRow:
    """Return the lead with an appointment booked."""
    return replace(
        lead,
        stage=LeadStage.BOOKED,
        csr_id=csr_id or lead.csr_id,
        assigned_rep_id=rep_id or lead.assigned_rep_id,
        last_activity_at=at,
    )


def lead_dead(lead: LeadRow, at: datetime, reason: str) -> LeadRow:
    """Return the lead closed as dead."""
    return replace(lead, stage=LeadStage.DEAD, dead_reason=reason, closed_at=at, last_activity_at=at)


def lead_unbooked(lead: LeadRow, at: datetime) -> LeadRow:
    """Return the lead as qualified again after its appointment fell through."""
    return replace(lead, stage=LeadStage.QUALIFIED, last_activity_at=at)


def lead_after_visit(lead: LeadRow, visit: AppointmentRow, at: datetime) -> LeadRow:
    """Return the lead as won, dead or pending, by the outcome of its appointment."""
    if visit.outcome is AppointmentOutcome.CLOSED_WON:
        return replace(lead, stage=LeadStage.BOOKED, won_at=at, closed_at=at, last_activity_at=at)
    if visit.outcome is AppointmentOutcome.CLOSED_LOST:
        return lead_dead(lead, at, visit.lost_reason or "Lost after the visit")
    return replace(lead, stage=LeadStage.PENDING, last_activity_at=at)


def visit_done(visit: AppointmentRow, at: datetime) -> AppointmentRow:
    """Return the appointment as completed, with no outcome yet."""
    return replace(visit, status=AppointmentStatus.COMPLETED, completed_at=at)


def visit_won(visit: AppointmentRow, at: datetime, value: Decimal) -> AppointmentRow:
    return replace(visit, outcome=AppointmentOutcome.CLOSED_WON, outcome_at=at, deal_value=value)


def visit_lost(visit: AppointmentRow, at: datetime, reason: str) -> AppointmentRow:
    return replace(visit, outcome=AppointmentOutcome.CLOSED_LOST, outcome_at=at, lost_reason=reason)


def visit_cancelled(visit: AppointmentRow, reason: str) -> AppointmentRow:
    return replace(visit, status=AppointmentStatus.CANCELLED, cancelled_reason=reason)


def visit_missed(visit: AppointmentRow) -> AppointmentRow:
    """Return the appointment as a no-show."""
    return replace(visit, status=AppointmentStatus.NO_SHOW)


def entry_attempted(entry: EntryRow, at: datetime, hours: OpeningHours) -> EntryRow:
    """Return the entry after an attempt; the next attempt is due in two hours."""
    if entry.attempts == 0:
        entry = replace(entry, first_attempt_seconds=hours.seconds_between(entry.first_missed_at, at))
    return replace(entry, attempts=entry.attempts + 1, last_attempt_at=at, next_attempt_at=at + timedelta(hours=2))


def entry_answered(entry: EntryRow, at: datetime) -> EntryRow:
    """Return the entry of a caller who called again and got through."""
    return replace(entry, status=EntryStatus.ANSWERED_LATER, resolved_at=at, next_attempt_at=None)


def entry_lost(entry: EntryRow) -> EntryRow:
    """Return the entry as lost, resolved at the end of the rescue window."""
    return replace(entry, status=EntryStatus.LOST, resolved_at=entry.first_missed_at + RESCUE_WINDOW)


def entry_rescued(
    entry: EntryRow, visit: AppointmentRow, rescued_by: RescuedBy, user_id: UUID | None, call_id: UUID
) -> EntryRow:
    """Return the entry as rescued by an appointment booked within the window."""
    return replace(
        entry,
        status=EntryStatus.RESCUED,
        next_attempt_at=None,
        resolved_at=visit.booked_at,
        rescued_by=rescued_by,
        rescued_by_user_id=user_id,
        rescue_call_id=call_id,
        rescue_appointment_id=visit.id,
        evidence={"label": visit.service_type, "booked_at": visit.booked_at.isoformat()},
    )
