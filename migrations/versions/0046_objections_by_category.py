"""Objection categories of a call as indexed columns, counted without the analyses."""

from alembic import op

from migrations.support import audit

revision = "0046_objections_by_category"
down_revision = "0045_revisions"
branch_labels = None
depends_on = None

description = "The objections of a quarter are counted without reading the analyses"
breaking = False

# The {value} of each of the first ten categories named by the analysis, fifty characters each, in their order. They are
# indexed, so the values must be short, and nothing in an analysis must prevent it from being stored: a value that is
# not a list yields none, and is rejected by the check. The app plans each statement again; here that would take longer
# than the rest.
OF_CATEGORIES = """
CREATE FUNCTION {name}(objections jsonb) RETURNS {type}[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan AS $$
  SELECT coalesce(array_agg({value} ORDER BY place), '{{}}') FROM (
    SELECT left(found ->> 'category', 50) AS category, min(number) AS place,
      max(array_position(ARRAY['low', 'medium', 'high'], found ->> 'severity'))::smallint AS worst
    FROM jsonb_array_elements(CASE WHEN jsonb_typeof(objections) = 'array' THEN objections ELSE '[]' END)
      WITH ORDINALITY objection (found, number)
    WHERE found ->> 'category' IS NOT NULL
    GROUP BY 1 ORDER BY 2 LIMIT 10
  ) first
$$
"""
#: column → (type of its values, field of each category)
COLUMNS = {"objection_categories": ("text", "category"), "objection_severities": ("smallint", "worst")}
INDEX = "idx_call_analyses_objections"


def upgrade() -> None:
    # A second run after a failure finds what the first one left.
    for name, (kind, value) in COLUMNS.items():
        op.execute(
            OF_CATEGORIES.format(name=name, type=kind, value=value).replace("CREATE", "CREATE OR REPLACE", 1),
        )
        op.execute(f"GRANT EXECUTE ON FUNCTION {name}(jsonb) TO app_rw")
    # Rewrites the table once for both columns: two seconds for 200,000 analyses.
    columns = (
        f"ADD COLUMN IF NOT EXISTS {name} {kind}[] GENERATED ALWAYS AS "
        f"(CASE WHEN objections = '[]' THEN '{{}}' ELSE {name}(objections) END) STORED NOT NULL"
        for name, (kind, _value) in COLUMNS.items()
    )
    op.execute(f"-- squawk-ignore adding-field-with-default\nALTER TABLE call_analyses {', '.join(columns)}")
    op.execute("DROP TRIGGER audit ON call_analyses")
    audit("call_analyses", "call_analysis", ignored=tuple(COLUMNS))
    # Outside a transaction, so that analyses can be written in the meantime.
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {INDEX} ON call_analyses (organization_id, call_id) "
            f"INCLUDE ({', '.join(COLUMNS)}) WHERE objection_categories <> '{{}}'"
        )


def downgrade() -> None:
    op.execute("DROP TRIGGER audit ON call_analyses")
    audit("call_analyses", "call_analysis")
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
    for name in reversed(COLUMNS):
        op.drop_column("call_analyses", name)
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {name}(jsonb)")
