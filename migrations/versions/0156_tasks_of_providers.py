"""Tasks of providers wait for their next attempt, and say why they failed."""

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0156_tasks_of_providers"
down_revision = "0155_inbox_of_deliveries"
branch_labels = None
depends_on = None

description = "Tasks of providers wait for their next attempt, and say why they failed"
breaking = False

_DUE = "idx_provider_tasks_due"
_CHECKS = {
    "check_error_length": "char_length(error) BETWEEN 1 AND 1000",
    "check_next_attempt_of_unfinished": "next_attempt_at IS NULL OR status IN ('queued', 'sent')",
}
# Those that have waited longest first. Tasks of a suspended organization wait until it is active again.
DUE = """
CREATE FUNCTION organizations_with_provider_tasks_due() RETURNS TABLE (organization_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT o.id FROM organizations o CROSS JOIN LATERAL (
    SELECT t.next_attempt_at FROM provider_tasks t
    WHERE t.organization_id = o.id AND t.next_attempt_at IS NOT NULL ORDER BY t.next_attempt_at LIMIT 1
  ) first
  WHERE o.status = 'active' AND o.deleted_at IS NULL AND first.next_attempt_at <= now()
  ORDER BY first.next_attempt_at
$$
"""
_FUNCTION = "organizations_with_provider_tasks_due()"


def upgrade() -> None:
    once(revision, _at_once)
    with op.get_context().autocommit_block():
        for name in _CHECKS:
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE provider_tasks VALIDATE CONSTRAINT {name}")
        # An interrupted run can have left it half built.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_DUE}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {_DUE} ON provider_tasks (organization_id, next_attempt_at) "
            "WHERE next_attempt_at IS NOT NULL"
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_DUE}")
    op.execute(f"DROP FUNCTION {_FUNCTION}")
    for name in _CHECKS:
        op.drop_constraint(name, "provider_tasks")
    for column in ("next_attempt_at", "error"):
        op.drop_column("provider_tasks", column)


def _at_once() -> None:
    op.add_column("provider_tasks", sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("provider_tasks", sa.Column("error", sa.Text(), nullable=True))
    for name, condition in _CHECKS.items():
        op.execute(f"ALTER TABLE provider_tasks ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")
    op.execute(DUE)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {_FUNCTION} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_FUNCTION} TO app_jobs")
