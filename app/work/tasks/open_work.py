"""Open tasks and suggested tasks that must be reassigned when their assignee leaves."""

from app.declarations.open_work import Work, WorkKind
from app.models import PendingAction, PendingActionStatus, Task
from app.work.tasks.notices import TASK_ASSIGNED
from app.work.tasks.resource import PENDING_ACTION, TASK
from app.work.tasks.rules import DOERS, OPEN

TASKS = Work(
    kind=WorkKind.TASKS,
    resource=TASK,
    holder=Task.assigned_to_user_id,
    roles=DOERS,
    is_open=lambda _now: (Task.status.in_(OPEN),),
    label=lambda: Task.title,
    order=(Task.due_at, Task.id),
    can_be_unassigned=True,
    notice=TASK_ASSIGNED,
    link="/tasks/{}",
)

ACTIONS = Work(
    kind=WorkKind.ACTIONS,
    resource=PENDING_ACTION,
    holder=PendingAction.assigned_to_user_id,
    roles=DOERS,
    is_open=lambda _now: (PendingAction.status.in_((PendingActionStatus.OPEN, PendingActionStatus.IN_PROGRESS)),),
    label=lambda: PendingAction.raw_text,
    order=(PendingAction.due_at, PendingAction.id),
    can_be_unassigned=True,
)
