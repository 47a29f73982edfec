"""Rules of tasks: who can change what, depending on the task's state and the actor."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated, Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from pydantic import Field

from app.declarations.input import Id, Input, Moment, OneOf
from app.declarations.open_work import roles_with
from app.errors import Conflict, LazyText
from app.models import AssignedTo, TaskPriority, TaskStatus
from app.security.actor import Actor
from app.security.permissions import Permission, Role

#: Value for "Unassigned" in a picker of people.
NOBODY = "none"

#: Roles that can be assigned a task: those that can complete it.
DOERS = roles_with(Permission.TASKS_WRITE)

#: Due time of a task with a date alone.
END_OF_WORK = time(17)

#: Statuses of tasks that are still to be done.
OPEN = (TaskStatus.PENDING, TaskStatus.IN_PROGRESS)

_NOT_OPEN: Mapping[str, LazyText] = {
    TaskStatus.COMPLETED: _l("This task is already completed. Reopen it if there’s more to do."),
    TaskStatus.CANCELLED: _l("This task is canceled. Reopen it first."),
}


class Owned(Protocol):
    """A task with its assignee and its creator."""

    assigned_to_user_id: UUID | None
    created_by: UUID | None


class Written(Protocol):
    """A task with the values that its form shows."""

    title: str
    description: str | None
    priority: str
    due_at: datetime | None
    assigned_to_user_id: UUID | None


@dataclass(frozen=True, slots=True)
class Links:
    """The IDs of the records that a task refers to, at most one of each kind."""

    contact_card_id: UUID | None = None
    call_id: UUID | None = None
    appointment_id: UUID | None = None


class TaskInput(Input):
    """The text, priority, due date and assignee of a task."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    description: Annotated[str | None, Field(max_length=2000)] = None
    priority: OneOf[TaskPriority] = TaskPriority.MEDIUM
    due_at: Annotated[Moment | None, Field(alias="dueDate")] = None
    assigned_to_user_id: Annotated[Id | None, Field(alias="assignedTo")] = None


class NewTaskInput(TaskInput):
    """A new task with the IDs of the records that it refers to."""

    contact_card_id: Annotated[Id | None, Field(alias="contactId")] = None
    call_id: Id | None = None
    appointment_id: Id | None = None

    @property
    def links(self) -> Links:
        """The IDs of the records that the task refers to."""
        return Links(self.contact_card_id, self.call_id, self.appointment_id)


class SnoozeInput(Input):
    """The time until which a task is snoozed; None ends snoozing."""

    snoozed_until: Moment | None


#: Names of form fields that differ from the column's name.
FORM_FIELDS = {"due_at": "due_day", "assigned_to_user_id": "assignee"}


def is_own(task: Owned, actor: Actor) -> bool:
    """Return whether `actor` is the task's assignee or creator."""
    return actor.user_id in {task.assigned_to_user_id, task.created_by}


def may_change(task: Owned, actor: Actor) -> bool:
    """Return whether `actor` can change this task, which they see already.

    Seeing all tasks and changing one's own are two permissions, and a person can have only the first.
    """
    permission = Permission.TASKS_WRITE
    return actor.sees_all(permission) or (actor.may(permission) and is_own(task, actor))


def may_assign(actor: Actor, current: UUID | None, wanted: UUID | None) -> bool:
    """Return whether `actor` can reassign a task from `current` to `wanted`; None means unassigned.

    People without the permission to assign can only take an unassigned task themselves.
    """
    if actor.may(Permission.TASKS_ASSIGN) or current == wanted:
        return True
    return current is None and wanted is not None and wanted == actor.reference_id


def refuse_not_open(status: str) -> None:
    """Raise Conflict if a task is completed or canceled."""
    if status in _NOT_OPEN:
        raise Conflict(None, _NOT_OPEN[status])


def kind_of_assignee(role: Role) -> AssignedTo:
    """Return the kind of assignment for an assignee with this role."""
    return {Role.CSR: AssignedTo.CSR, Role.SALES_REP: AssignedTo.SALES_REP}.get(role, AssignedTo.EXEC)


def shown_values(task: Written, zone: str) -> dict[str, Any]:
    """Return the values that the form of a task shows, by field; its date and time are local to `zone`."""
    here = task.due_at.astimezone(ZoneInfo(zone)) if task.due_at else None
    return {
        "title": task.title,
        "description": task.description,
        "due_day": here.date() if here else None,
        "due_time": here.time().replace(second=0, microsecond=0) if here else None,
        "priority": task.priority,
        "assignee": str(task.assigned_to_user_id) if task.assigned_to_user_id else NOBODY,
    }
