"""The current user is loaded with their counts: unread notifications, due tasks, the queue."""

from importlib import import_module

from alembic import op

revision = "0074_counts_of_who_asks"
down_revision = "0073_notices"
branch_labels = None
depends_on = None

description = "Every page shows what waits for whoever looks at it"
breaking = False

_WHO_ASKS = import_module("migrations.versions.0049_who_asks")
_CALL_ON = import_module("migrations.versions.0062_call_that_is_on")

INDEXES = {
    "idx_tasks_due_of_person": (
        "tasks (organization_id, assigned_to_user_id, due_at) INCLUDE (snoozed_until) "
        "WHERE status IN ('pending', 'in_progress') AND deleted_at IS NULL"
    ),
    "idx_missed_entries_to_do": (
        "missed_call_entries (organization_id, next_attempt_at) WHERE status IN ('open', 'claimed')"
    ),
}

# Each stops at a hundred, and is read by an index-only scan.
COUNTS = """
CREATE FUNCTION counts_of_person(organization uuid, person uuid, zone text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  tomorrow CONSTANT timestamptz := (date_trunc('day', now() AT TIME ZONE zone) + interval '1 day') AT TIME ZONE zone;
BEGIN
  IF organization IS DISTINCT FROM current_organization() THEN
    RETURN NULL;
  END IF;
  RETURN jsonb_build_object(
    'unread', (SELECT count(*) FROM (
      SELECT FROM notifications
      WHERE organization_id = organization AND user_id = person AND read_at IS NULL AND is_shown
      LIMIT 100) AS few),
    'tasks', (SELECT count(*) FROM (
      SELECT FROM tasks
      WHERE organization_id = organization AND assigned_to_user_id = person AND status IN ('pending', 'in_progress')
        AND deleted_at IS NULL AND due_at < tomorrow AND (snoozed_until IS NULL OR snoozed_until <= now())
      LIMIT 100) AS few),
    'queue', (SELECT count(*) FROM (
      SELECT FROM missed_call_entries
      WHERE organization_id = organization AND status IN ('open', 'claimed')
        AND (next_attempt_at IS NULL OR next_attempt_at < tomorrow)
      LIMIT 100) AS few));
END
$$
"""
SIGNATURE = "counts_of_person(uuid, uuid, text)"
FIND_SESSION = _CALL_ON.FIND_SESSION.replace("call_on jsonb)", "call_on jsonb, counts jsonb)").replace(
    "\n    FROM user_sessions s",
    ",\n             counts_of_person(s.organization_id, s.user_id, o.timezone)\n    FROM user_sessions s",
)


def upgrade() -> None:
    # Outside a transaction, so that users can keep working.
    with op.get_context().autocommit_block():
        for name, definition in INDEXES.items():
            # Rebuilt, because an interrupted run can have left it half built.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {definition}")
    op.execute(COUNTS)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO app_rw")
    _replace(FIND_SESSION)


def downgrade() -> None:
    _replace(_CALL_ON.FIND_SESSION)
    op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {SIGNATURE}")
    with op.get_context().autocommit_block():
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def _replace(function: str) -> None:
    """Replace the function in one transaction, so that no request finds it missing."""
    signature = _WHO_ASKS.SIGNATURE
    op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {signature}")
    op.execute(function)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_rw")
