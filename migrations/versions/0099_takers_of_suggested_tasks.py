"""Suggested tasks of sales and visit calls are assigned to their reps."""

from alembic import op

revision = "0099_takers_of_suggested_tasks"
down_revision = "0098_index_names"
branch_labels = None
depends_on = None

description = "Suggested tasks of sales and visit calls are for reps"
breaking = False

# Open, unassigned tasks, unchanged since the analysis: a task that a user has changed, begun or deleted stays, as does
# its action. Both are locked, so that they move together or not at all.
MOVED = """
WITH untouched AS (
  SELECT actions.organization_id, actions.id AS action_id, tasks.id AS task_id, actions.call_id
  FROM pending_actions actions
  JOIN tasks ON tasks.organization_id = actions.organization_id AND tasks.pending_action_id = actions.id
  WHERE actions.status = 'open' AND actions.assigned_to_type = 'csr' AND actions.assigned_to_user_id IS NULL
    AND actions.version = 1 AND actions.deleted_at IS NULL
    AND tasks.status = 'pending' AND tasks.assigned_to_type = 'csr' AND tasks.assigned_to_user_id IS NULL
    AND tasks.version = 1 AND tasks.deleted_at IS NULL
    AND EXISTS (
      SELECT FROM calls
      WHERE calls.organization_id = actions.organization_id AND calls.id = actions.call_id
        AND calls.call_type IN ('sales_call', 'visit_call')
    )
  FOR UPDATE OF actions, tasks
), takers AS (
  SELECT untouched.*, (
    SELECT people.id
    FROM (
      SELECT 1, NULL::timestamptz, calls.assigned_rep_id
      UNION ALL
      SELECT 2, NULL, calls.handled_by_user_id
      UNION ALL
      SELECT 3, NULL, coalesce(visits.sales_rep_id, recordings.sales_rep_id)
      FROM recording_sessions recordings JOIN appointments visits
        ON visits.organization_id = recordings.organization_id AND visits.id = recordings.appointment_id
      WHERE recordings.organization_id = calls.organization_id AND recordings.call_id = calls.id
      UNION ALL
      SELECT 4, visits.scheduled_start_at, visits.sales_rep_id
      FROM appointments visits
      WHERE visits.organization_id = calls.organization_id AND visits.source_call_id = calls.id
        AND visits.deleted_at IS NULL
    ) reps (place, at, user_id)
    JOIN users people ON people.organization_id = calls.organization_id AND people.id = reps.user_id
      AND people.deleted_at IS NULL AND people.status = 'active'
    WHERE place <> 2 OR people.role = 'sales_rep'
    ORDER BY place, at DESC LIMIT 1
  ) AS user_id
  FROM untouched JOIN calls ON calls.organization_id = untouched.organization_id AND calls.id = untouched.call_id
), moved AS (
  UPDATE pending_actions actions
  SET assigned_to_type = 'sales_rep', assigned_to_user_id = takers.user_id, version = version + 1
  FROM takers
  WHERE actions.organization_id = takers.organization_id AND actions.id = takers.action_id
)
UPDATE tasks SET assigned_to_type = 'sales_rep', assigned_to_user_id = takers.user_id, version = version + 1
FROM takers
WHERE tasks.organization_id = takers.organization_id AND tasks.id = takers.task_id
"""


def upgrade() -> None:
    op.execute(MOVED)


def downgrade() -> None:
    """Leave the tasks where they are: reps may have begun them, and the previous version can show them."""
