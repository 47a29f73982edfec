"""What appointments do to their leads (docs/decisions/0039): nobody sets `booked` or `pending` by hand.

Each takes the lead's row first, so that two changes of one lead come one after the other, and moves its last activity.
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
    """The lead that an appointment of this contact is for, booked: the one that is named, else their open one that
    moved last, else a new one. One that is nobody's is the rep's from now on.

    Call it with the contact's row held: then two bookings at once open one lead. Raises ValidationFailed for one that
    is closed or somebody else's.
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
    """An appointment falls through: without another to come, its lead waits for a booking again, qualified."""
    lead = _lead_of(appointment)
    if lead is None or lead.closed_at is not None:
        return
    if lead.stage == LeadStage.BOOKED and not _has_another(appointment):
        lead.stage = LeadStage.QUALIFIED
    _moved(lead)


def await_decision(appointment: Appointment) -> None:
    """The appointment is over, and nobody has decided yet. A lead that was closed meanwhile stays closed."""
    lead = _lead_of(appointment)
    if lead is None:
        return
    if lead.closed_at is None:
        lead.stage = LeadStage.PENDING
    _moved(lead)


def win_lead(appointment: Appointment, at: datetime) -> None:
    """The deal is made."""
    lead = _lead_of(appointment)
    if lead is None:
        return
    lead.stage, lead.dead_reason = LeadStage.BOOKED, None
    lead.won_at = lead.closed_at = at
    _moved(lead)


def lose_lead(appointment: Appointment, reason: str, at: datetime) -> None:
    """There will be no deal."""
    lead = _lead_of(appointment)
    if lead is None:
        return
    lead.stage, lead.dead_reason = LeadStage.DEAD, reason
    lead.won_at, lead.closed_at = None, at
    _moved(lead)


def reopen_lead(appointment: Appointment) -> None:
    """What was decided is open again. Raises Conflict where the contact has got another open lead meanwhile."""
    lead = _lead_of(appointment)
    if lead is None:
        return
    with translated_integrity_errors():
        lead.stage, lead.dead_reason = LeadStage.PENDING, None
        lead.won_at = lead.closed_at = None
        _moved(lead)


def _named(actor: Actor, contact_id: UUID, lead_id: UUID) -> Lead:
    wanted = unscoped(select(Lead), why="whoever names it has found it already").where(
        Lead.organization_id == actor.organization_id, Lead.id == lead_id, Lead.contact_card_id == contact_id
    )
    lead = db.session.scalar(held(wanted))
    if lead is None or lead.closed_at is not None:
        sentence = _l("This lead is closed, or somebody else’s. Book without it, and another is opened.")
        raise ValidationFailed([FieldError("lead_id", sentence)], sentence)
    return lead


def _open_one(actor: Actor, contact_id: UUID) -> Lead | None:
    theirs = unscoped(select(Lead), why="a contact’s open lead is booked, whoever holds it: there is no second").where(
        Lead.organization_id == actor.organization_id,
        Lead.contact_card_id == contact_id,
        Lead.closed_at.is_(None),
        Lead.deleted_at.is_(None),
    )
    return db.session.scalar(held(theirs.order_by(Lead.last_activity_at.desc(), Lead.id.desc()).limit(1)))


def _lead_of(appointment: Appointment) -> Lead | None:
    if appointment.lead_id is None:
        return None
    wanted = unscoped(select(Lead), why="an appointment that was found in the scope moves its lead").where(
        Lead.organization_id == appointment.organization_id, Lead.id == appointment.lead_id
    )
    return db.session.scalar(held(wanted))


def _has_another(appointment: Appointment) -> bool:
    others = unscoped(select(Appointment.id), why="counts what is still booked for a lead, and shows none of it").where(
        Appointment.organization_id == appointment.organization_id,
        Appointment.lead_id == appointment.lead_id,
        Appointment.id != appointment.id,
        Appointment.status == AppointmentStatus.SCHEDULED,
        Appointment.deleted_at.is_(None),
    )
    return db.session.scalar(others.limit(1)) is not None


def _moved(lead: Lead) -> None:
    lead.last_activity_at = datetime.now(UTC)
