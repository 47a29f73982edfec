"""The kinds of work that somebody can leave behind: how each is found, and who can take it over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement

from app.models import (
    Appointment,
    AppointmentStatus,
    BusySource,
    ContactCard,
    EntryStatus,
    Event,
    EventStatus,
    Lead,
    MissedCallEntry,
    PendingAction,
    PendingActionStatus,
    RecordingSession,
    Task,
    TaskStatus,
)
from app.security.matrix import permissions_of
from app.security.permissions import Permission, Role

Conditions: TypeAlias = tuple[ColumnElement[bool], ...]


class WorkKind(StrEnum):
    """What can be handed over."""

    VISITS = "visits"
    BOOKINGS = "bookings"
    CLAIMS = "claims"
    LEADS = "leads"
    CREDITED_LEADS = "credited_leads"
    TASKS = "tasks"
    ACTIONS = "actions"
    EVENTS = "events"
    RECORDINGS = "recordings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One kind: rows of `model` whose `holder` names the person, where `is_open` holds now.

    `ever` is what of it somebody who goes for good must not leave behind; without `is_open` it is only that. `label` is
    what people call a row, `order` that in which it is due. `roles` can take it over. With `may_be_nobodys` it can
    wait for somebody; with `may_stay` it stays in the name of who has left, for it says what they did. `one_by_one`
    where the database may refuse a row, so that every refusal can be told.
    """

    model: Any
    holder: Any
    roles: frozenset[Role]
    is_open: Callable[[datetime], Conditions] | None = None
    ever: Conditions | None = None
    label: Any = None
    order: tuple[Any, ...] = ()
    may_be_nobodys: bool = False
    may_stay: bool = False
    one_by_one: bool = False

    def held_by(self, user_id: UUID, now: datetime, *, for_good: bool = False) -> Conditions | None:
        """That a row is this person's, and has to be somebody's after them; None where none has."""
        wanted = self.ever if for_good and self.ever is not None else self.is_open(now) if self.is_open else None
        if wanted is None:
            return None
        is_live = (self.model.deleted_at.is_(None),) if hasattr(self.model, "deleted_at") else ()
        return (self.holder == user_id, *wanted, *is_live)


def _roles_with(permission: Permission) -> frozenset[Role]:
    return frozenset(role for role in Role if permission in permissions_of(role))


_REPS, _CSRS = frozenset({Role.SALES_REP}), frozenset({Role.CSR})
_DOERS = _roles_with(Permission.TASKS_WRITE)


def _visit_to_come(now: datetime) -> Conditions:
    return (Appointment.status == AppointmentStatus.SCHEDULED, Appointment.scheduled_start_at > now)


def _open_lead(_now: datetime) -> Conditions:
    return (Lead.closed_at.is_(None),)


#: Nobody takes over somebody's holidays: they would be away then instead.
_IS_NO_HOLIDAY = Event.type != BusySource.TIME_OFF


#: In the order in which pages show them.
WORKS: Mapping[WorkKind, Work] = {
    WorkKind.VISITS: Work(
        model=Appointment,
        holder=Appointment.sales_rep_id,
        roles=_REPS,
        is_open=_visit_to_come,
        label=Appointment.service_type,
        order=(Appointment.scheduled_start_at, Appointment.id),
        may_be_nobodys=True,
        one_by_one=True,
    ),
    WorkKind.BOOKINGS: Work(
        model=Appointment,
        holder=Appointment.csr_id,
        roles=_CSRS,
        is_open=_visit_to_come,
        label=Appointment.service_type,
        order=(Appointment.scheduled_start_at, Appointment.id),
        may_stay=True,
    ),
    WorkKind.CLAIMS: Work(
        model=MissedCallEntry,
        holder=MissedCallEntry.claimed_by,
        roles=_roles_with(Permission.MISSED_CALLS_WORK),
        is_open=lambda _now: (MissedCallEntry.status == EntryStatus.CLAIMED,),
        label=ContactCard.full_name,
        order=(MissedCallEntry.sla_due_at, MissedCallEntry.id),
        may_be_nobodys=True,
    ),
    WorkKind.LEADS: Work(
        model=Lead,
        holder=Lead.assigned_rep_id,
        roles=_REPS,
        is_open=_open_lead,
        label=ContactCard.full_name,
        order=(Lead.last_activity_at.desc(), Lead.id),
        may_be_nobodys=True,
    ),
    WorkKind.CREDITED_LEADS: Work(
        model=Lead,
        holder=Lead.csr_id,
        roles=_CSRS,
        is_open=_open_lead,
        label=ContactCard.full_name,
        order=(Lead.last_activity_at.desc(), Lead.id),
        may_stay=True,
    ),
    WorkKind.TASKS: Work(
        model=Task,
        holder=Task.assigned_to_user_id,
        roles=_DOERS,
        is_open=lambda _now: (Task.status.in_((TaskStatus.PENDING, TaskStatus.IN_PROGRESS)),),
        label=Task.title,
        order=(Task.due_at, Task.id),
        may_be_nobodys=True,
    ),
    WorkKind.ACTIONS: Work(
        model=PendingAction,
        holder=PendingAction.assigned_to_user_id,
        roles=_DOERS,
        is_open=lambda _now: (PendingAction.status.in_((PendingActionStatus.OPEN, PendingActionStatus.IN_PROGRESS)),),
        label=PendingAction.raw_text,
        order=(PendingAction.due_at, PendingAction.id),
        may_be_nobodys=True,
    ),
    WorkKind.EVENTS: Work(
        model=Event,
        holder=Event.organizer_id,
        roles=_roles_with(Permission.EVENTS_WRITE),
        is_open=lambda now: (Event.end_at > now, Event.status != EventStatus.CANCELLED, _IS_NO_HOLIDAY),
        ever=(_IS_NO_HOLIDAY,),
        label=Event.title,
        order=(Event.start_at, Event.id),
        one_by_one=True,
    ),
    WorkKind.RECORDINGS: Work(
        model=RecordingSession,
        holder=RecordingSession.sales_rep_id,
        roles=_REPS,
        ever=(),
        order=(RecordingSession.id,),
        one_by_one=True,
    ),
}
