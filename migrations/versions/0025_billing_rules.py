"""Rules for plans, quotas and payments."""

import sqlalchemy as sa
from alembic import op

from migrations.support import create_tenant_table

revision = "0025_billing_rules"
down_revision = "0024_organization_settings"
branch_labels = None
depends_on = None

description = "Plans, quotas and payments have their rules"
breaking = False

# Queried by the schedule, which has no organization yet.
DOWNGRADES_DUE = """
CREATE FUNCTION organizations_with_downgrades_due() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT organization_id FROM subscriptions WHERE scheduled_for <= now() AND deleted_at IS NULL
$$
"""

PERIODS_DUE = """
CREATE FUNCTION organizations_with_billing_periods_due() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT organization_id FROM subscriptions
  WHERE status IN ('trialing', 'active', 'past_due') AND current_period_end <= now() AND deleted_at IS NULL
$$
"""

# Organizations that have reached a percentage of a quota without having been notified.
WARNINGS_DUE = """
CREATE FUNCTION organizations_with_quota_warnings_due() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT DISTINCT organizations.id
  FROM organizations JOIN organization_usage AS usage ON usage.organization_id = organizations.id
  CROSS JOIN LATERAL (VALUES
    ('call_minutes', call_minutes_quota::bigint, used_minutes::bigint),
    ('storage', storage_quota_bytes, used_storage_bytes),
    ('team_members', team_members_quota, (
      SELECT count(*) FROM users
      WHERE users.organization_id = organizations.id AND users.status = 'active' AND users.deleted_at IS NULL
    )),
    ('phone_numbers', phone_numbers_quota, (
      SELECT count(*) FROM phone_numbers
      WHERE phone_numbers.organization_id = organizations.id AND phone_numbers.deleted_at IS NULL
    ))
  ) AS quota (kind, allowed, used)
  CROSS JOIN LATERAL (VALUES
    (80, quota_warning_80_sent), (90, quota_warning_90_sent), (100, quota_warning_100_sent)
  ) AS warning (percent, sent)
  WHERE organizations.deleted_at IS NULL AND used > 0 AND used * 100 >= allowed * percent AND NOT sent ? kind
$$
"""

FUNCTIONS = {
    "organizations_with_downgrades_due()": DOWNGRADES_DUE,
    "organizations_with_billing_periods_due()": PERIODS_DUE,
    "organizations_with_quota_warnings_due()": WARNINGS_DUE,
}
CHECK = "check_refused_downgrade_is_scheduled"


def _payment_events() -> None:
    create_tenant_table(
        "payment_events",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invoice_number", sa.Text()),
        sa.CheckConstraint("outcome IN ('failed', 'succeeded')", name="check_outcome"),
        sa.CheckConstraint("char_length(event_id) BETWEEN 1 AND 200", name="check_event_id_length"),
        sa.CheckConstraint("char_length(invoice_number) BETWEEN 1 AND 50", name="check_invoice_number_length"),
        sa.UniqueConstraint("organization_id", "event_id", name="uq_payment_events_event_id"),
    )
    op.create_index("idx_payment_events_outcome_date", "payment_events", ["organization_id", "outcome", "occurred_at"])


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("downgrade_refused_at", sa.DateTime(timezone=True)))
    # One subscription per organization, so the check is validated immediately.
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        f"ALTER TABLE subscriptions ADD CONSTRAINT {CHECK} "
        "CHECK (downgrade_refused_at IS NULL OR scheduled_for IS NOT NULL)"
    )
    _payment_events()
    for signature, function in FUNCTIONS.items():
        op.execute(function)
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_jobs")


def downgrade() -> None:
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature}")
    op.drop_table("payment_events")
    op.drop_constraint(CHECK, "subscriptions")
    op.drop_column("subscriptions", "downgrade_refused_at")
