"""Numbers of calls without a follow-up and of qualified leads are stored by day."""

from importlib import import_module
from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.support import protect

revision = "0133_rollup_of_leads"
down_revision = "0132_rollup_of_appointments"
branch_labels = None
depends_on = None

description = "Numbers of calls without a follow-up and of qualified leads are stored by day"
breaking = False

_CALLS: Any = import_module("migrations.versions.0131_rollup_of_calls")
_APPOINTMENTS: Any = import_module("migrations.versions.0132_rollup_of_appointments")
_FEW = 100
_COLUMNS = (
    "organization_id, id, contact_card_id, lead_id, started_at, csr_id, assigned_rep_id, direction, call_type, status,"
    " answered_at, is_wait_unknown, waited_seconds, duration_seconds, outcome, booking_status, call_quality, topic"
)


def _changed(columns: str) -> str:
    return (
        f"((SELECT {columns} FROM gone EXCEPT SELECT {columns} FROM fresh)"
        f" UNION ALL (SELECT {columns} FROM fresh EXCEPT SELECT {columns} FROM gone))"
    )


# A call is the follow-up of all earlier calls of its contact: the mark names the contact, and for many calls it is on
# all time before the last of them. It is the previous call for later calls with its lead: the mark names the lead, or
# is on all time after the first of many calls. A new call is one of its contact's and of its lead's.
_MARK_CALLS = f"""
CREATE OR REPLACE FUNCTION mark_calls() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  is_large boolean := false;
  unit text := 'hour';
BEGIN
  IF TG_OP = 'UPDATE' THEN
    WITH changed AS MATERIALIZED (SELECT * FROM {_changed(_COLUMNS)} changed),
    moved AS (
      SELECT organization_id, contact_card_id FROM changed
      GROUP BY organization_id, id, contact_card_id, started_at HAVING count(*) = 1
    ),
    spoken AS (
      SELECT organization_id, lead_id, started_at FROM changed WHERE lead_id IS NOT NULL
      GROUP BY organization_id, id, lead_id, csr_id, started_at, call_type, status HAVING count(*) = 1
    ),
    moments AS (
      SELECT organization_id, ledger, started_at FROM changed CROSS JOIN unnest(ARRAY['calls', 'follow_ups']) ledger
      UNION ALL SELECT organization_id, 'leads', started_at FROM spoken
    ),
    hours AS (
      SELECT DISTINCT organization_id, ledger, date_trunc('hour', started_at, 'UTC') AS hour FROM moments
    )
    INSERT INTO rollup_marks (organization_id, ledger, hours, resource, record_id, since)
    SELECT organization_id, ledger, unnest(range_agg(tstzrange(hour, hour + interval '1 hour'))), NULL, NULL, NULL
    FROM hours GROUP BY organization_id, ledger
    UNION ALL
    SELECT DISTINCT organization_id, 'follow_ups', NULL::tstzrange, 'contact', contact_card_id, NULL::timestamptz
    FROM moved WHERE contact_card_id IS NOT NULL
    UNION ALL
    SELECT organization_id, 'leads', NULL, 'lead', lead_id, min(started_at)
    FROM spoken GROUP BY organization_id, lead_id;
    RETURN NULL;
  END IF;
  IF (SELECT count(*) > {_FEW} FROM written) THEN
    is_large := true;
    unit := 'day';
  END IF;
  INSERT INTO rollup_marks (organization_id, ledger, hours)
  SELECT organization_id, 'calls', unnest(range_agg(tstzrange(beginning, beginning + ('1 ' || unit)::interval)))
  FROM (SELECT DISTINCT organization_id, date_trunc(unit, started_at, 'UTC') AS beginning FROM written) hours
  GROUP BY organization_id;
  IF is_large THEN
    INSERT INTO rollup_marks (organization_id, ledger, hours)
    SELECT organization_id, 'follow_ups', tstzrange(NULL, max(started_at), '[]') FROM written GROUP BY organization_id
    UNION ALL
    SELECT organization_id, 'leads', tstzrange(min(started_at), NULL)
    FROM written WHERE lead_id IS NOT NULL GROUP BY organization_id;
    RETURN NULL;
  END IF;
  INSERT INTO rollup_marks (organization_id, ledger, hours, resource, record_id, since)
  SELECT organization_id, 'follow_ups', tstzrange(started_at, started_at, '[]'), NULL, NULL, NULL
  FROM written WHERE contact_card_id IS NULL OR TG_OP = 'DELETE'
  UNION ALL
  SELECT DISTINCT organization_id, 'follow_ups', NULL::tstzrange, 'contact', contact_card_id, NULL::timestamptz
  FROM written WHERE contact_card_id IS NOT NULL
  UNION ALL
  SELECT organization_id, 'leads', tstzrange(started_at, started_at, '[]'), NULL, NULL, NULL
  FROM written WHERE lead_id IS NOT NULL AND TG_OP = 'DELETE'
  UNION ALL
  SELECT organization_id, 'leads', NULL, 'lead', lead_id, min(started_at)
  FROM written WHERE lead_id IS NOT NULL GROUP BY organization_id, lead_id;
  RETURN NULL;
END
$$
"""


