"""Watches of an organization, reminders of two-factor authentication, and indexes of what the security page lists."""

import sqlalchemy as sa
from alembic import op

from migrations.support import create_tenant_table, once

revision = "0105_security_overview"
down_revision = "0104_confirmed_sessions"
branch_labels = None
depends_on = None

description = (
    "Owners and admins see who signs in and are alerted of new owners, large exports and sensitive permissions"
)
breaking = False

WATCHES = ("new_owners", "large_exports", "sensitive_grants")
# Defined in the app: app/organization/security/rules.py.
DUE = """
CREATE OR REPLACE FUNCTION organizations_with_alerts_to_mail() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT DISTINCT organization_id FROM watch_alerts
  WHERE waiting > 0 AND (mailed_at IS NULL OR mailed_at <= now() - interval '1 hour')
$$
"""
_INDEXES = {
    "idx_login_attempts_failed": "login_attempts (organization_id, created_at) WHERE NOT succeeded",
    "idx_user_permissions_ending": "user_permissions (organization_id, expires_at) WHERE expires_at IS NOT NULL",
}


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that people can keep signing in. Leftovers of an interrupted run are built again.
    with op.get_context().autocommit_block():
        for name, rows in _INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {rows}")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in _INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute("DROP FUNCTION organizations_with_alerts_to_mail()")
    op.drop_table("watch_alerts")
    for watch in WATCHES:
        op.drop_column("organizations", f"watch_{watch}")
    op.drop_column("users", "second_factor_reminded_at")


def _at_once() -> None:
    op.execute("ALTER TABLE users ADD COLUMN second_factor_reminded_at timestamptz")
    for watch in WATCHES:
        op.execute(f"ALTER TABLE organizations ADD COLUMN watch_{watch} boolean DEFAULT true NOT NULL")
    # Counters: the changes that they count are in the trail themselves.
    create_tenant_table(
        "watch_alerts",
        sa.Column("watch", sa.Text(), nullable=False),
        sa.Column("waiting", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(f"watch IN {WATCHES!r}", name="check_watch"),
        sa.CheckConstraint("waiting >= 0", name="check_waiting_not_negative"),
        sa.UniqueConstraint("organization_id", "watch", name="uq_watch_alerts_watch"),
    )
    op.execute(DUE)
    op.execute("REVOKE EXECUTE ON FUNCTION organizations_with_alerts_to_mail() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION organizations_with_alerts_to_mail() TO app_jobs")
