"""Reading one lead, and what the rules about it ask."""

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

#: Of each kind the latest are shown; the lists have the others.
MAX_SHOWN = 10

#: Further back nobody looks who got a lead last.
_ASSIGNED_LATELY = 500


_Csr = aliased(User, name="csr")
_Rep = aliased(User, name="rep")

_OF_LEAD = bindparam("lead_id", type_=Uuid())

#: Columns of the history that name somebody.
_PEOPLE = ("csr_id", "assigned_rep_id")


@dataclass(frozen=True, slots=True)
class LeadDetail:
    """One lead with what belongs to it, as far as one may see that; what there is none of is None.

    People and cards that are deleted are there too: they say who it was. `calls` and `appointments` are the latest
    MAX_SHOWN and one more where there are others; `names` are those of the people in the history.
    """

    lead: Lead
    #: What the person is called, else their number (E.164).
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
    """The lead with all that `actor` may see of it, in a fixed number of statements; raises NotFound."""
    db.session.flush()  # a form may just have changed it
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
    """The names of the people whom a history names, by their ids as it writes them."""
    changed = [value for entry in history for name in _PEOPLE for value in entry.changes.get(name, ()) if value]
    ids = {UUID(value) for value in changed}
    people = unscoped(select(User.id, User.name), why="named by the history of a lead that is scoped itself")
    named = people.where(User.organization_id == actor.organization_id, User.id.in_(ids))
    rows = db.session.execute(named, execution_options={INCLUDE_DELETED: True}) if ids else ()
    return {str(row.id): row.name for row in rows}


def get_contact(actor: Actor, contact_id: UUID) -> ContactCard:
    """The contact of a lead that is to be made; raises NotFound."""
    return get_row(actor, ContactCard, contact_id, ContactCard.deleted_at.is_(None), named="contact_card")


def get_call(actor: Actor, call_id: UUID) -> Call:
    """The call of a lead that is to be made; raises NotFound."""
    return get_row(actor, Call, call_id, named="call")


def find_contact_by_number(actor: Actor, number: str) -> ContactCard | None:
    """The contact whom a number (E.164) finds, if `actor` sees them."""
    phone = unscoped(select(ContactPhone.contact_card_id), why="the card is read within the scope").where(
        ContactPhone.organization_id == actor.organization_id,
        ContactPhone.phone == number,
        ContactPhone.deleted_at.is_(None),
    )
    found = db.session.scalar(phone.limit(1))
    return find_row(actor, ContactCard, found, ContactCard.deleted_at.is_(None)) if found else None


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


def refuse_others_lead(actor: Actor, lead_id: UUID, permission: Permission) -> None:
    """Raise Forbidden unless `actor` may change this lead, which they see already."""
    if not may_change(actor, lead_id, permission):
        raise actor.refusal(
            permission,
            _l("You may change your own leads, and this is somebody else’s. Ask a manager."),
            needed=Role.MANAGER,
        )


def visits_of(organization_id: UUID, lead_id: UUID) -> Visits:
    """What the lead's appointments come to, whoever sees them: a rule counts them all."""
    return visits_of_leads(organization_id, [lead_id]).get(lead_id, Visits())


def visits_of_leads(organization_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, Visits]:
    """The same of several; those without an appointment are left out."""
    is_done = Appointment.status == AppointmentStatus.COMPLETED
    columns = select(
        Appointment.lead_id,
        func.bool_or(Appointment.status == AppointmentStatus.SCHEDULED),
        func.bool_or(is_done & (Appointment.outcome == AppointmentOutcome.OPEN)),
    )
    found = unscoped(columns, why="a rule about the lead, which shows no appointment").where(
        Appointment.organization_id == organization_id,
        is_any_of(Appointment.lead_id, list(ids)),
        Appointment.deleted_at.is_(None),
    )
    rows = db.session.execute(found.group_by(Appointment.lead_id)) if ids else ()
    return {lead_id: Visits(scheduled, undecided) for lead_id, scheduled, undecided in rows if lead_id}


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
