"""Reading one lead, and what the rules about it ask."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select

from app.audit.actions import Action
from app.audit.queries import list_events
from app.extensions import db
from app.models import Appointment, AppointmentOutcome, AppointmentStatus, Lead
from app.security import own_rows
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import find_row, get_row
from app.security.scope import unscoped
from app.work.leads.rules import Visits

#: Further back nobody looks who got a lead last.
_ASSIGNED_LATELY = 500


def get_lead(actor: Actor, lead_id: UUID, *, lock: bool = False) -> Lead:
    """The lead; raises NotFound when it is not there for `actor`.

    With `lock`, it is held until the transaction ends and read anew, so that a check of its state stays true.
    """
    return get_row(actor, Lead, lead_id, Lead.deleted_at.is_(None), named="lead", lock=lock)


def may_change(actor: Actor, lead_id: UUID, permission: Permission) -> bool:
    """Whether `permission` lets `actor` change this lead, which they see already.

    Seeing all leads and changing one's own are two permissions, and somebody may have been granted only the first.
    """
    if actor.sees_all(permission):
        return True
    return actor.may(permission) and find_row(actor, Lead, lead_id, own_rows.leads(actor)) is not None


def visits_of(organization_id: UUID, lead_id: UUID) -> Visits:
    """What the lead's appointments come to, whoever sees them: a rule counts them all."""
    scheduled, undecided = (
        func.coalesce(func.bool_or(condition), False)
        for condition in (
            Appointment.status == AppointmentStatus.SCHEDULED,
            (Appointment.status == AppointmentStatus.COMPLETED) & (Appointment.outcome == AppointmentOutcome.OPEN),
        )
    )
    found = unscoped(select(scheduled, undecided), why="a rule about the lead, which shows no appointment").where(
        Appointment.organization_id == organization_id,
        Appointment.lead_id == lead_id,
        Appointment.deleted_at.is_(None),
    )
    return Visits(*db.session.execute(found).one())


def find_open_lead(actor: Actor, contact_id: UUID, source: str, *, besides: UUID | None = None) -> Lead | None:
    """The open lead of a contact from this source, if `actor` may see it: there is one at most."""
    of_contact = (Lead.contact_card_id == contact_id, Lead.source == source, Lead.closed_at.is_(None))
    own = (Lead.deleted_at.is_(None), Lead.external_id.is_(None), Lead.id != besides)
    wanted = select(Lead.id).where(Lead.organization_id == actor.organization_id, *of_contact, *own)
    found = db.session.scalar(unscoped(wanted, why="the row itself is read within the scope below").limit(1))
    return find_row(actor, Lead, found) if found else None


def open_leads_of(organization_id: UUID, reps: Collection[UUID]) -> Mapping[UUID, int]:
    """How many open leads each of these reps has; those with none are left out."""
    counted = unscoped(
        select(Lead.assigned_rep_id, func.count()), why="weighs how much each has to do, and shows no lead"
    ).where(
        Lead.organization_id == organization_id,
        Lead.assigned_rep_id.in_(reps),
        Lead.closed_at.is_(None),
        Lead.deleted_at.is_(None),
    )
    rows = db.session.execute(counted.group_by(Lead.assigned_rep_id)) if reps else ()
    return {rep: count for rep, count in rows if rep is not None}


def latest_assigned(actor: Actor) -> Sequence[UUID]:
    """Who was given leads lately, the latest first, each as often as it was."""
    given = (entry.after or {} for entry in list_events(actor, Action.LEAD_ASSIGNED, limit=_ASSIGNED_LATELY))
    return [UUID(after["assigned_rep_id"]) for after in given if after.get("assigned_rep_id")]
