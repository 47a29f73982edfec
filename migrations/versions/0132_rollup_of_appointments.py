"""Numbers of appointments, recordings and rescued callers are stored by day."""

from importlib import import_module
from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.support import protect

revision = "0132_rollup_of_appointments"
down_revision = "0131_rollup_of_calls"
branch_labels = None
depends_on = None

description = "Numbers of appointments, recordings and rescued callers are stored by day"
breaking = False

_CALLS: Any = import_module("migrations.versions.0131_rollup_of_calls")

#: The tables of numbers by day and person: their counts and their sums.
_DAYS = {
    "booking_days": (("appointments_booked", "appointments_cancelled"), ()),
    "rep_booking_days": (("appointments_booked",), ()),
    "schedule_days": (("hours_booked",), ("hours_booked_sum",)),
    "visit_days": (("visits_completed", "visits_won", "visits_lost", "visits_analysed"), ()),
    "deal_days": (("revenue_won", "average_deal"), ("revenue_won_sum", "average_deal_sum")),
    "recording_days": (("total_recorded_hours",), ("total_recorded_hours_sum",)),
    "rescue_days": (("auto_rescues",), ()),
}

# Of a statement with more than 100 rows, whole days (in UTC) are marked, as of calls (migration 0131). `moments` has
# the columns organization_id, ledger and moment.
_MARK_MOMENTS = """
    INSERT INTO rollup_marks (organization_id, ledger, hours)
    SELECT organization_id, ledger, unnest(range_agg(tstzrange(beginning, beginning + ('1 ' || unit)::interval)))
    FROM (
      SELECT DISTINCT organization_id, ledger, date_trunc(unit, moment, 'UTC') AS beginning
      FROM ({moments}) moments WHERE moment IS NOT NULL
    ) hours
    GROUP BY organization_id, ledger;
"""
_FEW = 100


def _changed(columns: str) -> str:
    return (
        f"((SELECT {columns} FROM gone EXCEPT SELECT {columns} FROM fresh)"
        f" UNION ALL (SELECT {columns} FROM fresh EXCEPT SELECT {columns} FROM gone))"
    )


def marking(name: str, columns: str, moments: str, more: str = "") -> str:
    """Return a function that marks the moments of rows, and what `more` marks; both read from {rows}."""
    parts = {
        rows: (_MARK_MOMENTS.format(moments=moments.format(rows=source)) + more.format(rows=source))
        for rows, source in (("changed", f"{_changed(columns)} changed"), ("written", "written"))
    }
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  unit text := 'hour';
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (SELECT count(*) > {_FEW} FROM fresh) THEN
      unit := 'day';
    END IF;
    {parts["changed"]}
  ELSE
    IF (SELECT count(*) > {_FEW} FROM written) THEN
      unit := 'day';
    END IF;
    {parts["written"]}
  END IF;
  RETURN NULL;
END
$$
"""


_MARK_APPOINTMENTS = marking(
    "mark_appointments",
    "organization_id, id, booked_at, scheduled_start_at, scheduled_end_at, completed_at, outcome_at, csr_id,"
    " sales_rep_id, status, outcome, deal_value, deleted_at",
    "SELECT organization_id, ledger, moment FROM {rows} CROSS JOIN LATERAL (VALUES ('booked', booked_at),"
    " ('scheduled', scheduled_start_at), ('completed', completed_at), ('outcome', outcome_at)) dates (ledger, moment)",
)
# Whether a visit's recording is analyzed and can be heard depends on the recording: the mark names the visit.
_MARK_RECORDINGS = marking(
    "mark_recordings",
    "organization_id, id, call_id, appointment_id, sales_rep_id, started_at, duration_seconds, deleted_at",
    "SELECT organization_id, 'recorded' AS ledger, started_at AS moment FROM {rows}",
    """
    INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
    SELECT DISTINCT organization_id, ledger, resource, record_id
    FROM {rows} CROSS JOIN LATERAL (
      VALUES ('calls', 'call', call_id), ('completed', 'appointment', appointment_id)
    ) records (ledger, resource, record_id)
    WHERE record_id IS NOT NULL;
