"""Queries for one lead, and for the rules about it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, Uuid, bindparam, func, select
from sqlalchemy.orm import aliased

from app.audit.actions import Action
from app.audit.queries import HistoryEntry, list_events, list_history
from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.db.paging import Selection
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import (
    Appointment,
    AppointmentOutcome,
    AppointmentStatus,
    Call,
    ContactCard,
    ContactPhone,
    Lead,
    User,
)
from app.security import own_rows
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.permissions import Permission, Role
from app.security.rows import find_row, get_row
from app.security.scope import restrict, unscoped, visible
from app.work.leads.queries import number_of_lead
from app.work.leads.rules import Visits

#: Maximum number of calls and appointments shown; the lists have the others.
MAX_SHOWN = 10

#: Number of recent assignments considered for the order of reps.
_ASSIGNED_LATELY = 500


_Csr = aliased(User, name="csr")
_Rep = aliased(User, name="rep")

_OF_LEAD = bindparam("lead_id", type_=Uuid())

#: Columns of the history that refer to users.
_PEOPLE = ("csr_id", "assigned_rep_id")


@dataclass(frozen=True, slots=True)
class LeadDetail:
    """A lead with its related records; the contact, the CSR and the rep are None if there is none.

    `calls` and `appointments` are the latest MAX_SHOWN visible to the user, and one more if there are others; `visits`
    covers all appointments. Deleted users and contacts are included, because the page still shows their names; `names`
    are those of the users in the history.
    """

    lead: Lead
    #: Name of the contact, or else their number (E.164).
    name: str | None
    contact: ContactCard | None
    csr: str | None
    rep: str | None
    visits: Visits
    calls: Sequence[Row[Any]]
    appointments: Sequence[Row[Any]]
    history: Sequence[HistoryEntry]
    names: Mapping[str, str]


def get_lead_detail(actor: Actor, lead_id: UUID) -> LeadDetail:
    """Return the lead with everything that `actor` can see of it, in a fixed number of statements.

    Raises NotFound.
    """
    db.session.flush()  # a form could have changed it just before
    statement = (
        visible(Lead, actor)
        .add_columns(
            func.coalesce(ContactCard.display_name, number_of_lead()),
            ContactCard,
            _Csr.name.label("csr_name"),
            _Rep.name.label("rep_name"),
        )
        .outerjoin(ContactCard, refers_to(ContactCard, Lead, Lead.contact_card_id))
        .outerjoin(_Csr, refers_to(_Csr, Lead, Lead.csr_id))
        .outerjoin(_Rep, refers_to(_Rep, Lead, Lead.assigned_rep_id))
        .where(Lead.id == lead_id, Lead.deleted_at.is_(None))
    )
    found = db.session.execute(statement, execution_options={INCLUDE_DELETED: True}).one_or_none()
    if found is None:
        raise NotFound("lead", lead_id)
    history = list_history(actor, "lead", lead_id)
    lead, name, contact, csr, rep = found
    return LeadDetail(
        lead=lead,
        name=name,
        contact=contact,
        csr=csr,
        rep=rep,
        visits=visits_of(actor.organization_id, lead_id),
        calls=_calls.rows(actor, lead_id=lead_id),
        appointments=_appointments.rows(actor, lead_id=lead_id),
        history=history,
        names=_names_in(actor, history),
    )


@compiled_query
def _calls(actor: Actor) -> Selection:
    calls: Selection = restrict(
        select(Call.id, Call.started_at, Call.direction, Call.status, Call.topic, _Csr.name.label("csr_name")),
        Call,
        actor,
    )
    calls = calls.outerjoin(_Csr, refers_to(_Csr, Call, Call.csr_id)).where(Call.lead_id == _OF_LEAD)
    latest = calls.order_by(Call.started_at.desc(), Call.id.desc()).limit(MAX_SHOWN + 1)
    return latest.execution_options(**{INCLUDE_DELETED: True})


@compiled_query
def _appointments(actor: Actor) -> Selection:
    columns = (
        Appointment.id,
        Appointment.service_type,
        Appointment.scheduled_start_at,
        Appointment.status,
        Appointment.outcome,
        Appointment.deal_value,
        _Rep.name.label("rep_name"),
    )
    appointments: Selection = restrict(select(*columns), Appointment, actor)
    appointments = appointments.outerjoin(_Rep, refers_to(_Rep, Appointment, Appointment.sales_rep_id)).where(
        Appointment.lead_id == _OF_LEAD, Appointment.deleted_at.is_(None)
    )
    latest = appointments.order_by(Appointment.scheduled_start_at.desc(), Appointment.id.desc()).limit(MAX_SHOWN + 1)
    return latest.execution_options(**{INCLUDE_DELETED: True})


def _names_in(actor: Actor, history: Sequence[HistoryEntry]) -> Mapping[str, str]:
    """Return the names of the users in a history, by their IDs as written there."""
    changed = [value for entry in history for name in _PEOPLE for value in entry.changes.get(name, ()) if value]
    ids = {UUID(value) for value in changed}
    people = unscoped(select(User.id, User.name), why="names in the history of a lead that is already scoped")
    named = people.where(User.organization_id == actor.organization_id, User.id.in_(ids))
    rows = db.session.execute(named, execution_options={INCLUDE_DELETED: True}) if ids else ()
    return {str(row.id): row.name for row in rows}


def get_contact(actor: Actor, contact_id: UUID) -> ContactCard:
    """Return the contact of a new lead. Raises NotFound."""
    return get_row(actor, ContactCard, contact_id, ContactCard.deleted_at.is_(None), named="contact_card")


def get_call(actor: Actor, call_id: UUID) -> Call:
    """Return the call of a new lead. Raises NotFound."""
    return get_row(actor, Call, call_id, named="call")


def find_contact_by_number(actor: Actor, number: str) -> ContactCard | None:
    """Return the contact with this number (E.164) if visible to `actor`, or None."""
    phone = unscoped(select(ContactPhone.contact_card_id), why="the card itself is then read within the scope").where(
        ContactPhone.organization_id == actor.organization_id,
        ContactPhone.phone == number,
        ContactPhone.deleted_at.is_(None),
    )
    found = db.session.scalar(phone.limit(1))
    return find_row(actor, ContactCard, found, ContactCard.deleted_at.is_(None)) if found else None


def get_lead(actor: Actor, lead_id: UUID, *, lock: bool = False) -> Lead:
    """Return the lead. Raises NotFound if it doesn't exist for `actor`.

    With `lock`, the row is locked until the end of the transaction and read again, so that a check of its state stays
    valid.
    """
    return get_row(actor, Lead, lead_id, Lead.deleted_at.is_(None), named="lead", lock=lock)


def may_change(actor: Actor, lead_id: UUID, permission: Permission) -> bool:
    """Return whether `permission` lets `actor` change this lead, which they already see.

    Seeing all leads and changing one's own are separate permissions, and a user can have been granted only the first.
    """
    if actor.sees_all(permission):
        return True
    return actor.may(permission) and find_row(actor, Lead, lead_id, own_rows.leads(actor)) is not None


def refuse_others_lead(actor: Actor, lead_id: UUID, permission: Permission) -> None:
    """Raise Forbidden unless `actor` can change this lead, which they already see."""
    if not may_change(actor, lead_id, permission):
        raise actor.refusal(
            permission,
            _l("You can only edit your own leads. Ask a manager."),
            needed=Role.MANAGER,
        )


def visits_of(organization_id: UUID, lead_id: UUID) -> Visits:
    """Return a summary of all appointments of a lead, regardless of who can see them, as the rules require."""
    return visits_of_leads(organization_id, [lead_id]).get(lead_id, Visits())


def visits_of_leads(organization_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, Visits]:
    """Return a summary of the appointments of each lead; leads without appointments are left out."""
    is_done = Appointment.status == AppointmentStatus.COMPLETED
    columns = select(
        Appointment.lead_id,
        func.bool_or(Appointment.status == AppointmentStatus.SCHEDULED),
        func.bool_or(is_done & (Appointment.outcome == AppointmentOutcome.OPEN)),
    )
    found = unscoped(columns, why="used for rules about the lead; no appointment is returned").where(
        Appointment.organization_id == organization_id,
        is_any_of(Appointment.lead_id, list(ids)),
        Appointment.deleted_at.is_(None),
    )
    rows = db.session.execute(found.group_by(Appointment.lead_id)) if ids else ()
    return {lead_id: Visits(scheduled, undecided) for lead_id, scheduled, undecided in rows if lead_id}


def find_open_lead(actor: Actor, contact_id: UUID, source: str, *, besides: UUID | None = None) -> Lead | None:
    """Return the contact's open lead from this source if it is visible to `actor`, or None.

    Leads imported from another system and the lead `besides` are left out, so there is at most one.
    """
    of_contact = (Lead.contact_card_id == contact_id, Lead.source == source, Lead.closed_at.is_(None))
    own = (Lead.deleted_at.is_(None), Lead.external_id.is_(None), Lead.id != besides)
    wanted = select(Lead.id).where(Lead.organization_id == actor.organization_id, *of_contact, *own)
    found = db.session.scalar(unscoped(wanted, why="the lead itself is then read within the scope").limit(1))
    return find_row(actor, Lead, found) if found else None


def open_leads_of(organization_id: UUID, reps: Collection[UUID]) -> Mapping[UUID, int]:
    """Return the number of open leads of each rep; reps without any are left out."""
    counted = unscoped(
        select(Lead.assigned_rep_id, func.count()), why="counts only, to balance the assignment of leads"
    ).where(
        Lead.organization_id == organization_id,
        Lead.assigned_rep_id.in_(reps),
        Lead.closed_at.is_(None),
        Lead.deleted_at.is_(None),
    )
    rows = db.session.execute(counted.group_by(Lead.assigned_rep_id)) if reps else ()
    return {rep: count for rep, count in rows if rep is not None}


def latest_assigned(actor: Actor) -> Sequence[UUID]:
    """Return the IDs of the reps to whom leads were recently assigned, latest first, with repetitions."""
    given = (entry.after or {} for entry in list_events(actor, Action.LEAD_ASSIGNED, limit=_ASSIGNED_LATELY))
    return [UUID(after["assigned_rep_id"]) for after in given if after.get("assigned_rep_id")]
