"""Deliveries are listed by provider and by type of event, and those that wait for long are noticed."""

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0155_inbox_of_deliveries"
down_revision = "0154_received_deliveries"
branch_labels = None
depends_on = None

description = "Deliveries are listed by provider and type, and people are notified if they wait for long"
breaking = False

_INDEXES = {
    "idx_webhook_deliveries_provider_date": "(organization_id, provider, created_at DESC, id DESC)",
    "idx_webhook_deliveries_type_date": "(organization_id, event_type, created_at DESC, id DESC)",
    "idx_webhook_deliveries_dead": "(organization_id, updated_at) WHERE status = 'dead'",
    "idx_webhook_deliveries_delayed": "(organization_id, delayed_at) WHERE delayed_at IS NOT NULL",
}
_AUDIT = """
CREATE TRIGGER audit AFTER UPDATE OR DELETE ON webhook_deliveries FOR EACH ROW EXECUTE FUNCTION audit_row(
  'webhook_delivery',
  '{{updated_at,is_deleted,status,attempts,next_attempt_at,error,processed_at,effects,ignored_because{ignored}}}',
  '{{headers,body}}'
)
"""
# Defined in the app: app/organization/webhooks/process_rules.py. Those of a suspended organization are meant to wait.
LATE = """
CREATE FUNCTION organizations_with_late_deliveries() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT o.id FROM organizations o
  WHERE o.status = 'active' AND o.deleted_at IS NULL AND EXISTS (
    SELECT 1 FROM webhook_deliveries d
    WHERE d.organization_id = o.id AND d.next_attempt_at <= now() - interval '5 minutes'
  )
$$
"""
NUMBERS = """
CREATE FUNCTION delivery_numbers(OUT dead bigint, OUT lag_seconds double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(sum(lost.number), 0)::bigint,
    coalesce(greatest(extract(epoch FROM now() - min(first.next_attempt_at)), 0), 0)::double precision
  FROM organizations o
  CROSS JOIN LATERAL (
    SELECT count(*) AS number FROM webhook_deliveries d
    WHERE d.organization_id = o.id AND d.status = 'dead' AND d.updated_at > now() - interval '24 hours'
  ) lost
  LEFT JOIN LATERAL (
    SELECT d.next_attempt_at FROM webhook_deliveries d
    WHERE d.organization_id = o.id AND d.next_attempt_at IS NOT NULL ORDER BY d.next_attempt_at LIMIT 1
  ) first ON true
  WHERE o.status = 'active' AND o.deleted_at IS NULL
$$
"""
_FUNCTIONS = {"organizations_with_late_deliveries()": "app_jobs", "delivery_numbers()": "app_rw"}


def upgrade() -> None:
    once(revision, _at_once)
    with op.get_context().autocommit_block():
        for name, columns in _INDEXES.items():
            # An interrupted run can have left it half built.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON webhook_deliveries {columns}")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in _INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    for signature in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP TRIGGER audit ON webhook_deliveries")
    op.drop_column("webhook_deliveries", "delayed_at")
    op.execute(_AUDIT.format(ignored=""))


def _at_once() -> None:
    op.add_column("webhook_deliveries", sa.Column("delayed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("DROP TRIGGER audit ON webhook_deliveries")
    op.execute(_AUDIT.format(ignored=",delayed_at"))
    op.execute(LATE)
    op.execute(NUMBERS)
    for signature, role in _FUNCTIONS.items():
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {role}")
