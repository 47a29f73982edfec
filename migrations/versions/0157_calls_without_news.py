"""Active calls without news from their provider are found, and so are the modifications of a call."""

from alembic import op

from migrations.support import once

revision = "0157_calls_without_news"
down_revision = "0156_tasks_of_providers"
branch_labels = None
depends_on = None

description = "Active calls without news from their provider are found, and the modifications of a call"
breaking = False

_INDEXES = {
    "idx_calls_active": "calls (organization_id, started_at) WHERE status = 'active'",
    "idx_webhook_deliveries_modified": (
        "webhook_deliveries (organization_id, split_part(external_id, ':', 1)) WHERE event_type = 'call-modified'"
    ),
}
# Calls that people make themselves are ended with the queue's claims.
SILENT = """
CREATE FUNCTION organizations_with_silent_calls() RETURNS TABLE (organization_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT o.id FROM organizations o
  WHERE o.status = 'active' AND o.deleted_at IS NULL AND EXISTS (
    SELECT FROM calls c
    WHERE c.organization_id = o.id AND c.status = 'active' AND c.callrail_call_id IS NOT NULL
      AND greatest(c.started_at, c.updated_at) <= now() - interval '1 hour'
  )
  ORDER BY o.id
$$
"""
_FUNCTION = "organizations_with_silent_calls()"


def upgrade() -> None:
    once(revision, _at_once)
    with op.get_context().autocommit_block():
        for name, definition in _INDEXES.items():
            # An interrupted run can have left it half built.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {definition}")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in _INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute(f"DROP FUNCTION {_FUNCTION}")


def _at_once() -> None:
    op.execute(SILENT)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {_FUNCTION} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_FUNCTION} TO app_jobs")
