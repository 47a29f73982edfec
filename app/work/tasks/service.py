"""Operations that create and change tasks.

A task created from a suggested task shares its status: the database keeps the two in sync. Every change locks the
task's row first, so that checks stay valid until it is saved. Setting a value that is already set changes nothing, so a
form that is sent twice has one effect. Only completing a completed task is refused, with the name of the person who
completed it.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.queries import find_last_actor
from app.audit.record import name_action
from app.db.transaction import add_once, find_sent
from app.errors import Conflict, FieldError, TaskAlreadyCompleted, ValidationFailed
from app.extensions import db
from app.models import AssignedTo, AuditLog, Role, Task, TaskStatus
from app.people.users.queries import find_roles
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.row_writing import values_of
from app.tenancy.notification_service import NewNotification, Taken, notify, withdraw
from app.work.tasks import detail_queries, rules
from app.work.tasks.notices import TASK_ASSIGNED
from app.work.tasks.rules import NewTaskInput, TaskInput


def create(
    actor: Actor, task_id: UUID, given: NewTaskInput, *, kind: AssignedTo | None = None, category: str | None = None
) -> Task:
    """Create a task; `kind` is the role that an unassigned one is for.

    `actor` must see the records that the task refers to; a call or an appointment adds its contact. `task_id` is
    generated with the form, so that a form submitted twice creates one task. Raises Forbidden, NotFound,
    ValidationFailed for an assignee who can't be chosen, and Conflict if the form was submitted with other values
    before.
    """
    actor.requires(Permission.TASKS_WRITE)
    values = values_of(given, TaskInput.columns())
    find = partial(_find_made, actor, task_id, values)
    there = find_sent(task_id, find)
    if there is not None:
        return there
    of_assignee = _assignment(actor, None, given.assigned_to_user_id)
    if given.assigned_to_user_id is None:
        _check_role(actor, kind)
    about = detail_queries.get_subject(actor, given.links)
    task = Task(
        organization_id=actor.organization_id,
        id=task_id,
        **values,
        assigned_to_type=of_assignee if given.assigned_to_user_id or kind is None else kind,
        category=category,
        contact_card_id=about.contact_card_id,
        call_id=about.call_id,
        appointment_id=about.appointment_id,
        created_by=actor.reference_id,
        created_by_label=actor.name,
    )
    made = add_once(task, find)
    if made is task:
        notify_assigned(actor, [task])
    return made


def edit(actor: Actor, task_id: UUID, given: TaskInput, *, version: int) -> Task:
    """Change the text, the priority, the due date and the assignee of a task.

    Reassigning the task notifies the new assignee and ends its snoozing. Raises NotFound, Forbidden, VersionConflict
    and ValidationFailed.
    """
    task = _locked(actor, task_id)
    values = given.values()
    if values_of(task, values) == values:
        return task
    task.refuse_stale(version, rules.shown_values(task, actor.timezone))
    is_given = given.assigned_to_user_id != task.assigned_to_user_id
    if is_given:
        task.assigned_to_type = _assignment(actor, task.assigned_to_user_id, given.assigned_to_user_id)
        task.snoozed_until = None
    for name, value in values.items():
        setattr(task, name, value)
    db.session.flush()
    if is_given:
        notify_assigned(actor, [task])
    return task


def complete(actor: Actor, task_id: UUID) -> TaskStatus:
    """Complete a task and the suggested task it was created from, and return its previous status.

    Raises NotFound, Forbidden, TaskAlreadyCompleted with the person who completed it, and Conflict for a canceled task.
    """
    task = _locked(actor, task_id)
    before = TaskStatus(task.status)
    if before is TaskStatus.COMPLETED:
        raise _completed_already(actor, task_id)
    rules.refuse_not_open(before)
    mark_completed(task)
    name_action(Action.TASK_COMPLETED, task)
    return before


def mark_completed(task: Task) -> None:
    """Set the task's status to completed now, without flushing."""
    task.status, task.completed_at = TaskStatus.COMPLETED, datetime.now(UTC)


def reopen(
    actor: Actor,
    task_id: UUID,
    status: Literal[TaskStatus.PENDING, TaskStatus.IN_PROGRESS] = TaskStatus.PENDING,
) -> Task:
    """Reopen a completed or canceled task as pending or in progress. Raises NotFound and Forbidden."""
    task = _locked(actor, task_id)
    if task.status in rules.OPEN:
        return task
    task.status, task.completed_at = status, None
    name_action(Action.TASK_REOPENED, task)
    return task


def start(actor: Actor, task_id: UUID) -> Task:
    """Mark a task as in progress. Raises NotFound, Forbidden, and Conflict for a task that isn't open."""
    return _set_open_status(actor, task_id, TaskStatus.IN_PROGRESS)


def pause(actor: Actor, task_id: UUID) -> Task:
    """Mark a task as pending. Raises NotFound, Forbidden, and Conflict for a task that isn't open."""
    return _set_open_status(actor, task_id, TaskStatus.PENDING)


def cancel(actor: Actor, task_id: UUID) -> Task:
    """Cancel a task, which can be reopened. Raises NotFound, Forbidden, and Conflict for a completed task."""
    task = _locked(actor, task_id)
    if task.status == TaskStatus.CANCELLED:
        return task
    rules.refuse_not_open(task.status)
    task.status = TaskStatus.CANCELLED
    db.session.flush()
    return task


def snooze(actor: Actor, task_id: UUID, until: datetime | None) -> datetime | None:
    """Snooze an open task until a time, whatever its due date, or end snoozing with None.

    Returns the previous time. Raises NotFound, Forbidden, and Conflict for a task that isn't open.
    """
    task = _locked(actor, task_id)
    before = task.snoozed_until
    if before == until:
        return before
    rules.refuse_not_open(task.status)
    task.snoozed_until = until
    name_action(Action.TASK_SNOOZED, task)
    return before


