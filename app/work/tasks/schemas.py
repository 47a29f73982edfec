"""Records and inputs of tasks in the JSON API."""

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field

from app.declarations.input import DayOrMoment, Id, Input, Moment, OneOf
from app.declarations.record import Record, Timestamp
from app.models import AssignedTo, PendingActionCategory, PendingActionStatus, TaskPriority, TaskStatus
from app.work.tasks.rules import END_OF_WORK, NewTaskInput, TaskInput


class TaskRecord(Record):
    """A task; `raw_text` is the text from the analysis that suggested it, None if a person created it."""

    id: UUID
    title: str
    description: str | None
    status: TaskStatus
    priority: TaskPriority
    assigned_to: UUID | None
    assigned_to_name: str | None
    assigned_to_type: AssignedTo | None
    created_by: UUID | None
    created_by_name: str | None
    due_date: Timestamp | None
    snoozed_until: Timestamp | None
    completed_at: Timestamp | None
    category: str | None
    raw_text: str | None
    contact_card_id: Annotated[UUID | None, Field(alias="contactId")]
    contact_name: str | None
    call_id: UUID | None
    appointment_id: UUID | None
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class PendingActionRecord(Record):
    """A task that an analysis suggests; its status is that of the task created from it, if there is one."""

    id: UUID
    category: PendingActionCategory
    raw_text: str
    status: PendingActionStatus
    assigned_to: UUID | None
    assigned_to_name: str | None
    assigned_to_type: AssignedTo
    due_date: Timestamp | None
    contact_card_id: Annotated[UUID | None, Field(alias="contactId")]
    contact_name: str | None
    call_id: UUID | None
    appointment_id: UUID | None
    task_id: UUID | None
    created_by: UUID | None
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class _Dated(NewTaskInput):
    """A task whose due date can also be a local date, which means the end of work on that day."""

    due_at: Annotated[DayOrMoment | None, Field(alias="dueDate")] = None  # type: ignore[assignment]
    category: Annotated[str | None, Field(min_length=1, max_length=50)] = None
    assigned_to_type: OneOf[AssignedTo | None] = None

    def task(self, zone: str) -> TaskInput:
        """Return the text, priority, due date and assignee; local dates are in `zone`."""
        values = {name: getattr(self, name) for name in TaskInput.columns()}
        return TaskInput.of({**values, "due_at": _moment_of(self.due_at, zone)})


class NewTaskBody(_Dated):
    """A new task, which belongs to a person or to everyone with a role."""


class TaskChanges(_Dated):
    """Changes of a task; a `status` runs the action that leads to it."""

    status: OneOf[TaskStatus] = TaskStatus.PENDING
    snoozed_until: Moment | None = None


class AssigneeBody(Input):
    """The person to assign a task to; None for no one."""

    assigned_to_user_id: Annotated[Id | None, Field(alias="assignedTo")]


def _moment_of(due: date | None, zone: str) -> datetime | None:
    if due is None or isinstance(due, datetime):
        return due
    return datetime.combine(due, END_OF_WORK, ZoneInfo(zone)).astimezone(UTC)
