"""The JSON API of tasks and suggested tasks."""

from app.declarations.api import Action, Api, Write, sample_id
from app.errors import TaskAlreadyCompleted
from app.security.permissions import Permission
from app.trust.trash.delete_service import delete
from app.work.tasks import service
from app.work.tasks.pending_action_queries import pending_action_records
from app.work.tasks.queries import task_records
from app.work.tasks.record_service import change_task, create_task, record_of_new
from app.work.tasks.resource import PENDING_ACTION, TASK
from app.work.tasks.rules import SnoozeInput
from app.work.tasks.schemas import AssigneeBody, NewTaskBody, PendingActionRecord, TaskChanges, TaskRecord

TASKS = Api(
    TASK,
    path="tasks",
    key="task",
    records=task_records,
    record=TaskRecord,
    read=Permission.TASKS_READ,
    record_of_new=record_of_new,
    create=Write(
        Permission.TASKS_WRITE,
        create_task,
        NewTaskBody,
        example={"title": "Call back about the quote", "assignedToType": "csr", "dueDate": "2026-11-30"},
    ),
    change=Write(
        Permission.TASKS_WRITE,
        change_task,
        TaskChanges,
        example={"priority": "high", "description": "Ask which day suits them."},
        errors=(TaskAlreadyCompleted,),
    ),
    delete=Write(Permission.TASKS_DELETE, lambda actor, task_id: delete(actor, "task", [task_id])),
    actions=(
        Action(Permission.TASKS_WRITE, service.start, verb="start"),
        Action(Permission.TASKS_WRITE, service.pause, verb="pause"),
        Action(Permission.TASKS_WRITE, service.complete, verb="complete", errors=(TaskAlreadyCompleted,)),
        Action(Permission.TASKS_WRITE, service.cancel, verb="cancel"),
        Action(Permission.TASKS_WRITE, service.reopen, verb="reopen"),
        Action(
            Permission.TASKS_WRITE,
            lambda actor, task_id, given: service.snooze(actor, task_id, given.snoozed_until),
            SnoozeInput,
            {"snoozedUntil": "2026-12-01T09:00:00Z"},
            verb="snooze",
        ),
        Action(
            Permission.TASKS_WRITE,
            lambda actor, task_id, given: service.assign(actor, task_id, given.assigned_to_user_id),
            AssigneeBody,
            {"assignedTo": sample_id("user", "csr")},
            verb="assign",
        ),
    ),
)

PENDING_ACTIONS = Api(
    PENDING_ACTION,
    path="pending-actions",
    key="pendingAction",
    records=pending_action_records,
    record=PendingActionRecord,
    read=Permission.TASKS_READ,
)

API = (TASKS, PENDING_ACTIONS)
