"""Tasks and suggested tasks that somebody can leave behind."""

from app.declarations.open_work import Work, WorkKind, roles_with
from app.models import PendingAction, PendingActionStatus, Task, TaskStatus
from app.security.permissions import Permission
from app.work.tasks.resource import PENDING_ACTION, TASK

_DOERS = roles_with(Permission.TASKS_WRITE)

TASKS = Work(
    kind=WorkKind.TASKS,
    resource=TASK,
    holder=Task.assigned_to_user_id,
    roles=_DOERS,
    is_open=lambda _now: (Task.status.in_((TaskStatus.PENDING, TaskStatus.IN_PROGRESS)),),
    label=lambda: Task.title,
    order=(Task.due_at, Task.id),
    may_be_nobodys=True,
)

ACTIONS = Work(
    kind=WorkKind.ACTIONS,
    resource=PENDING_ACTION,
    holder=PendingAction.assigned_to_user_id,
    roles=_DOERS,
    is_open=lambda _now: (PendingAction.status.in_((PendingActionStatus.OPEN, PendingActionStatus.IN_PROGRESS)),),
    label=lambda: PendingAction.raw_text,
    order=(PendingAction.due_at, PendingAction.id),
    may_be_nobodys=True,
)
