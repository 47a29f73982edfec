"""Numbers of calls are stored by day."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import protect

revision = "0131_rollup_of_calls"
down_revision = "0130_waits_of_the_unanswered"
branch_labels = None
depends_on = None

description = "Numbers of calls are stored by day"
breaking = False

#: The tables of numbers: their key besides the day (name, type, nullable), their counts and their sums.
_DAYS: dict[str, tuple[tuple[str, Any, bool], tuple[str, ...], tuple[str, ...]]] = {
    "call_days": (
        ("person_id", sa.Uuid(), True),
        (
            "calls",
            "calls_answered",
            "missed_calls_total",
            "calls_resolved",
            "total_leads_spoken_to",
            "unbooked_appointments",
            "service_not_offered",
            "miss_rate",
            "miss_rate_over",
            "answer_rate",
            "answer_rate_over",
            "resolution_rate",
            "resolution_rate_over",
            "average_speed_of_answer",
            "average_talk_time",
            "satisfaction",
            "abandoned_wait",
            "analysed",
            "scored",
        ),
        (
            "average_speed_of_answer_sum",
            "average_talk_time_sum",
            "satisfaction_sum",
            "abandoned_wait_sum",
            "score_sum",
        ),
    ),
    "rep_call_days": (
        ("person_id", sa.Uuid(), True),
        ("sales_and_visit_calls", "sales_calls", "analysed", "scored", "sales_calls_analysed"),
        ("score_sum",),
    ),
    "call_topic_days": (("topic", sa.Text(), True), ("calls", "answered", "missed", "resolved"), ()),
    "objection_days": (("category", sa.Text(), False), ("calls",), ()),
}

# The hour on the organization's clocks, which is no moment: it can come twice, or not at all.
_HOURS = """
CREATE TABLE call_hours (
  organization_id uuid NOT NULL,
  starts_at timestamptz NOT NULL,
  -- squawk-ignore prefer-timestamp-tz
  local_hour timestamp NOT NULL,
  calls integer NOT NULL,
  answered integer NOT NULL,
  missed integer NOT NULL,
  resolved integer NOT NULL,
  CONSTRAINT fk_call_hours_organization_id FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
  CONSTRAINT uq_call_hours_local_hour UNIQUE NULLS NOT DISTINCT (organization_id, starts_at, local_hour)
)
"""

#: A statement with more rows than this marks whole days (in UTC): the hours of an import in no order are nearly as many
#: as its rows.
_FEW = 100

# A change of a row marks the time for which the row counts, before and after, in the same transaction. If other rows'
# numbers depend on the row, the mark names it: only a reader of the mark can tell where it counts, as another transaction
# may be moving it. Marks are only added, so no writer waits for another. Old and new rows are compared as sets: a plan
# made for a join of one row with one would fail for 10,000.
MARK_CALLS = f"""
CREATE FUNCTION mark_calls() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  unit text := 'hour';
BEGIN
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO rollup_marks (organization_id, ledger, hours)
    SELECT organization_id, 'calls', unnest(range_agg(tstzrange(hour, hour + interval '1 hour')))
    FROM (
      SELECT DISTINCT organization_id, date_trunc('hour', started_at, 'UTC') AS hour
      FROM (
        (SELECT {{columns}} FROM gone EXCEPT SELECT {{columns}} FROM fresh)
        UNION ALL (SELECT {{columns}} FROM fresh EXCEPT SELECT {{columns}} FROM gone)
      ) changed
    ) hours
    GROUP BY organization_id;
    RETURN NULL;
  END IF;
  IF (SELECT count(*) > {_FEW} FROM written) THEN
    unit := 'day';
  END IF;
  INSERT INTO rollup_marks (organization_id, ledger, hours)
  SELECT organization_id, 'calls', unnest(range_agg(tstzrange(beginning, beginning + ('1 ' || unit)::interval)))
  FROM (SELECT DISTINCT organization_id, date_trunc(unit, started_at, 'UTC') AS beginning FROM written) hours
  GROUP BY organization_id;
  RETURN NULL;
