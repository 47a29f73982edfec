"""What somebody still has to do: for whoever deletes, deactivates or demotes them, to say who takes it over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from app.db.joins import refers_to
from app.extensions import db
from app.models import (
    Appointment,
    AppointmentStatus,
    ContactCard,
    EntryStatus,
    Lead,
    MissedCallEntry,
    Task,
    TaskStatus,
    TenantRow,
)
from app.security.actor import Actor
from app.security.scope import restrict

#: Of each kind; the rest is only counted.
MOST_SHOWN = 50


class WorkKind(StrEnum):
    """What can be handed over."""

    APPOINTMENTS = "appointments"
    CLAIMS = "claims"
    LEADS = "leads"
    TASKS = "tasks"


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """One piece of work, by what people call it."""

    id: UUID
    label: str


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Somebody's open work of one kind: how much there is, and the first MOST_SHOWN of it."""

    kind: WorkKind
    count: int
    records: Sequence[OpenRecord]


def list_open_work(actor: Actor | None, user_id: UUID, now: datetime) -> list[OpenWork]:
    """Visits to come, claimed missed calls, open leads and tasks of a person, as far as `actor` sees them.

    None is the system, which sees all of the organization. Kinds of which there is nothing are left out.
    """
    found = [
        _look(kind, restrict(statement, model, actor) if actor else statement)
        for kind, model, statement in _statements(user_id, now)
    ]
    return [work for work in found if work.count]


def _statements(user_id: UUID, now: datetime) -> list[tuple[WorkKind, type[TenantRow], Any]]:
    """By kind, select (id, label) in the order in which it is due."""
    visits = (
        select(Appointment.id, Appointment.service_type)
        .where(or_(Appointment.csr_id == user_id, Appointment.sales_rep_id == user_id))
        .where(Appointment.status == AppointmentStatus.SCHEDULED, Appointment.scheduled_start_at > now)
        .order_by(Appointment.scheduled_start_at, Appointment.id)
    )
    claims = (
        select(MissedCallEntry.id, ContactCard.full_name)
        .outerjoin(ContactCard, refers_to(ContactCard, MissedCallEntry, MissedCallEntry.contact_card_id))
        .where(MissedCallEntry.claimed_by == user_id, MissedCallEntry.status == EntryStatus.CLAIMED)
        .order_by(MissedCallEntry.sla_due_at, MissedCallEntry.id)
    )
    leads = (
        select(Lead.id, ContactCard.full_name)
        .outerjoin(ContactCard, refers_to(ContactCard, Lead, Lead.contact_card_id))
        .where(or_(Lead.csr_id == user_id, Lead.assigned_rep_id == user_id), Lead.closed_at.is_(None))
        .order_by(Lead.last_activity_at.desc(), Lead.id)
    )
    tasks = (
        select(Task.id, Task.title)
        .where(Task.assigned_to_user_id == user_id, Task.status.in_((TaskStatus.PENDING, TaskStatus.IN_PROGRESS)))
        .order_by(Task.due_at, Task.id)
    )
    return [
        (WorkKind.APPOINTMENTS, Appointment, visits),
        (WorkKind.CLAIMS, MissedCallEntry, claims),
        (WorkKind.LEADS, Lead, leads),
        (WorkKind.TASKS, Task, tasks),
    ]


def _look(kind: WorkKind, statement: Any) -> OpenWork:
    count = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    rows = db.session.execute(statement.limit(MOST_SHOWN)).all() if count else []
    return OpenWork(kind, count, [OpenRecord(row[0], row[1] or _("Unknown")) for row in rows])
