"""Integrity checks of tasks, and their repairs."""

from flask_babel import lazy_gettext as _l

from app.declarations.checked import Check, Repair, RepairStep
from app.models import Task
from app.security.actor import Actor
from app.trust.integrity.findings import by_sql

_ASSIGNEE_GONE = """
    SELECT 'task' AS resource, tasks.id, users.name AS detail
    FROM tasks LEFT JOIN users ON users.organization_id = tasks.organization_id AND users.id = assigned_to_user_id
    WHERE tasks.organization_id = :organization AND tasks.deleted_at IS NULL AND assigned_to_user_id IS NOT NULL
      AND (users.id IS NULL OR users.deleted_at IS NOT NULL AND tasks.status IN ('pending', 'in_progress'))
"""
_ASSIGNEE_INACTIVE = """
    SELECT 'task' AS resource, tasks.id, users.name AS detail
    FROM tasks JOIN users ON users.organization_id = tasks.organization_id AND users.id = assigned_to_user_id
    WHERE tasks.organization_id = :organization AND tasks.deleted_at IS NULL
      AND tasks.status IN ('pending', 'in_progress') AND users.deleted_at IS NULL AND users.status <> 'active'
"""
_OVERDUE = """
    SELECT 'task' AS resource, id, to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') AS detail FROM tasks
    WHERE organization_id = :organization AND deleted_at IS NULL AND status IN ('pending', 'in_progress')
      AND due_at < now() AND (snoozed_until IS NULL OR snoozed_until <= now())
"""
_PENDING_ACTIONS = """
    SELECT 'task' AS resource, tasks.id, concat_ws(' – ', tasks.status, actions.status) AS detail
    FROM tasks JOIN pending_actions actions
      ON actions.organization_id = tasks.organization_id AND actions.id = pending_action_id
    WHERE tasks.organization_id = :organization
      AND tasks.status <> CASE actions.status WHEN 'open' THEN 'pending' ELSE actions.status END
"""


def _unassign(task: Task, _actor: Actor | None) -> None:
    task.assigned_to_user_id = None


def _clear_due(task: Task, _actor: Actor | None) -> None:
    task.due_at = None


ASSIGNEE = Check("task_assignee", _l("A task is assigned to someone who no longer exists."), by_sql(_ASSIGNEE_GONE))
ASSIGNEE_INACTIVE = Check(
    "task_assignee_inactive", _l("An open task is assigned to an inactive person."), by_sql(_ASSIGNEE_INACTIVE)
)
OVERDUE = Check("task_overdue", _l("An open task is past its due date."), by_sql(_OVERDUE))
SUGGESTED = Check(
    "pending_action",
    _l("A task and the suggested task it came from have different statuses."),
    by_sql(_PENDING_ACTIONS),
)

REPAIR = Repair(
    "tasks",
    _l("Tasks"),
    (
        RepairStep(check=ASSIGNEE, model=Task, by=_unassign, done=_l("Unassign the task.")),
        RepairStep(
            check=OVERDUE,
            model=Task,
            by=_clear_due,
            done=_l("Clear the due date."),
            unless_requested=_l("Complete the task, or clear its due date."),
        ),
    ),
)