END
$$
""".replace(
    "{columns}",
    "organization_id, id, started_at, csr_id, assigned_rep_id, direction, call_type, status, answered_at,"
    " is_wait_unknown, waited_seconds, duration_seconds, outcome, booking_status, call_quality, topic",
)

MARK_ANALYSES = """
CREATE FUNCTION mark_analyses() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
    SELECT DISTINCT organization_id, 'calls', 'call', call_id
    FROM (
      (SELECT {columns} FROM gone EXCEPT SELECT {columns} FROM fresh)
      UNION ALL (SELECT {columns} FROM fresh EXCEPT SELECT {columns} FROM gone)
    ) changed;
  ELSE
    INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
    SELECT organization_id, 'calls', 'call', call_id FROM written;
  END IF;
  RETURN NULL;
END
$$
""".replace("{columns}", "organization_id, call_id, sop_compliance_score, objection_categories, objection_severities")

# A deleted recording can no longer be heard, so its call doesn't count as analyzed.
MARK_RECORDINGS = """
CREATE FUNCTION mark_recordings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
    SELECT DISTINCT organization_id, 'calls', 'call', call_id
    FROM (
      (SELECT {columns} FROM gone EXCEPT SELECT {columns} FROM fresh)
      UNION ALL (SELECT {columns} FROM fresh EXCEPT SELECT {columns} FROM gone)
    ) changed
    WHERE call_id IS NOT NULL;
  ELSE
    INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
    SELECT organization_id, 'calls', 'call', call_id FROM written WHERE call_id IS NOT NULL;
  END IF;
  RETURN NULL;
END
$$
""".replace("{columns}", "organization_id, id, call_id, deleted_at")

_MARKED = {
    "calls": ("mark_calls", MARK_CALLS),
    "call_analyses": ("mark_analyses", MARK_ANALYSES),
    "recording_sessions": ("mark_recordings", MARK_RECORDINGS),
}
_EVENTS = {
    "INSERT": "NEW TABLE AS written",
    "DELETE": "OLD TABLE AS written",
    "UPDATE": "OLD TABLE AS gone NEW TABLE AS fresh",
}


_RAISE = """
CREATE FUNCTION raise_rollups() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM raise_revision(organization_id, 'rollups') FROM (SELECT DISTINCT organization_id FROM changed) organizations;
  RETURN NULL;
END
$$
"""
# Marks don't refer to the organization: those of its last rows are written while it is deleted.
_FORGET = """
CREATE FUNCTION forget_marks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  DELETE FROM rollup_marks WHERE organization_id IN (SELECT id FROM gone);
  RETURN NULL;
END
$$
"""
_KINDS = ("people", "topics", "views", "trash")

# Queried by the schedule, which has no organization yet: those with changes, and those whose yesterday isn't counted.
_STALE = """
CREATE FUNCTION organizations_with_stale_rollups() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT id FROM organizations
  WHERE deleted_at IS NULL AND (
    EXISTS (SELECT FROM rollup_marks marks WHERE marks.organization_id = organizations.id)
    OR NOT EXISTS (
      SELECT FROM rollup_days days
      WHERE days.organization_id = organizations.id AND days.zone = organizations.timezone
        AND days.ends_at > now() - interval '25 hours'
        AND days.ends_at = date_trunc('day', now(), organizations.timezone)
    )
  )
