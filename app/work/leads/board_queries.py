"""Queries for the board of leads: the latest leads of each stage, and the next step of each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, case, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.db.conditions import is_any_of
from app.db.lists import list_tops
from app.db.paging import Count, Selection
from app.models import Appointment, AppointmentStatus, Call, Lead, LeadStage, Task, TaskStatus
from app.security import own_rows
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.people import refuse_unknown_people
from app.security.permissions import Permission
from app.security.scope import restrict
from app.work.leads.detail_queries import visits_of_leads
from app.work.leads.filters import LeadFilters
from app.work.leads.queries import lead_lists
from app.work.leads.rules import Visits

#: Maximum number of cards per stage; the list has the others.
CARDS_A_STAGE = 20

_UNDONE = (TaskStatus.PENDING, TaskStatus.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Step:
    """Next step of a lead. `task` is its title, or None for an appointment. A task can have no date."""

    at: datetime | None
    task: str | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """One column of the board: `filters` are those of the list of all its leads, `count` is their number."""

    stage: LeadStage
    filters: LeadFilters
    rows: Sequence[Any]
    count: Count


@dataclass(frozen=True, slots=True)
class Board:
    """The stages, and related data of the leads shown, by lead ID.

    `topics` and `steps` are those visible to the user; `visits` covers all appointments, as the rules require. `own`
    are the IDs of the leads that the user can change, or None if they can change all of them.
    """

    stages: Sequence[Stage]
    topics: Mapping[UUID, str]
    steps: Mapping[UUID, Step]
    visits: Mapping[UUID, Visits]
    own: Collection[UUID] | None


def lead_board(actor: Actor, filters: LeadFilters, now: datetime | None = None) -> Board:
    """Return the latest leads that match `filters`, by stage.

    `filters.stage` is ignored. Unless `filters.open` is set, these are the open leads, and in the last stage the dead
    ones. It takes a fixed number of statements. Raises NotFound for a person who is not in the organization.
    """
    refuse_unknown_people(filters, actor)
    now = now or datetime.now(UTC)
    stages = _stages(actor, filters, now)
    rows = [row for stage in stages for row in stage.rows]
    ids = [row.id for row in rows]
    return Board(
        stages=stages,
        topics=_topics(actor, ids),
        steps={**_tasks(actor, rows, now), **_appointments(actor, ids, now)},
        visits=visits_of_leads(actor.organization_id, ids) if actor.may(Permission.LEADS_WRITE) else {},
        own=_own(actor, ids),
    )


def _stages(actor: Actor, filters: LeadFilters, now: datetime) -> Sequence[Stage]:
    own = [filters.model_copy(update={"stage": (stage,), "open": _is_open(filters, stage)}) for stage in LeadStage]
    tops = list_tops(lead_lists(actor, own, now), CARDS_A_STAGE)
    return [Stage(stage, one, top.rows, top.count) for stage, one, top in zip(LeadStage, own, tops, strict=True)]


def _is_open(filters: LeadFilters, stage: LeadStage) -> bool | None:
    if filters.open is not None:
        return filters.open
    return None if stage == LeadStage.DEAD else True


def _own(actor: Actor, ids: Sequence[UUID]) -> Collection[UUID] | None:
    write = Permission.LEADS_WRITE
    if not actor.may(write):
        return ()
    if actor.sees_all(write) or not actor.sees_all(Permission.LEADS_READ):
        return None
    return {lead_id for (lead_id,) in _own_of.rows(actor, ids=ids)}


@compiled_query
def _own_of(actor: Actor) -> Selection:
    return restrict(select(Lead.id), Lead, actor).where(Lead.id == any_(_ids("ids")), own_rows.leads(actor))


def _topics(actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Return, by lead ID, the latest topic among the calls about the lead that `actor` can see."""
    if not ids or not actor.may(Permission.CALLS_READ):
        return {}
    return {row.lead_id: row.topic for row in _latest_topics.rows(actor, ids=ids) if row.topic}


@compiled_query
def _latest_topics(actor: Actor) -> Selection:
    calls = restrict(select(Call.lead_id, Call.topic), Call, actor).where(
        Call.lead_id == any_(_ids("ids")), Call.topic.is_not(None)
    )
    return calls.ext(distinct_on(Call.lead_id)).order_by(Call.lead_id, Call.started_at.desc(), Call.id.desc())


def _appointments(actor: Actor, ids: Sequence[UUID], now: datetime) -> Mapping[UUID, Step]:
    """Return the earliest scheduled appointment of each lead, which is late if it has ended without an outcome."""
    if not ids or not actor.may(Permission.APPOINTMENTS_READ):
        return {}
    found = _scheduled.rows(actor, ids=ids)
    return {row.lead_id: Step(row.start, None, is_late=row.end < now) for row in found}


@compiled_query
def _scheduled(actor: Actor) -> Selection:
    columns = select(
        Appointment.lead_id,
        func.min(Appointment.scheduled_start_at).label("start"),
        func.min(Appointment.scheduled_end_at).label("end"),
    )
    scheduled: Selection = restrict(columns, Appointment, actor).where(
        Appointment.lead_id == any_(_ids("ids")),
        Appointment.status == AppointmentStatus.SCHEDULED,
        Appointment.deleted_at.is_(None),
    )
    return scheduled.group_by(Appointment.lead_id)


def _tasks(actor: Actor, rows: Sequence[Any], now: datetime) -> Mapping[UUID, Step]:
    """Return, by lead, the open task of its contact that is due first."""
    cards = sorted({row.contact_card_id for row in rows if row.contact_card_id})
    if not cards or not actor.may(Permission.TASKS_READ):
        return {}
    due_first = _due_first.rows(actor, cards=cards)
    found = {
        row.contact_card_id: Step(row.at, row.title, is_late=row.at is not None and row.at < now) for row in due_first
    }
    return {row.id: found[row.contact_card_id] for row in rows if row.contact_card_id in found}


@compiled_query
def _due_first(actor: Actor) -> Selection:
    # A snoozed task isn't late: its time is the end of the snooze, or the due date if that is later.
    is_snoozed = Task.snoozed_until > func.now()
    at = case((is_snoozed, func.greatest(Task.snoozed_until, Task.due_at)), else_=Task.due_at)
    tasks = restrict(select(Task.contact_card_id, Task.title, at.label("at")), Task, actor).where(
        Task.contact_card_id == any_(_ids("cards")), is_any_of(Task.status, _UNDONE), Task.deleted_at.is_(None)
    )
    first = tasks.ext(distinct_on(Task.contact_card_id))
    return first.order_by(Task.contact_card_id, at.nulls_last(), Task.id)


def _ids(name: str) -> ColumnElement[Any]:
    return bindparam(name, type_=ARRAY(Uuid()))
