"""Appointments and later calls that are answered make the stored days of the calls that they follow up stale.

An appointment follows up the call from which it was booked and earlier calls of its contact: marks name both. A later
call only counts if it is outbound or answered, so a change of that marks its contact.
"""

from importlib import import_module
from typing import Any

from alembic import op

revision = "0144_marks_of_follow_ups"
down_revision = "0143_no_locks_by_deleting"
branch_labels = None
depends_on = None

description = "Appointments and answered calls follow up unbooked calls"
breaking = False

_APPOINTMENTS: Any = import_module("migrations.versions.0132_rollup_of_appointments")
_CALLS: Any = import_module("migrations.versions.0138_marks_with_less_work")

_FOLLOWING = (
    "({row}direction = 'outbound' OR {row}answered_at IS NOT NULL AND {row}status NOT IN ('missed', 'voicemail'))"
)
_IN_PLACE = " IS NOT DISTINCT FROM ".join(_CALLS._row(row, _CALLS._PLACING) for row in ("was", "is_now"))
_ALSO_FOLLOWING = f"{_FOLLOWING.format(row='was.')} = {_FOLLOWING.format(row='is_now.')}"
_MOVED = "GROUP BY organization_id, id, contact_card_id, started_at HAVING"
_MARK_CALLS = (
    _CALLS._MARK_CALLS.replace(_IN_PLACE, f"{_IN_PLACE}\n        AND {_ALSO_FOLLOWING}", 1)
    .replace(_MOVED, _MOVED.replace(" HAVING", f",\n        {_FOLLOWING.format(row='')} HAVING"), 1)
    .replace("SET plan_cache_mode", "SET timezone = 'UTC' SET plan_cache_mode", 1)
)
# Of a statement with many rows, times are marked, as of calls: a booking follows up earlier calls of its contact, and
# its own call, whenever that was.
_MARK_RECORDS = """
    IF unit = 'day' THEN
      INSERT INTO rollup_marks (organization_id, ledger, hours)
      SELECT organization_id, 'follow_ups',
        tstzrange(NULL, CASE WHEN count(source_call_id) = 0 THEN max(booked_at) END, '[]')
      FROM {rows} WHERE num_nonnulls(contact_card_id, source_call_id) > 0 GROUP BY organization_id;
    ELSE
      INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
      SELECT DISTINCT organization_id, 'follow_ups', resource, record_id
      FROM {rows} CROSS JOIN LATERAL (
        VALUES ('contact', contact_card_id), ('call', source_call_id)
      ) records (resource, record_id)
      WHERE record_id IS NOT NULL;
    END IF;
"""
_FOLLOW_UPS = "organization_id, id, contact_card_id, source_call_id, booked_at, deleted_at"
_SETTINGS = "SET timezone = 'UTC' SET plan_cache_mode = force_generic_plan"


def _mark_appointments() -> str:
    """Return the function as it was, which also marks what the appointments follow up."""
    more = "\n    IF TG_OP = 'UPDATE' THEN{changed}    ELSE{written}    END IF;".format(
        changed=_MARK_RECORDS.format(rows=f"{_APPOINTMENTS._changed(_FOLLOW_UPS)} changed"),
        written=_MARK_RECORDS.format(rows="written"),
    )
    before: str = _APPOINTMENTS._MARK_APPOINTMENTS
    return before.replace("  RETURN NULL;", f"{more}\n  RETURN NULL;", 1).replace(
        "SET search_path = pg_catalog, public, pg_temp", f"SET search_path = pg_catalog, public, pg_temp {_SETTINGS}", 1
    )


def upgrade() -> None:
    op.execute(_MARK_CALLS)
    op.execute(_mark_appointments())


def downgrade() -> None:
    op.execute(_APPOINTMENTS._MARK_APPOINTMENTS)
    op.execute(_CALLS._MARK_CALLS)
    op.execute(f"ALTER FUNCTION mark_appointments() {_SETTINGS}")
    op.execute("ALTER FUNCTION mark_calls() SET timezone = 'UTC'")