$$
"""


def upgrade() -> None:
    op.create_table(
        "rollup_days",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("ledger", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("definitions", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "ledger", "starts_at", name="pk_rollup_days"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_rollup_days_organization_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint("starts_at < ends_at", name="check_rollup_days_order"),
    )
    # Without a reference to the organization: a row that is deleted with it is marked, too.
    op.create_table(
        "rollup_marks",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("ledger", sa.Text(), nullable=False),
        sa.Column("hours", postgresql.TSTZRANGE()),
        sa.Column("resource", sa.Text()),
        sa.Column("record_id", sa.Uuid()),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.CheckConstraint("num_nonnulls(hours, record_id) = 1", name="check_rollup_marks_target"),
        sa.CheckConstraint("(resource IS NULL) = (record_id IS NULL)", name="check_rollup_marks_resource"),
    )
    op.create_index("idx_rollup_marks_ledger", "rollup_marks", ["organization_id", "ledger"])
    for table, ((key, type_, nullable), counts, sums) in _DAYS.items():
        op.create_table(
            table,
            sa.Column("organization_id", sa.Uuid(), nullable=False),
            sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column(key, type_, nullable=nullable),
            *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
            *(sa.Column(name, sa.BigInteger(), nullable=False) for name in sums),
            *([sa.Column("worst", sa.SmallInteger())] if table == "objection_days" else ()),
            sa.ForeignKeyConstraint(
                ["organization_id"], ["organizations.id"], name=f"fk_{table}_organization_id", ondelete="CASCADE"
            ),
            sa.UniqueConstraint(
                "organization_id",
                "starts_at",
                key,
                name=f"uq_{table}_{key}",
                postgresql_nulls_not_distinct=True,
            ),
        )
    op.execute(_HOURS)
    for table in ("rollup_days", "rollup_marks", "call_hours", *_DAYS):
        protect(table)
    _replace_kinds((*_KINDS, "rollups"))
    op.execute(_RAISE)
    op.execute("REVOKE ALL ON FUNCTION raise_rollups() FROM PUBLIC")
    for event, tables in (("INSERT", "NEW TABLE AS changed"), ("DELETE", "OLD TABLE AS changed")):
        op.execute(
            f"CREATE TRIGGER revise_{event.lower()} AFTER {event} ON rollup_days REFERENCING {tables}"
            " FOR EACH STATEMENT EXECUTE FUNCTION raise_rollups()"
        )
    op.execute(_FORGET)
    op.execute("REVOKE ALL ON FUNCTION forget_marks() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER forget_marks AFTER DELETE ON organizations REFERENCING OLD TABLE AS gone"
        " FOR EACH STATEMENT EXECUTE FUNCTION forget_marks()"
    )
    op.execute(_STALE)
    op.execute("GRANT EXECUTE ON FUNCTION organizations_with_stale_rollups() TO app_jobs")
    for table, (function, definition) in _MARKED.items():
        op.execute(definition)
        op.execute(f"REVOKE ALL ON FUNCTION {function}() FROM PUBLIC")
        for event, tables in _EVENTS.items():
            op.execute(
                f"CREATE TRIGGER mark_{event.lower()} AFTER {event} ON {table} REFERENCING {tables}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            )


def downgrade() -> None:
    op.execute("DROP FUNCTION organizations_with_stale_rollups()")
    op.execute("DROP TRIGGER forget_marks ON organizations")
    op.execute("DROP FUNCTION forget_marks()")
    for table, (function, _definition) in _MARKED.items():
        for event in _EVENTS:
            op.execute(f"DROP TRIGGER mark_{event.lower()} ON {table}")
        op.execute(f"DROP FUNCTION {function}()")
    for table in (*_DAYS, "call_hours", "rollup_marks", "rollup_days"):
        op.drop_table(table)
    op.execute("DROP FUNCTION raise_rollups()")
    op.execute("DELETE FROM revisions WHERE kind = 'rollups'")
    _replace_kinds(_KINDS)


def _replace_kinds(kinds: tuple[str, ...]) -> None:
    op.execute("-- squawk-ignore ban-drop-constraint\nALTER TABLE revisions DROP CONSTRAINT check_kind")
    op.create_check_constraint("check_kind", "revisions", f"kind IN {kinds}", postgresql_not_valid=True)
    op.execute("-- squawk-ignore constraint-missing-not-valid\nALTER TABLE revisions VALIDATE CONSTRAINT check_kind")
