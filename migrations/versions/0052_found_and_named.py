"""Words that many contacts have are found without sorting all of them out; a lead of nobody's card has its number's name"""

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

# Somebody who is found by a name and by a number is found twice, which no reader minds. UNION had all of them gathered
# before the first was told.
TWICE = _FOUND.FUNCTIONS["contacts_found"].replace("UNION", "UNION ALL")

# Entries of before have no name of such a lead: they show it as it is called today, as long as it is there.
AUDIT_LABEL = _NAMES.AUDIT_LABEL.replace(
    "  ELSIF type IN ('session'",
    """  ELSIF type = 'lead' THEN
    SELECT CASE WHEN direction = 'outbound' THEN called_number ELSE caller_number END INTO label FROM calls
    WHERE organization_id = organization AND lead_id = (row_values ->> 'id')::uuid
      AND CASE WHEN direction = 'outbound' THEN called_number ELSE caller_number END IS NOT NULL
    ORDER BY started_at DESC, id DESC LIMIT 1;
  ELSIF type IN ('session'""",
)


def upgrade() -> None:
    _replace(TWICE)
    op.execute(AUDIT_LABEL)


def downgrade() -> None:
    op.execute(_NAMES.AUDIT_LABEL)
    _replace(_FOUND.FUNCTIONS["contacts_found"])


def _replace(queries: str) -> None:
    """It belongs to a role that makes nothing else, so it is made anew and given away again."""
    op.execute("-- squawk-ignore ban-drop-function\nDROP FUNCTION contacts_found(text, integer)")
    op.execute(_FOUND._FOUND.format(name="contacts_found", queries=queries))
    op.execute("REVOKE EXECUTE ON FUNCTION contacts_found(text, integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION contacts_found(text, integer) TO app_rw")
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    op.execute("ALTER FUNCTION contacts_found(text, integer) OWNER TO app_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")