def assign(
    actor: Actor,
    task_id: UUID,
    assignee_id: UUID | None,
    *,
    snoozed_until: datetime | None = None,
    takes_back: bool = False,
) -> tuple[UUID | None, datetime | None]:
    """Assign a task to a person, or unassign it.

    Snoozing ends, because the new assignee hasn't seen the task yet. Returns the ID of the previous assignee and the
    time until which the task was snoozed, which `snoozed_until` restores. With `takes_back` the assignment is undone:
    its notification is withdrawn, and the person who has the task again isn't notified. Raises NotFound, Forbidden and
    ValidationFailed.
    """
    task = _locked(actor, task_id)
    before = task.assigned_to_user_id, task.snoozed_until
    if task.assigned_to_user_id == assignee_id:
        return before
    given_at = task.updated_at
    task.assigned_to_type = _assignment(actor, task.assigned_to_user_id, assignee_id)
    task.assigned_to_user_id, task.snoozed_until = assignee_id, snoozed_until
    name_action(Action.TASK_ASSIGNED, task)
    if takes_back:
        withdraw(TASK_ASSIGNED, [Taken(before[0], task.id, given_at)])
    else:
        notify_assigned(actor, [task])
    return before


def assign_role(actor: Actor, task: Task, kind: AssignedTo | None) -> None:
    """Assign a locked task that no person has to everyone with a role; None changes nothing.

    Raises ValidationFailed for another role than CSRs by people who can't assign tasks, and for one without people.
    """
    if kind is None or task.assigned_to_user_id is not None or kind == task.assigned_to_type:
        return
    _check_role(actor, kind)
    task.assigned_to_type = kind
    name_action(Action.TASK_ASSIGNED, task)


def withdraw_notifications(entries: Iterable[AuditLog]) -> None:
    """Withdraw the notifications about assignments that were undone; `entries` are their audit entries."""
    given = ((entry, (entry.after or {}).get("assigned_to_user_id")) for entry in entries if entry.resource_id)
    taken = [Taken(UUID(to), entry.resource_id, entry.created_at) for entry, to in given if to and entry.resource_id]
    withdraw(TASK_ASSIGNED, taken)


def notify_assigned(actor: Actor, tasks: Iterable[Task]) -> None:
    """Notify the assignees of `tasks` that `actor` assigned the tasks to them."""
    given = _l("%(name)s assigned you a task.", name=actor.name)
    notify(
        TASK_ASSIGNED,
        [NewNotification(task.assigned_to_user_id, given, f"/tasks/{task.id}", task.id) for task in tasks],
    )


def _set_open_status(actor: Actor, task_id: UUID, status: TaskStatus) -> Task:
    task = _locked(actor, task_id)
    if task.status != status:
        rules.refuse_not_open(task.status)
        task.status = status
        db.session.flush()
    return task


def _check_role(actor: Actor, kind: AssignedTo | None) -> None:
    if kind is AssignedTo.SYSTEM:
        raise ValidationFailed([FieldError("assigned_to_type", _l("Choose one of the options."))])
    if kind not in (None, AssignedTo.CSR) and not actor.may(Permission.TASKS_ASSIGN):
        raise ValidationFailed([FieldError("assigned_to_type", _l("Only managers can assign tasks to others."))])


def _assignment(actor: Actor, current: UUID | None, wanted: UUID | None) -> AssignedTo:
    """Return the kind of assignment if the task can be reassigned from `current` to `wanted`.

    Raises ValidationFailed otherwise.
    """
    if not rules.may_assign(actor, current, wanted):
        raise ValidationFailed([FieldError("assigned_to_user_id", _l("Only managers can assign tasks to others."))])
    if wanted is None:
        return AssignedTo.CSR
    role = find_roles(actor.organization_id, [wanted]).get(wanted)
    if role is None or role not in rules.DOERS:
        unable = _l("Choose someone who can be assigned tasks.")
        raise ValidationFailed([FieldError("assigned_to_user_id", unable)])
    return rules.kind_of_assignee(role)


def _locked(actor: Actor, task_id: UUID) -> Task:
    actor.requires(Permission.TASKS_WRITE)
    task = detail_queries.get_task(actor, task_id, lock=True)
    if not rules.may_change(task, actor):
        raise actor.refusal(
            Permission.TASKS_WRITE,
            _l("You can only edit your own tasks. Ask a manager."),
            needed=Role.MANAGER,
        )
    return task


def _find_made(actor: Actor, task_id: UUID, values: Mapping[str, Any]) -> Task | None:
    """Return the task that the same form created before, or None.

    Raises Conflict if the task with this id has other values or another creator.
    """
    there = detail_queries.find_task(actor, task_id)
    if there is None or (there.created_by == actor.reference_id and _is_same(values_of(there, values), values)):
        return there
    raise Conflict(None, _l("This form was already submitted. Reopen the page to add another task."))


def _is_same(made: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """Return whether the values are equal, ignoring a difference of less than a minute in the due date.

    "In 2 hours" is later when it is sent again.
    """
    before, after = made["due_at"], sent["due_at"]
    if before and after and abs(before - after) < timedelta(minutes=1):
        return {**made, "due_at": after} == sent
    return made == sent


def _completed_already(actor: Actor, task_id: UUID) -> TaskAlreadyCompleted:
    who = find_last_actor(actor, Action.TASK_COMPLETED, "task", task_id)
    message = _l("%(name)s already completed this task. Reopen it if there’s more to do.", name=who) if who else None
    return TaskAlreadyCompleted({"name": who}, message)
