"""Bulk changes of tasks.

Each task is subject to the same rules as in a single change.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Select

from app.audit.actions import Action
from app.declarations.bulk import BulkChange, BulkTarget, Verdict
from app.lists.filter_page import words_of_filters
from app.models import Task, TaskStatus
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import visible
from app.trust.trash.bulk import deletion_of_many
from app.work.tasks import rules
from app.work.tasks.bulk_forms import AssignTasksForm, CompleteTasksForm, MoveTasksForm, SnoozeTasksForm
from app.work.tasks.filters import TaskFilters
from app.work.tasks.queries import task_conditions
from app.work.tasks.resource import TASK, TASK_LIST
from app.work.tasks.service import mark_completed, notify_assigned, withdraw_notifications


def tasks_to_change(actor: Actor, filters: TaskFilters, ids: Sequence[UUID] | None, until: datetime) -> Select[Task]:
    """Select the tasks of a bulk change by `ids`, or else by `filters`.

    Only tasks that existed at `until` are included.
    """
    tasks = visible(Task, actor).where(Task.created_at <= until)
    return tasks.where(Task.id.in_(ids)) if ids is not None else tasks.where(*task_conditions(filters, actor))


def complete(actor: Actor, task: Task, _settings: Mapping[str, Any]) -> Verdict:
    """Complete a task, unless it is canceled."""
    if not rules.may_change(task, actor) or task.status == TaskStatus.CANCELLED:
        return Verdict.REFUSED
    if task.status == TaskStatus.COMPLETED:
        return Verdict.UNCHANGED
    mark_completed(task)
    return Verdict.CHANGED


def assign(actor: Actor, task: Task, settings: Mapping[str, Any]) -> Verdict:
    """Assign a task to a person, or unassign it, and end its snoozing."""
    wanted = UUID(settings["assignee_id"]) if settings["assignee_id"] else None
    if not rules.may_change(task, actor) or not rules.may_assign(actor, task.assigned_to_user_id, wanted):
        return Verdict.REFUSED
    if task.assigned_to_user_id == wanted:
        return Verdict.UNCHANGED
    task.assigned_to_user_id, task.assigned_to_type = wanted, settings["assigned_to_type"]
    task.snoozed_until = None
    return Verdict.CHANGED


def snooze(actor: Actor, task: Task, settings: Mapping[str, Any]) -> Verdict:
    """Snooze a task that is open."""
    wanted = datetime.fromisoformat(settings["until"])
    if not rules.may_change(task, actor) or task.status not in rules.OPEN:
        return Verdict.REFUSED
    if task.snoozed_until == wanted:
        return Verdict.UNCHANGED
    task.snoozed_until = wanted
    return Verdict.CHANGED


def move(actor: Actor, task: Task, settings: Mapping[str, Any]) -> Verdict:
    """Change the due date of a task that is open."""
    wanted = datetime.fromisoformat(settings["due_at"])
    if not rules.may_change(task, actor) or task.status not in rules.OPEN:
        return Verdict.REFUSED
    if task.due_at == wanted:
        return Verdict.UNCHANGED
    task.due_at = wanted
    return Verdict.CHANGED


_TARGET = BulkTarget(
    resource="task",
    model=Task,
    listed=TASK_LIST,
    rows=tasks_to_change,
    chips=lambda actor, _filters: words_of_filters(TASK, actor),
)

COMPLETE_TASKS = BulkChange(
    action="complete_tasks",
    label=_l("Complete"),
    act=_l("Complete %(count)s"),
    target=_TARGET,
    permission=Permission.TASKS_WRITE,
    columns=("status", "completed_at"),
    apply=complete,
    form=CompleteTasksForm,
    done=lambda number: ngettext("%(num)s task completed.", "%(num)s tasks completed.", number),
    recorded=Action.TASK_COMPLETED,
)

SNOOZE_TASKS = BulkChange(
    action="snooze_tasks",
    label=_l("Snooze"),
    act=_l("Snooze %(count)s"),
    target=_TARGET,
    permission=Permission.TASKS_WRITE,
    # Operations of an earlier release changed the due date and can still be undone.
    columns=("snoozed_until", "due_at"),
    apply=snooze,
    form=SnoozeTasksForm,
    done=lambda number: ngettext("%(num)s task snoozed.", "%(num)s tasks snoozed.", number),
    recorded=Action.TASK_SNOOZED,
)

MOVE_TASKS = BulkChange(
    action="move_tasks",
    label=_l("Reschedule"),
    act=_l("Reschedule %(count)s"),
    target=_TARGET,
    permission=Permission.TASKS_WRITE,
    columns=("due_at",),
    apply=move,
    form=MoveTasksForm,
    done=lambda number: ngettext("%(num)s task rescheduled.", "%(num)s tasks rescheduled.", number),
    recorded=Action.TASK_DATE_MOVED,
)

ASSIGN_TASKS = BulkChange(
    action="assign_tasks",
    label=_l("Assign"),
    act=_l("Assign %(count)s"),
    target=_TARGET,
    permission=Permission.TASKS_ASSIGN,
    columns=("assigned_to_user_id", "assigned_to_type", "snoozed_until"),
    apply=assign,
    form=AssignTasksForm,
    done=lambda number: ngettext("Assignee changed for %(num)s task.", "Assignee changed for %(num)s tasks.", number),
    recorded=Action.TASK_ASSIGNED,
    notify=notify_assigned,
    withdraw_notifications=withdraw_notifications,
)

DELETE_TASKS = deletion_of_many("delete_tasks", _TARGET, Permission.TASKS_DELETE)
