"""Deliveries say why they have no effect, wait for their next attempt, and are found by what they carry."""

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0154_received_deliveries"
down_revision = "0153_accounts_that_verify"
branch_labels = None
depends_on = None

description = "Deliveries of providers say why they have no effect, and wait for their next attempt"
breaking = False

_REASONS = (
    "('wrong_signature', 'other_organization', 'other_company', 'names_no_call', 'names_no_message', "
    "'calls_not_processed', 'texts_not_processed', 'unused_event', 'unknown_task', 'incomplete')"
)
_CHECKS = {
    "check_ignored_because": f"ignored_because IN {_REASONS}",
    "check_correlation_id_length": "char_length(correlation_id) BETWEEN 1 AND 128",
    "check_ignored_has_reason": "(status = 'ignored') = (ignored_because IS NOT NULL)",
    "check_next_attempt_of_waiting": "(status IN ('received', 'failed')) = (next_attempt_at IS NOT NULL)",
}
_REFUSED, _TASKS = "idx_webhook_deliveries_refused", "idx_provider_tasks_external"
# Arrival writes no entry: a provider sends thousands a day, and the delivery itself is the record of it.
_AUDIT = """
CREATE TRIGGER audit AFTER {events} ON webhook_deliveries FOR EACH ROW EXECUTE FUNCTION audit_row(
  'webhook_delivery', '{{updated_at,is_deleted,status,attempts,next_attempt_at,error,processed_at,effects{ignored}}}',
  '{{headers,body}}'
)
"""
# The platform's accounts serve many organizations. A task that several have names none of them.
FIND_ORGANIZATION = """
CREATE FUNCTION find_webhook_organization(key text, task text, account text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT id FROM organizations WHERE webhook_key = key AND deleted_at IS NULL
  UNION ALL
  SELECT id FROM organizations WHERE key IS NULL AND deleted_at IS NULL AND id = (
    SELECT (array_agg(organization_id))[1] FROM provider_tasks WHERE external_task_id = task HAVING count(*) = 1
  )
  UNION ALL
  SELECT id FROM organizations WHERE key IS NULL AND task IS NULL AND deleted_at IS NULL AND id = CASE
    WHEN account ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' THEN account::uuid
  END
$$
"""

# Those that have waited longest first. Deliveries of a suspended organization wait until it is active again.
DUE = """
CREATE FUNCTION organizations_with_deliveries_due() RETURNS TABLE (organization_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT o.id FROM organizations o CROSS JOIN LATERAL (
    SELECT d.next_attempt_at FROM webhook_deliveries d
    WHERE d.organization_id = o.id AND d.next_attempt_at IS NOT NULL ORDER BY d.next_attempt_at LIMIT 1
  ) first
  WHERE o.status = 'active' AND o.deleted_at IS NULL AND first.next_attempt_at <= now()
  ORDER BY first.next_attempt_at
$$
"""
_FUNCTIONS = {
    "find_webhook_organization(text, text, text)": "app_rw",
    "organizations_with_deliveries_due()": "app_jobs",
}


def upgrade() -> None:
    once(revision, _at_once)
    with op.get_context().autocommit_block():
        for name in _CHECKS:
            op.execute(
                f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE webhook_deliveries VALIDATE CONSTRAINT {name}"
            )
        _build(_REFUSED, "webhook_deliveries (organization_id, provider, created_at) WHERE NOT signature_ok")
        _build(_TASKS, "provider_tasks (external_task_id) WHERE external_task_id IS NOT NULL")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in (_REFUSED, _TASKS):
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    for signature in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature}")
    for name in _CHECKS:
        op.drop_constraint(name, "webhook_deliveries")
    op.alter_column("webhook_deliveries", "next_attempt_at", server_default=None)
    op.execute("DROP TRIGGER audit ON webhook_deliveries")
    for column in ("ignored_because", "correlation_id"):
        op.drop_column("webhook_deliveries", column)
    op.execute(_AUDIT.format(events="INSERT OR UPDATE OR DELETE", ignored=""))


def _at_once() -> None:
    for column in ("ignored_because", "correlation_id"):
        op.add_column("webhook_deliveries", sa.Column(column, sa.Text(), nullable=True))
    # Nothing received or processed any so far.
    op.execute("ALTER TABLE webhook_deliveries DISABLE TRIGGER audit")
    op.execute(
        "UPDATE webhook_deliveries SET ignored_because = CASE WHEN signature_ok THEN 'unused_event' "
        "ELSE 'wrong_signature' END WHERE status = 'ignored'"
    )
    op.execute("UPDATE webhook_deliveries SET next_attempt_at = now() WHERE status IN ('received', 'failed')")
    op.execute("UPDATE webhook_deliveries SET next_attempt_at = NULL WHERE status NOT IN ('received', 'failed')")
    for name, condition in _CHECKS.items():
        op.execute(f"ALTER TABLE webhook_deliveries ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")
    op.alter_column("webhook_deliveries", "next_attempt_at", server_default=sa.text("clock_timestamp()"))
    op.execute("DROP TRIGGER audit ON webhook_deliveries")
    op.execute(_AUDIT.format(events="UPDATE OR DELETE", ignored=",ignored_because"))
    op.execute(FIND_ORGANIZATION)
    op.execute(DUE)
    for signature, role in _FUNCTIONS.items():
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {role}")


def _build(name: str, on: str) -> None:
    # An interrupted run can have left it half built.
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {on}")
