"""Calls that come or change alone are marked with less work.

A trigger's variables are parameters of its statements, which were planned for their values each time: that cost more
than the marks. A new call takes one INSERT in place of up to four statements.
"""

from importlib import import_module
from typing import Any

from alembic import op

revision = "0138_marks_with_less_work"
down_revision = "0137_marks_of_one_call"
branch_labels = None
depends_on = None

description = "Calls that come or change alone are marked with less work"
breaking = False

_LEADS: Any = import_module("migrations.versions.0133_rollup_of_leads")
_BEFORE: Any = import_module("migrations.versions.0137_marks_of_one_call")

_COUNTED, _PLACING, _row = _BEFORE._COUNTED, _BEFORE._PLACING, _BEFORE._row

#: Functions with variables, too. Their plans suit any number of rows, since they join no tables.
_ALIKE = ("mark_appointments", "mark_entries", "mark_recordings")

# As before, except that one changed call is compared without sets, and one new call not at all.
_MARK_CALLS = f"""
CREATE OR REPLACE FUNCTION mark_calls() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  organization uuid;
  call_hour timestamptz;
  is_equal boolean;
  is_in_place boolean;
  is_large boolean := false;
  unit text := 'hour';
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT is_now.organization_id, date_trunc('hour', is_now.started_at, 'UTC'),
      {_row("was", _COUNTED)} IS NOT DISTINCT FROM {_row("is_now", _COUNTED)},
      {_row("was", _PLACING)} IS NOT DISTINCT FROM {_row("is_now", _PLACING)}
    INTO organization, call_hour, is_equal, is_in_place
    FROM gone was CROSS JOIN fresh is_now WHERE (SELECT count(*) FROM fresh) = 1;
    IF is_equal THEN
      RETURN NULL;
    END IF;
    IF is_in_place THEN
      INSERT INTO rollup_marks (organization_id, ledger, hours) VALUES
        (organization, 'calls', tstzrange(call_hour, call_hour + interval '1 hour')),
        (organization, 'follow_ups', tstzrange(call_hour, call_hour + interval '1 hour'));
      RETURN NULL;
    END IF;
    WITH changed AS MATERIALIZED (SELECT * FROM {_LEADS._changed(_LEADS._COLUMNS)} changed),
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
  IF TG_OP = 'INSERT' THEN
    INSERT INTO rollup_marks (organization_id, ledger, hours, resource, record_id, since)
    SELECT organization_id, mark.*
    FROM written CROSS JOIN LATERAL date_trunc('hour', started_at, 'UTC') hour CROSS JOIN LATERAL (
      VALUES
        ('calls', tstzrange(hour, hour + interval '1 hour'), NULL, NULL::uuid, NULL::timestamptz),
        ('follow_ups', CASE WHEN contact_card_id IS NULL THEN tstzrange(started_at, started_at, '[]') END,
         CASE WHEN contact_card_id IS NOT NULL THEN 'contact' END, contact_card_id, NULL),
        ('leads', NULL, 'lead', lead_id, started_at)
    ) mark (ledger, hours, resource, record_id, since)
    WHERE (SELECT count(*) FROM written) = 1 AND num_nonnulls(mark.hours, mark.record_id) = 1;
    IF FOUND THEN
      RETURN NULL;
    END IF;
  END IF;
  IF (SELECT count(*) > {_LEADS._FEW} FROM written) THEN
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


def upgrade() -> None:
    op.execute(_MARK_CALLS)
    for function in _ALIKE:
        op.execute(f"ALTER FUNCTION {function}() SET plan_cache_mode = force_generic_plan")


def downgrade() -> None:
    for function in _ALIKE:
        op.execute(f"ALTER FUNCTION {function}() RESET plan_cache_mode")
    op.execute(_BEFORE._MARK_CALLS)
