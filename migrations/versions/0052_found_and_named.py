"""Common words are found without sorting all contacts; the trail names leads without a name by number."""

from importlib import import_module

from alembic import op

revision = "0052_found_and_named"
down_revision = "0051_people_found"
branch_labels = None
depends_on = None

description = "Common words are found in a fraction of the time, and leads without a name are told apart in the trail"
breaking = False

_NAMES = import_module("migrations.versions.0036_names_in_the_trail")
_FOUND = import_module("migrations.versions.0051_people_found")

# A contact found by name and by number is returned twice, which is harmless. UNION would have collected all rows before
# returning the first.
TWICE = _FOUND.FUNCTIONS["contacts_found"].replace("UNION", "UNION ALL")

# Earlier entries have no name for such a lead: they show its current name as long as it exists.
AUDIT_LABEL = _NAMES.AUDIT_LABEL.replace(
    "  ELSIF type IN ('session'",
    """  ELSIF type = 'lead' THEN
    SELECT CASE WHEN direction = 'outbound' THEN called_number ELSE caller_number END INTO label FROM calls
    WHERE organization_id = organization AND lead_id = (row_values ->> 'id')::uuid
      AND CASE WHEN direction = 'outbound' THEN called_number ELSE caller_number END IS NOT NULL
    ORDER BY started_at DESC, id DESC LIMIT 1;
  ELSIF type IN ('session'""",
)

# With a generic plan, a million contacts appear to justify parallel workers, which take 7 ms to start; the index finds
# the rows in less than one.
ALONE = _FOUND._FOUND.replace("SET plan_cache_mode", "SET max_parallel_workers_per_gather = 0\nSET plan_cache_mode")


def upgrade() -> None:
    _replace(ALONE, {**_FOUND.FUNCTIONS, "contacts_found": TWICE})
    op.execute(AUDIT_LABEL)


def downgrade() -> None:
    op.execute(_NAMES.AUDIT_LABEL)
    _replace(_FOUND._FOUND, _FOUND.FUNCTIONS)


def _replace(function: str, queries: dict[str, str]) -> None:
    """Replace the functions of another role: drop them, create them again and change their owner."""
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    for name, found in queries.items():
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {name}(text, integer)")
        op.execute(function.format(name=name, queries=found))
        op.execute(f"REVOKE EXECUTE ON FUNCTION {name}(text, integer) FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name}(text, integer) TO app_rw")
        op.execute(f"ALTER FUNCTION {name}(text, integer) OWNER TO app_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")