def _marking(name: str, columns: str, records: str) -> str:
    """Return a function that marks `records` (rows of resource and record_id) of each row with these columns."""
    insert = f"""
    INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
    SELECT DISTINCT organization_id, 'follow_ups', resource, record_id
    FROM {{rows}} CROSS JOIN LATERAL ({records}) records (resource, record_id)
    WHERE record_id IS NOT NULL;
    """
    return f"""
CREATE FUNCTION {name}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    {insert.format(rows=f"{_changed(columns)} changed")}
  ELSE
    {insert.format(rows="written")}
  END IF;
  RETURN NULL;
END
$$
"""


_MARK_TASKS = _marking(
    "mark_tasks",
    "organization_id, id, contact_card_id, call_id, status, deleted_at",
    "VALUES ('contact', contact_card_id), ('call', call_id)",
)
_MARK_TEXTS = _marking(
    "mark_texts",
    "organization_id, id, contact_card_id, channel, direction, status, sent_at, created_at",
    "SELECT 'contact', contact_card_id WHERE channel = 'sms'",
)
# A new lead has no calls yet.
MARK_LEADS = f"""
CREATE OR REPLACE FUNCTION mark_leads() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
  SELECT DISTINCT organization_id, 'resolved', 'lead', id
  FROM {_changed("organization_id, id, csr_id, deleted_at")} changed
  UNION ALL
  SELECT DISTINCT organization_id, 'leads', 'lead', id
  FROM {_changed("organization_id, id, assigned_rep_id, qualification_status, deleted_at")} changed;
  RETURN NULL;
END
$$
"""
_MARKED = {"tasks": "mark_tasks", "pending_actions": "mark_tasks", "messages": "mark_texts"}
_EVENTS = {
    "INSERT": "NEW TABLE AS written",
    "DELETE": "OLD TABLE AS written",
    "UPDATE": "OLD TABLE AS gone NEW TABLE AS fresh",
}


#: The tables of numbers by day and person: the number, and the last column of the key.
_DAYS = {
    "follow_up_days": ("unbooked_without_follow_up", "person_id"),
    "lead_days": ("qualified_leads", "previous_at"),
    "csr_lead_days": ("qualified_leads", "previous_at"),
}


def upgrade() -> None:
    for table, (number, last) in _DAYS.items():
        keys = [sa.Column("person_id", sa.Uuid())]
        if last == "previous_at":
            keys.append(sa.Column("previous_at", sa.DateTime(timezone=True)))
        op.create_table(
            table,
            sa.Column("organization_id", sa.Uuid(), nullable=False),
            sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
            *keys,
            sa.Column(number, sa.Integer(), nullable=False),
            sa.ForeignKeyConstraint(
                ["organization_id"], ["organizations.id"], name=f"fk_{table}_organization_id", ondelete="CASCADE"
            ),
            sa.UniqueConstraint(
                "organization_id",
                "starts_at",
                *(key.name for key in keys),
                name=f"uq_{table}_{last}",
                postgresql_nulls_not_distinct=True,
            ),
        )
        protect(table)
    for definition in (_MARK_CALLS, MARK_LEADS, _MARK_TASKS, _MARK_TEXTS):
        op.execute(definition)
    for function in ("mark_tasks", "mark_texts"):
        op.execute(f"REVOKE ALL ON FUNCTION {function}() FROM PUBLIC")
    for table, function in _MARKED.items():
        for event, tables in _EVENTS.items():
            op.execute(
                f"CREATE TRIGGER mark_{event.lower()} AFTER {event} ON {table} REFERENCING {tables}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            )


def downgrade() -> None:
    for table in _MARKED:
        for event in _EVENTS:
            op.execute(f"DROP TRIGGER mark_{event.lower()} ON {table}")
    for function in ("mark_tasks", "mark_texts"):
        op.execute(f"DROP FUNCTION {function}()")
    for definition in (_CALLS.MARK_CALLS, _APPOINTMENTS.MARK_LEADS):
        op.execute(definition.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    for table in _DAYS:
        op.drop_table(table)
    op.execute("DELETE FROM rollup_marks WHERE ledger IN ('follow_ups', 'leads')")
    op.execute("DELETE FROM rollup_days WHERE ledger IN ('follow_ups', 'leads')")
