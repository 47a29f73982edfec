"""Changing tasks. A task made from a pending action shares its status: the database keeps the two alike.

Every change locks the task's row first, so that what is checked stays true until it is saved. Asking for what is there
already changes nothing, so sending a form twice does so once; only completing what is completed is refused, and says by
whom it was.
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
from app.db.transaction import add_once
from app.errors import Conflict, FieldError, TaskAlreadyCompleted, ValidationFailed
from app.extensions import db
from app.models import AssignedTo, AuditLog, Role, Task, TaskStatus
from app.people.users.queries import find_roles
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.row_writing import values_of
from app.tenancy.notification_service import Taken, Telling, notify, withdraw
from app.work.tasks import detail_queries, rules
from app.work.tasks.notices import TASK_ASSIGNED
from app.work.tasks.rules import NewTaskInput, TaskInput


def create(actor: Actor, task_id: UUID, given: NewTaskInput) -> Task:
    """Make a task; what it is about has to be seen by `actor`, and a call or an appointment brings its contact.

    `task_id` is made with the form: the same task sent twice is one. Raises Forbidden, NotFound, ValidationFailed for
    an assignee whom one may not choose, and Conflict when another task has the id.
    """
    actor.requires(Permission.TASKS_WRITE)
    values = values_of(given, TaskInput.columns())
    there = _find_made(actor, task_id, values)
    if there is not None:
        return there
    kind = _assignment(actor, None, given.assigned_to_user_id)
    about = detail_queries.get_subject(actor, given.links)
    task = Task(
        organization_id=actor.organization_id,
        id=task_id,
        **values,
        assigned_to_type=kind,
        contact_card_id=about.contact_card_id,
        call_id=about.call_id,
        appointment_id=about.appointment_id,
        created_by=actor.reference_id,
        created_by_label=actor.name,
    )
    made = add_once(task, partial(_find_made, actor, task_id, values))
    if made is task:
        tell_assigned(actor, [task])
    return made


def edit(actor: Actor, task_id: UUID, given: TaskInput, *, version: int) -> Task:
    """Change what a task says, its date and who does it.

    Raises NotFound, Forbidden, VersionConflict, ValidationFailed.
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
        tell_assigned(actor, [task])
    return task


def complete(actor: Actor, task_id: UUID) -> TaskStatus:
    """Finish a task, and with it the pending action that it was made from; returns what its status was.

    Raises NotFound, Forbidden, TaskAlreadyCompleted with who has completed it, and Conflict for a cancelled one.
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
    """Completed now; the row is still to be flushed."""
    task.status, task.completed_at = TaskStatus.COMPLETED, datetime.now(UTC)


def reopen(
    actor: Actor,
    task_id: UUID,
    status: Literal[TaskStatus.PENDING, TaskStatus.IN_PROGRESS] = TaskStatus.PENDING,
) -> Task:
    """Take up again what was completed or cancelled, as pending or in progress. Raises NotFound, Forbidden."""
    task = _locked(actor, task_id)
    if task.status in rules.OPEN:
        return task
    task.status, task.completed_at = status, None
    name_action(Action.TASK_REOPENED, task)
    return task


def start(actor: Actor, task_id: UUID) -> Task:
    """Say that a task is in progress. Raises NotFound, Forbidden, Conflict for one that is not open."""
    return _set_open_status(actor, task_id, TaskStatus.IN_PROGRESS)


def pause(actor: Actor, task_id: UUID) -> Task:
    """Say that a task waits again. Raises as `start`."""
    return _set_open_status(actor, task_id, TaskStatus.PENDING)


def cancel(actor: Actor, task_id: UUID) -> Task:
    """Give a task up; it can be reopened. Raises as `start`."""
    task = _locked(actor, task_id)
    if task.status == TaskStatus.CANCELLED:
        return task
    rules.refuse_not_open(task.status)
    task.status = TaskStatus.CANCELLED
    db.session.flush()
    return task


def snooze(actor: Actor, task_id: UUID, until: datetime | None) -> datetime | None:
    """Put an open task off until a moment, whatever its date; None brings it back. Returns the moment before; raises as
    `start`."""
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
    """Give a task to somebody, or to nobody; it is put off no more, for whoever gets it has not seen it yet.

    Returns who had it, and until when it was put off, which `snoozed_until` brings back. Whoever only has it again,
    for somebody `takes_back` that it was given away, is told nothing. Raises NotFound, Forbidden, ValidationFailed.
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
        tell_assigned(actor, [task])
    return before


def take_back_telling(entries: Iterable[AuditLog]) -> None:
    """Tell nobody any more that they were given what these changes, which were taken back, have given them."""
    given = ((entry, (entry.after or {}).get("assigned_to_user_id")) for entry in entries if entry.resource_id)
    taken = [Taken(UUID(to), entry.resource_id, entry.created_at) for entry, to in given if to and entry.resource_id]
    withdraw(TASK_ASSIGNED, taken)


def tell_assigned(actor: Actor, tasks: Iterable[Task]) -> None:
    """Tell those who have these tasks now that `actor` gave them."""
    given = _l("%(name)s gave you a task.", name=actor.name)
    notify(TASK_ASSIGNED, [Telling(task.assigned_to_user_id, given, f"/tasks/{task.id}", task.id) for task in tasks])


def _set_open_status(actor: Actor, task_id: UUID, status: TaskStatus) -> Task:
    task = _locked(actor, task_id)
    if task.status != status:
        rules.refuse_not_open(task.status)
        task.status = status
        db.session.flush()
    return task


def _assignment(actor: Actor, current: UUID | None, wanted: UUID | None) -> AssignedTo:
    """What kind of assignment it is to give a task of `current` to `wanted`; raises ValidationFailed."""
    if not rules.may_assign(actor, current, wanted):
        raise ValidationFailed([FieldError("assigned_to_user_id", _l("Only a manager gives tasks to others."))])
    if wanted is None:
        return AssignedTo.CSR
    role = find_roles(actor.organization_id, [wanted]).get(wanted)
    if role is None or role not in rules.DOERS:
        unable = _l("Choose somebody who works here and can have tasks.")
        raise ValidationFailed([FieldError("assigned_to_user_id", unable)])
    return rules.kind_of_assignee(role)


def _locked(actor: Actor, task_id: UUID) -> Task:
    actor.requires(Permission.TASKS_WRITE)
    task = detail_queries.get_task(actor, task_id, lock=True)
    if not rules.may_change(task, actor):
        raise actor.refusal(
            Permission.TASKS_WRITE,
            _l("You may change your own tasks, and this is somebody else’s. Ask a manager."),
            needed=Role.MANAGER,
        )
    return task


def _find_made(actor: Actor, task_id: UUID, values: Mapping[str, Any]) -> Task | None:
    """The task of the same form, sent before; raises Conflict where it said something else."""
    there = detail_queries.find_task(actor, task_id)
    if there is None or (there.created_by == actor.reference_id and _is_same(values_of(there, values), values)):
        return there
    raise Conflict(None, _l("This task was added already. Open the list again to add another."))


def _is_same(made: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """But for the date's seconds: "in 2 hours" is later when it is sent again."""
    before, after = made["due_at"], sent["due_at"]
    if before and after and abs(before - after) < timedelta(minutes=1):
        return {**made, "due_at": after} == sent
    return made == sent


def _completed_already(actor: Actor, task_id: UUID) -> TaskAlreadyCompleted:
    who = find_last_actor(actor, Action.TASK_COMPLETED, "task", task_id)
    message = _l("%(name)s completed this task already. Reopen it if there is more to do.", name=who) if who else None
    return TaskAlreadyCompleted({"name": who}, message)
