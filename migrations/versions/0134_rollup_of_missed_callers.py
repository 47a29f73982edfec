"""Numbers of missed callers are stored by day and by hour."""

from importlib import import_module
from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.support import protect

revision = "0134_rollup_of_missed_callers"
down_revision = "0133_rollup_of_leads"
branch_labels = None
depends_on = None

description = "Numbers of missed callers are stored by day and by hour"
breaking = False

_APPOINTMENTS: Any = import_module("migrations.versions.0132_rollup_of_appointments")
_LEADS: Any = import_module("migrations.versions.0133_rollup_of_leads")

_FUNNEL = ("missed_entries_total", "missed_calls_attempted", "missed_calls_reached", "missed_calls_booked")
_COUNTS = (
    "missed_entries_total",
    "calls_rescued_by_auto",
    "calls_rescued_by_humans",
    "missed_calls_open",
    "missed_calls_lost",
    "missed_calls_answered_later",
    "missed_calls_dismissed",
    "missed_calls_attempted",
    "missed_calls_untried",
    "missed_calls_reached",
    "missed_calls_booked",
    "first_attempt_in_time",
)
# The hour on the organization's clocks, which is no moment: it can come twice, or not at all.
_HOURS = """
CREATE TABLE missed_caller_hours (
  organization_id uuid NOT NULL,
  starts_at timestamptz NOT NULL,
  -- squawk-ignore prefer-timestamp-tz
  local_hour timestamp NOT NULL,
  missed_entries_total integer NOT NULL,
  missed_calls_attempted integer NOT NULL,
  missed_calls_reached integer NOT NULL,
  missed_calls_booked integer NOT NULL,
  CONSTRAINT fk_missed_caller_hours_organization_id FOREIGN KEY (organization_id) REFERENCES organizations (id)
    ON DELETE CASCADE,
  CONSTRAINT uq_missed_caller_hours_local_hour UNIQUE NULLS NOT DISTINCT (organization_id, starts_at, local_hour)
)
"""


def _changed(columns: str) -> str:
    return (
        f"((SELECT {columns} FROM gone EXCEPT SELECT {columns} FROM fresh)"
        f" UNION ALL (SELECT {columns} FROM fresh EXCEPT SELECT {columns} FROM gone))"
    )


_MARK_ENTRIES = _APPOINTMENTS.marking(
    "mark_entries",
    "organization_id, id, lead_id, first_missed_at, resolved_at, status, rescued_by, attempts, sla_due_at",
    "SELECT organization_id, ledger, moment FROM {rows} CROSS JOIN LATERAL (VALUES ('resolved', resolved_at),"
    " ('missed', first_missed_at)) dates (ledger, moment)",
)
# Attempts are only added, until they are erased or their caller is deleted.
_MARK_ATTEMPTS = f"""
CREATE FUNCTION mark_attempts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
    SELECT DISTINCT organization_id, 'missed', 'missed_call', entry_id
    FROM {_changed("organization_id, id, entry_id, at, result")} changed;
  ELSE
    INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
    SELECT DISTINCT organization_id, 'missed', 'missed_call', entry_id FROM written;
  END IF;
  RETURN NULL;
END
$$
"""
_MARK_LEADS = f"""
CREATE OR REPLACE FUNCTION mark_leads() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
  SELECT DISTINCT organization_id, ledger, 'lead', id
  FROM {_changed("organization_id, id, csr_id, deleted_at")} changed
  CROSS JOIN unnest(ARRAY['resolved', 'missed']) ledger
  UNION ALL
  SELECT DISTINCT organization_id, 'leads', 'lead', id
  FROM {_changed("organization_id, id, assigned_rep_id, qualification_status, deleted_at")} changed;
  RETURN NULL;
END
$$
"""
_EVENTS = {
    "INSERT": "NEW TABLE AS written",
    "DELETE": "OLD TABLE AS written",
    "UPDATE": "OLD TABLE AS gone NEW TABLE AS fresh",
}


def upgrade() -> None:
    op.create_table(
        "missed_caller_days",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_missed_caller_days_organization_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "organization_id",
            "starts_at",
            "person_id",
            name="uq_missed_caller_days_person_id",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.execute(_HOURS)
    for table in ("missed_caller_days", "missed_caller_hours"):
        protect(table)
    for definition in (_MARK_ENTRIES, _MARK_ATTEMPTS, _MARK_LEADS):
        op.execute(definition)
    op.execute("REVOKE ALL ON FUNCTION mark_attempts() FROM PUBLIC")
    for event, tables in _EVENTS.items():
        op.execute(
            f"CREATE TRIGGER mark_{event.lower()} AFTER {event} ON missed_call_attempts REFERENCING {tables}"
            " FOR EACH STATEMENT EXECUTE FUNCTION mark_attempts()"
        )


def downgrade() -> None:
    for event in _EVENTS:
        op.execute(f"DROP TRIGGER mark_{event.lower()} ON missed_call_attempts")
    op.execute("DROP FUNCTION mark_attempts()")
    for definition in (_APPOINTMENTS.MARK_ENTRIES, _LEADS.MARK_LEADS):
        op.execute(definition)
    for table in ("missed_caller_hours", "missed_caller_days"):
        op.drop_table(table)
    op.execute("DELETE FROM rollup_marks WHERE ledger = 'missed'")
    op.execute("DELETE FROM rollup_days WHERE ledger = 'missed'")
