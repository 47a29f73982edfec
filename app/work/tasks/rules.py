"""Who may change what of a task, from its state and who asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from pydantic import Field

from app.declarations.input import Id, Input, Moment, OneOf
from app.declarations.open_work import roles_with
from app.errors import Conflict, Sentence
from app.models import AssignedTo, TaskPriority, TaskStatus
from app.security.actor import Actor
from app.security.permissions import Permission, Role

#: The value of a picker of people for nobody.
NOBODY = "none"

#: Who can be given a task: those who may finish it.
DOERS = roles_with(Permission.TASKS_WRITE)

#: What is still to be done.
OPEN = (TaskStatus.PENDING, TaskStatus.IN_PROGRESS)

_NOT_OPEN: Mapping[str, Sentence] = {
    TaskStatus.COMPLETED: _l("This task is completed already. Reopen it first if there is more to do."),
    TaskStatus.CANCELLED: _l("This task is cancelled. Reopen it first."),
}


class Owned(Protocol):
    """A task: who does it, and who has made it."""

    assigned_to_user_id: UUID | None
    created_by: UUID | None


class Written(Protocol):
    """A task with what its form shows."""

    title: str
    description: str | None
    priority: str
    due_at: datetime | None
    assigned_to_user_id: UUID | None


@dataclass(frozen=True, slots=True)
class Links:
    """What a task is about; each at most once."""

    contact_card_id: UUID | None = None
    call_id: UUID | None = None
    appointment_id: UUID | None = None


class TaskInput(Input):
    """The text of a task, its priority, its date and its assignee."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    description: Annotated[str | None, Field(max_length=2000)] = None
    priority: OneOf[TaskPriority] = TaskPriority.MEDIUM
    due_at: Annotated[Moment | None, Field(alias="dueDate")] = None
    assigned_to_user_id: Annotated[Id | None, Field(alias="assignedTo")] = None


class NewTaskInput(TaskInput):
    """A task, and what it is about."""

    contact_card_id: Annotated[Id | None, Field(alias="contactId")] = None
    call_id: Id | None = None
    appointment_id: Id | None = None

    @property
    def links(self) -> Links:
        """The records that the task is about."""
        return Links(self.contact_card_id, self.call_id, self.appointment_id)


class SnoozeInput(Input):
    """Until when a task is put off; None: it is back."""

    snoozed_until: Moment | None


#: Where the fields of a task's forms are called otherwise than its columns.
FORM_FIELDS = {"due_at": "due_day", "assigned_to_user_id": "assignee"}


def is_own(task: Owned, actor: Actor) -> bool:
    """Whether the task is one of this person's."""
    return actor.user_id in {task.assigned_to_user_id, task.created_by}


def may_change(task: Owned, actor: Actor) -> bool:
    """Whether `actor` may change this task, which they see already.

    Seeing all tasks and changing one's own are two permissions, and somebody may have been granted only the first.
    """
    permission = Permission.TASKS_WRITE
    return actor.sees_all(permission) or (actor.may(permission) and is_own(task, actor))


def may_assign(actor: Actor, current: UUID | None, wanted: UUID | None) -> bool:
    """Whether `actor` may give a task that `current` has to `wanted`; None is nobody.

    Who does not assign takes for oneself what nobody has, and no more.
    """
    if actor.may(Permission.TASKS_ASSIGN) or current == wanted:
        return True
    return current is None and wanted is not None and wanted == actor.reference_id


def refuse_not_open(status: str) -> None:
    """Raise Conflict when a task is completed or cancelled."""
    if status in _NOT_OPEN:
        raise Conflict(None, _NOT_OPEN[status])


def kind_of_assignee(role: Role) -> AssignedTo:
    """What the kind of assignment is called for somebody of this role."""
    return {Role.CSR: AssignedTo.CSR, Role.SALES_REP: AssignedTo.SALES_REP}.get(role, AssignedTo.EXEC)


def shown_values(task: Written, zone: str) -> dict[str, Any]:
    """What the form of a task shows, by the names of its fields; its day and time are on the clocks of `zone`."""
    here = task.due_at.astimezone(ZoneInfo(zone)) if task.due_at else None
    return {
        "title": task.title,
        "description": task.description,
        "due_day": here.date() if here else None,
        "due_time": here.time().replace(second=0, microsecond=0) if here else None,
        "priority": task.priority,
        "assignee": str(task.assigned_to_user_id) if task.assigned_to_user_id else NOBODY,
    }
