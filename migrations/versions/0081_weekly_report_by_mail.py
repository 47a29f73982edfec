"""Weekly report by email, at the organization's chosen time and to its chosen recipients."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from migrations.support import Reference, audit, create_tenant_table, once

revision = "0081_weekly_report_by_mail"
down_revision = "0080_first_attempts"
branch_labels = None
depends_on = None

description = "The weekly report comes by mail, when and to whom the organization says"
breaking = False

_TARGETS = import_module("migrations.versions.0078_targets")
_NEXT = "\n      WHEN 'target' THEN"
# The name of a subscription comes from its fields: its user and whether they get the mail.
_NAMED = """
      WHEN 'report_subscription' THEN
        SELECT array_agg(r.id), array_agg(NULL::text), array_agg(false)
        INTO there, names, trashed FROM report_subscriptions r
        WHERE r.organization_id = organization AND r.id = ANY (these);"""
_RECORD_NAMES_BEFORE = _TARGETS._RECORD_NAMES.replace(_TARGETS._NEXT, _TARGETS._NAMED + _TARGETS._NEXT)

# By local wall-clock time: an hour that occurs twice is reached the first time, and a skipped one when the clock shows
# a later time. An existing report of the week was written by a user, or by this job.
DUE = """
CREATE FUNCTION organizations_with_weekly_reports_due(moment timestamptz DEFAULT now()) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT organizations.id
  FROM organizations
  CROSS JOIN LATERAL (SELECT moment AT TIME ZONE organizations.timezone AS here) AS wall
  CROSS JOIN LATERAL (SELECT date_trunc('week', wall.here) AS monday) AS week
  CROSS JOIN LATERAL (
    SELECT week.monday + make_interval(
      days => organizations.report_weekday - 1, hours => organizations.report_hour) AS due
  ) AS asked
  WHERE organizations.deleted_at IS NULL AND organizations.status = 'active'
    AND wall.here >= asked.due
    AND organizations.created_at AT TIME ZONE organizations.timezone < asked.due
    AND NOT EXISTS (
      SELECT FROM reports
      WHERE reports.organization_id = organizations.id AND reports.kind = 'weekly'
        AND reports.first_day = (week.monday - interval '7 days')::date
    )
$$
"""
_SIGNATURE = "organizations_with_weekly_reports_due(timestamptz)"
CHECKS = {"check_report_weekday": "report_weekday BETWEEN 1 AND 7", "check_report_hour": "report_hour BETWEEN 0 AND 23"}


def upgrade() -> None:
    once(revision, _everything)
    with op.get_context().autocommit_block():
        for name in CHECKS:
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE organizations VALIDATE CONSTRAINT {name}")


def _everything() -> None:
    op.execute("ALTER TABLE messages ADD COLUMN about_id uuid")
    op.execute("ALTER TABLE organizations ADD COLUMN report_weekday integer DEFAULT 1 NOT NULL")
    op.execute("ALTER TABLE organizations ADD COLUMN report_hour integer DEFAULT 9 NOT NULL")
    for name, rule in CHECKS.items():
        op.execute(f"ALTER TABLE organizations ADD CONSTRAINT {name} CHECK ({rule}) NOT VALID")
    create_tenant_table(
        "report_subscriptions",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('weekly')", name="check_kind"),
        sa.CheckConstraint("channel IN ('sms', 'email')", name="check_channel"),
        sa.UniqueConstraint("organization_id", "user_id", "kind", "channel", name="uq_report_subscriptions_user_kind"),
        references=(Reference("user_id", "users", "CASCADE"),),
    )
    audit("report_subscriptions", "report_subscription")
    op.execute(_RECORD_NAMES_BEFORE.replace(_NEXT, _NAMED + _NEXT))
    op.execute(DUE)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {_SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_SIGNATURE} TO app_jobs")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {_SIGNATURE}")
    op.execute(_RECORD_NAMES_BEFORE)
    op.drop_table("report_subscriptions")
    op.execute("ALTER TABLE organizations DROP COLUMN report_hour")
    op.execute("ALTER TABLE organizations DROP COLUMN report_weekday")
    op.execute("ALTER TABLE messages DROP COLUMN about_id")
