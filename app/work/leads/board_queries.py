"""Reading leads as a board: of each stage those that moved last, and what is next for each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.db.paging import Count
from app.extensions import db
from app.models import Appointment, AppointmentStatus, Call, Lead, LeadStage, Task, TaskStatus
from app.security import own_rows
from app.security.actor import Actor
from app.security.people import refuse_unknown_people
from app.security.permissions import Permission
from app.security.scope import restrict
from app.work.leads.detail_queries import visits_of_leads
from app.work.leads.filters import LeadFilters
from app.work.leads.queries import lead_list
from app.work.leads.rules import Visits

#: So many cards a stage shows; the list has the others.
CARDS_A_STAGE = 20

_UNDONE = (TaskStatus.PENDING, TaskStatus.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Step:
    """What is next for a lead. `task` is what it is called; None: an appointment. A task may have no date."""

    at: datetime | None
    task: str | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """One column: `filters` are those of the list of all its leads, of which `count` there are."""

    stage: LeadStage
    filters: LeadFilters
    rows: Sequence[Any]
    count: Count


@dataclass(frozen=True, slots=True)
class Board:
    """The stages, and what is known besides of the leads shown, by their ids, as far as one may see it.

    `own` are those that one may change; None: all of them.
    """

    stages: Sequence[Stage]
    topics: Mapping[UUID, str]
    steps: Mapping[UUID, Step]
    visits: Mapping[UUID, Visits]
    own: Collection[UUID] | None


def lead_board(actor: Actor, filters: LeadFilters, now: datetime | None = None) -> Board:
    """The leads that `filters` keep, by stage, in a fixed number of statements: open ones and, last, dead ones.

    Raises NotFound for a person who is not of the organization.
    """
    refuse_unknown_people(filters, actor)
    now = now or datetime.now(UTC)
    stages = [_stage(actor, filters, stage, now) for stage in LeadStage if not filters.stage or stage in filters.stage]
    rows = [row for stage in stages for row in stage.rows]
    ids = [row.id for row in rows]
    return Board(
        stages=stages,
        topics=_topics(actor, ids),
        steps={**_tasks(actor, rows, now), **_appointments(actor, ids, now)},
        visits=visits_of_leads(actor.organization_id, ids) if actor.may(Permission.LEADS_WRITE) else {},
        own=_own(actor, ids),
    )


def _own(actor: Actor, ids: Collection[UUID]) -> Collection[UUID] | None:
    write = Permission.LEADS_WRITE
    if not actor.may(write):
        return ()
    if actor.sees_all(write) or not actor.sees_all(Permission.LEADS_READ):
        return None
    own = restrict(select(Lead.id), Lead, actor).where(Lead.id.in_(ids), own_rows.leads(actor))
    return set(db.session.scalars(own))


def _stage(actor: Actor, filters: LeadFilters, stage: LeadStage, now: datetime) -> Stage:
    is_open = filters.open if filters.open is not None else None if stage == LeadStage.DEAD else True
    own = filters.model_copy(update={"stage": (stage,), "open": is_open})
    query = lead_list(actor, own, now)
    page = query.page(size=CARDS_A_STAGE)
    return Stage(stage, own, page.rows, query.count_beside(page))


def _topics(actor: Actor, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """What the latest call about each lead was about."""
    if not ids or not actor.may(Permission.CALLS_READ):
        return {}
    calls = restrict(select(Call.lead_id, Call.topic), Call, actor).where(
        Call.lead_id.in_(ids), Call.topic.is_not(None)
    )
    latest = calls.ext(distinct_on(Call.lead_id)).order_by(Call.lead_id, Call.started_at.desc(), Call.id.desc())
    return {lead_id: topic for lead_id, topic in db.session.execute(latest) if lead_id and topic}


def _appointments(actor: Actor, ids: Collection[UUID], now: datetime) -> Mapping[UUID, Step]:
    """The earliest appointment of each lead that is still scheduled; late where nobody said what became of it."""
    if not ids or not actor.may(Permission.APPOINTMENTS_READ):
        return {}
    columns = select(
        Appointment.lead_id, func.min(Appointment.scheduled_start_at), func.min(Appointment.scheduled_end_at)
    )
    scheduled = restrict(columns, Appointment, actor).where(
        Appointment.lead_id.in_(ids),
        Appointment.status == AppointmentStatus.SCHEDULED,
        Appointment.deleted_at.is_(None),
    )
    rows = db.session.execute(scheduled.group_by(Appointment.lead_id))
    return {lead_id: Step(start, None, is_late=end < now) for lead_id, start, end in rows if lead_id}


def _tasks(actor: Actor, rows: Sequence[Any], now: datetime) -> Mapping[UUID, Step]:
    """The task of each lead's contact that is due first."""
    cards = {row.contact_card_id for row in rows if row.contact_card_id}
    if not cards or not actor.may(Permission.TASKS_READ):
        return {}
    tasks = restrict(select(Task.contact_card_id, Task.title, Task.due_at), Task, actor).where(
        Task.contact_card_id.in_(cards), Task.status.in_(_UNDONE), Task.deleted_at.is_(None)
    )
    first = tasks.ext(distinct_on(Task.contact_card_id)).order_by(
        Task.contact_card_id, Task.due_at.nulls_last(), Task.id
    )
    found = {
        card: Step(due, title, is_late=due is not None and due < now) for card, title, due in db.session.execute(first)
    }
    return {row.id: found[row.contact_card_id] for row in rows if row.contact_card_id in found}
