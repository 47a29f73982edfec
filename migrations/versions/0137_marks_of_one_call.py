"""A changed call is marked with less work.

Most statements change one call, and neither its time nor its people. They need no comparison of sets, so the function takes
less than half as long.
"""

from importlib import import_module
from typing import Any

from alembic import op

revision = "0137_marks_of_one_call"
down_revision = "0136_calls_of_recordings"
branch_labels = None
depends_on = None

description = "A changed call is marked with less work"
breaking = False

_LEADS: Any = import_module("migrations.versions.0133_rollup_of_leads")

#: The columns that decide when a call counts, and for which other calls.
_PLACING = ("started_at", "contact_card_id", "lead_id", "csr_id", "call_type", "status")
_COUNTED = tuple(_LEADS._COLUMNS.split(", "))


def _row(variable: str, columns: tuple[str, ...]) -> str:
    return f"({', '.join(f'{variable}.{column}' for column in columns)})"


_ONE_CALL = f"""
    IF (SELECT count(*) FROM fresh) = 1 THEN
      SELECT {_LEADS._COLUMNS} INTO old_call FROM gone;
      SELECT {_LEADS._COLUMNS} INTO new_call FROM fresh;
      IF {_row("old_call", _COUNTED)} IS NOT DISTINCT FROM {_row("new_call", _COUNTED)} THEN
        RETURN NULL;
      END IF;
      IF {_row("old_call", _PLACING)} IS NOT DISTINCT FROM {_row("new_call", _PLACING)} THEN
        call_hour := date_trunc('hour', new_call.started_at, 'UTC');
        INSERT INTO rollup_marks (organization_id, ledger, hours)
        SELECT new_call.organization_id, ledger, tstzrange(call_hour, call_hour + interval '1 hour')
        FROM unnest(ARRAY['calls', 'follow_ups']) ledger;
        RETURN NULL;
      END IF;
    END IF;
"""
_VARIABLES = """
  old_call record;
  new_call record;
  call_hour timestamptz;"""
_MARK_CALLS = _LEADS._MARK_CALLS.replace("DECLARE", f"DECLARE{_VARIABLES}", 1).replace(
    "IF TG_OP = 'UPDATE' THEN\n", f"IF TG_OP = 'UPDATE' THEN{_ONE_CALL}", 1
)


def upgrade() -> None:
    op.execute(_MARK_CALLS)


def downgrade() -> None:
    op.execute(_LEADS._MARK_CALLS)
