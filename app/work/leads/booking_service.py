"""Effects of appointments on their leads (docs/decisions/0039); users can't set `booked` or `pending` themselves.

Each function locks the lead's row first, so that concurrent changes to a lead are serialized, and updates its last
activity.
"""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.db.ids import uuid7
from app.db.transaction import translated_integrity_errors
from app.errors import FieldError, ValidationFailed
from app.extensions import db
from app.models import Appointment, AppointmentStatus, ContactSource, Lead, LeadStage
from app.security.actor import Actor
from app.security.rows import held
from app.security.scope import unscoped


def book_lead(actor: Actor, contact_id: UUID, lead_id: UUID | None, *, csr_id: UUID | None, rep_id: UUID) -> Lead:
    """Mark the contact's lead as booked for a new appointment, and return the lead.

    It is the given lead, or else the contact's open lead with the latest activity, or else a new one. An unassigned
    lead is assigned to the rep. The contact's row must be locked by the caller, so that two concurrent bookings open
    only one lead. Raises ValidationFailed if the given lead is closed or belongs to another contact.
    """
    lead = _named(actor, contact_id, lead_id) if lead_id else _open_one(actor, contact_id)
    if lead is None:
        lead = Lead(
            organization_id=actor.organization_id,
            id=uuid7(),
            contact_card_id=contact_id,
            source=ContactSource.MANUAL,
            csr_id=csr_id,
            created_by=actor.reference_id,
            created_by_label=actor.name,
        )
        db.session.add(lead)
    lead.stage = LeadStage.BOOKED
    lead.assigned_rep_id = lead.assigned_rep_id or rep_id
    _moved(lead)
    return lead


def unbook_lead(appointment: Appointment) -> None:
    """Update the lead of an appointment that was canceled or a no-show.

    A booked lead becomes qualified again unless it has another scheduled appointment.
    """
    lead = _lead_of(appointment)
    if lead is None or lead.closed_at is not None:
        return
    if lead.stage == LeadStage.BOOKED and not _has_another(appointment):
        lead.stage = LeadStage.QUALIFIED
    _moved(lead)


def await_decision(appointment: Appointment) -> None:
    """Set the lead of a completed appointment without a decision to pending, unless it has been closed since."""
    lead = _lead_of(appointment)
    if lead is None:
        return
    if lead.closed_at is None:
        lead.stage = LeadStage.PENDING
    _moved(lead)


def win_lead(appointment: Appointment, at: datetime) -> None:
    """Close the lead of an appointment whose deal was won at this time."""
    lead = _lead_of(appointment)
    if lead is None:
        return
    lead.stage, lead.dead_reason = LeadStage.BOOKED, None
    lead.won_at = lead.closed_at = at
    _moved(lead)


def lose_lead(appointment: Appointment, reason: str, at: datetime) -> None:
    """Close the lead of an appointment whose deal was lost at this time, with the reason."""
    lead = _lead_of(appointment)
    if lead is None:
        return
    lead.stage, lead.dead_reason = LeadStage.DEAD, reason
    lead.won_at, lead.closed_at = None, at
    _moved(lead)


def reopen_lead(appointment: Appointment) -> None:
    """Reopen the lead of an appointment.

    Raises Conflict if the contact has another open lead from the same source by now.
    """
    lead = _lead_of(appointment)
    if lead is None:
        return
    with translated_integrity_errors():
        lead.stage, lead.dead_reason = LeadStage.PENDING, None
        lead.won_at = lead.closed_at = None
        _moved(lead)


def _named(actor: Actor, contact_id: UUID, lead_id: UUID) -> Lead:
    wanted = unscoped(select(Lead), why="given by ID, and must belong to the contact that is booked").where(
        Lead.organization_id == actor.organization_id, Lead.id == lead_id, Lead.contact_card_id == contact_id
    )
    lead = db.session.scalar(held(wanted))
    if lead is None or lead.closed_at is not None:
        sentence = _l(
            "This lead is closed or belongs to another contact. To create a new lead, book for the contact alone."
        )
        raise ValidationFailed([FieldError("lead_id", sentence)], sentence)
    return lead


def _open_one(actor: Actor, contact_id: UUID) -> Lead | None:
    theirs = unscoped(select(Lead), why="the contact's open lead is booked, regardless of the assignee").where(
        Lead.organization_id == actor.organization_id,
        Lead.contact_card_id == contact_id,
        Lead.closed_at.is_(None),
        Lead.deleted_at.is_(None),
    )
    return db.session.scalar(held(theirs.order_by(Lead.last_activity_at.desc(), Lead.id.desc()).limit(1)))


def _lead_of(appointment: Appointment) -> Lead | None:
    if appointment.lead_id is None:
        return None
    wanted = unscoped(select(Lead), why="the lead of an appointment that is already scoped").where(
        Lead.organization_id == appointment.organization_id, Lead.id == appointment.lead_id
    )
    return db.session.scalar(held(wanted))


def _has_another(appointment: Appointment) -> bool:
    others = unscoped(select(Appointment.id), why="existence check only, for the rules about the lead").where(
        Appointment.organization_id == appointment.organization_id,
        Appointment.lead_id == appointment.lead_id,
        Appointment.id != appointment.id,
        Appointment.status == AppointmentStatus.SCHEDULED,
        Appointment.deleted_at.is_(None),
    )
    return db.session.scalar(others.limit(1)) is not None


def _moved(lead: Lead) -> None:
    lead.last_activity_at = datetime.now(UTC)