""",
)
MARK_ENTRIES = marking(
    "mark_entries",
    "organization_id, id, lead_id, resolved_at, status, rescued_by",
    "SELECT organization_id, 'resolved' AS ledger, resolved_at AS moment FROM {rows}",
)
_ANALYSES = "organization_id, call_id, sop_compliance_score, objection_categories, objection_severities"
_MARK_ANALYSES = f"""
CREATE OR REPLACE FUNCTION mark_analyses() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
    SELECT DISTINCT organization_id, 'calls', 'call', call_id FROM {_changed(_ANALYSES)} changed;
    INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
    SELECT DISTINCT organization_id, 'completed', 'call', call_id
    FROM {_changed("organization_id, call_id")} changed;
  ELSE
    INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
    SELECT organization_id, ledger, 'call', call_id FROM written, unnest(ARRAY['calls', 'completed']) ledger;
  END IF;
  RETURN NULL;
END
$$
"""
# The CSR of a caller is that of the caller's lead; a new lead has no callers yet.
MARK_LEADS = f"""
CREATE FUNCTION mark_leads() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
  SELECT DISTINCT organization_id, 'resolved', 'lead', id
  FROM {_changed("organization_id, id, csr_id, deleted_at")} changed;
  RETURN NULL;
END
$$
"""
_EVENTS = {
    "INSERT": "NEW TABLE AS written",
    "DELETE": "OLD TABLE AS written",
    "UPDATE": "OLD TABLE AS gone NEW TABLE AS fresh",
}
_MARKED = {
    "appointments": ("mark_appointments", _MARK_APPOINTMENTS),
    "missed_call_entries": ("mark_entries", MARK_ENTRIES),
}


def upgrade() -> None:
    for table, (counts, sums) in _DAYS.items():
        op.create_table(
            table,
            sa.Column("organization_id", sa.Uuid(), nullable=False),
            sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("person_id", sa.Uuid()),
            *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
            *(sa.Column(name, sa.BigInteger(), nullable=False) for name in sums),
            sa.ForeignKeyConstraint(
                ["organization_id"], ["organizations.id"], name=f"fk_{table}_organization_id", ondelete="CASCADE"
            ),
            sa.UniqueConstraint(
                "organization_id",
                "starts_at",
                "person_id",
                name=f"uq_{table}_person_id",
                postgresql_nulls_not_distinct=True,
            ),
        )
        protect(table)
    op.create_table(
        "forecast_days",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_on", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("stands", sa.Integer(), nullable=False),
        sa.Column("worth_sum", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_forecast_days_organization_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "organization_id",
            "starts_at",
            "booked_on",
            name="uq_forecast_days_booked_on",
            postgresql_nulls_not_distinct=True,
        ),
    )
    protect("forecast_days")
    for statement in (_MARK_RECORDINGS, _MARK_ANALYSES, MARK_LEADS):
        op.execute(statement)
    for table, (function, definition) in _MARKED.items():
        op.execute(definition)
        op.execute(f"REVOKE ALL ON FUNCTION {function}() FROM PUBLIC")
        for event, tables in _EVENTS.items():
            op.execute(
                f"CREATE TRIGGER mark_{event.lower()} AFTER {event} ON {table} REFERENCING {tables}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            )
    op.execute("REVOKE ALL ON FUNCTION mark_leads() FROM PUBLIC")
    op.execute(
        f"CREATE TRIGGER mark_update AFTER UPDATE ON leads REFERENCING {_EVENTS['UPDATE']}"
        " FOR EACH STATEMENT EXECUTE FUNCTION mark_leads()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER mark_update ON leads")
    op.execute("DROP FUNCTION mark_leads()")
    for table, (function, _definition) in _MARKED.items():
        for event in _EVENTS:
            op.execute(f"DROP TRIGGER mark_{event.lower()} ON {table}")
        op.execute(f"DROP FUNCTION {function}()")
    for definition in (_CALLS.MARK_RECORDINGS, _CALLS.MARK_ANALYSES):
        op.execute(definition.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    for table in (*_DAYS, "forecast_days"):
        op.drop_table(table)
    op.execute("DELETE FROM rollup_marks WHERE ledger <> 'calls'")
    op.execute("DELETE FROM rollup_days WHERE ledger <> 'calls'")
