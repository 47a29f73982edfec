"""Search of the audit trail by words, changed fields, kind of record and operation."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019_audit_search"
down_revision = "0018_visits_are_nobodys_call"
branch_labels = None
depends_on = None

description = "The audit trail is searched by words and changed fields"
breaking = False

AUDIT_MONTH = """
CREATE FUNCTION audit_month(moment timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (extract(year FROM moment AT TIME ZONE 'UTC') * 12 + extract(month FROM moment AT TIME ZONE 'UTC'))::integer
"""

# Search terms of an entry: o:<organization>, m:<organization>:<month>, f:<changed field>, n:<word of the actor's name>,
# r:<request or its trigger>, and plain words of the values, the metadata, the actor and the record's ID. Timestamps are
# omitted, IDs are one word. The function must never fail, or the recorded change would fail: long texts are cut, far
# below the limit of a tsvector. Its cost makes the planner prefer the index to computing it for many rows. The app
# plans each statement again; here that would take ten times as long as the rest.
AUDIT_WORDS = """
CREATE FUNCTION audit_words(
  organization uuid, created_at timestamptz, actor_label text, before jsonb, after jsonb, details jsonb, record uuid,
  request text, correlation text
) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 2000
SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan AS $$
  SELECT array_to_tsvector(array_agg(DISTINCT word)) FROM (
    VALUES ('o:' || organization), ('m:' || organization || ':' || public.audit_month(created_at))
    UNION ALL
    SELECT 'f:' || left(key, 80) FROM (VALUES (before), (after)) payload (tree),
      jsonb_object_keys(CASE WHEN jsonb_typeof(tree) = 'object' THEN tree ELSE '{}' END) key
    UNION ALL
    SELECT 'r:' || left(origin, 200) FROM unnest(ARRAY[request, correlation]) origin WHERE origin IS NOT NULL
    UNION ALL
    SELECT replace(record::text, '-', '') WHERE record IS NOT NULL
    UNION ALL
    SELECT 'n:' || left(word, 100)
    FROM regexp_split_to_table(lower(left(actor_label, 1000)), '[^[:alnum:]]+') word WHERE word <> ''
    UNION ALL
    SELECT left(word, 100)
    FROM regexp_split_to_table(lower(left(concat_ws(' ', actor_label, (
      SELECT string_agg(CASE WHEN value ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                             THEN replace(value, '-', '') ELSE value END, ' ')
      FROM (VALUES (before), (after), (details)) payload (tree),
           jsonb_path_query(tree, 'strict $.** ? (@.type() == "string" || @.type() == "number")') leaf,
           LATERAL (SELECT left(leaf #>> '{}', 50000)) text_of (value)
      WHERE value !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T'
    )), 50000)), '[^[:alnum:]]+') word WHERE word <> ''
  ) words (word)
$$
"""

# Search input as parts of a tsquery; NULL if it contains neither letters nor digits. A star allows words that begin
# with the input, which takes longer, because all of these are read completely.
AUDIT_SEARCH_WORDS = r"""
CREATE FUNCTION audit_search_words(words text, names text, field text, request text) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
  WITH given (prefix, word) AS (
    SELECT '', part FROM regexp_split_to_table(lower(words), '\s+') word,
      regexp_split_to_table(CASE WHEN word ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                                 THEN replace(word, '-', '') ELSE word END, '[^[:alnum:]*]+|\*+(?=[[:alnum:]])') part
    UNION ALL
    SELECT 'n:', part FROM regexp_split_to_table(lower(names), '[^[:alnum:]*]+|\*+(?=[[:alnum:]])') part
  ), found AS (
    SELECT DISTINCT prefix, left(rtrim(word, '*'), 100) AS word, word ~ '^[[:alnum:]]{3,100}\*' AS is_beginning
    FROM given WHERE word ~ '[[:alnum:]]'
  )
  SELECT CASE
    WHEN words <> '' AND NOT EXISTS (SELECT FROM found WHERE prefix = '') THEN NULL
    WHEN names <> '' AND NOT EXISTS (SELECT FROM found WHERE prefix = 'n:') THEN NULL
    ELSE ARRAY(
      SELECT format(CASE WHEN is_beginning THEN '''%s'':*' ELSE '''%s''' END, prefix || word) FROM found
      UNION ALL
      SELECT format('''%s''', replace(replace(prefix || value, '\', '\\'), '''', ''''''))
      FROM (VALUES ('f:', left(field, 80)), ('r:', left(request, 200))) whole (prefix, value) WHERE value <> ''
    )
  END
$$
"""

# Combines the terms with the organization and the months between two timestamps, if the second is set: any search then
# reads only some months, however many entries an organization has.
AUDIT_SEARCH_QUERY = """
CREATE FUNCTION audit_search_query(organization uuid, lexemes text[], near timestamptz, far timestamptz) RETURNS tsquery
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
  SELECT array_to_string(lexemes || CASE
    WHEN isfinite(far) THEN (
      SELECT '(' || string_agg(format('''m:%s:%s''', organization, month), ' | ') || ')'
      FROM generate_series(public.audit_month(least(near, far)), public.audit_month(greatest(near, far))) month
    )
    ELSE format('''o:%s''', organization)
  END, ' & ')::tsquery
$$
"""

# IDs of at most `most` matching entries, next to the cursor in the requested order, or unordered if none is requested:
# for conditions that no index has in order, such as words, several actions, a range of addresses. Frequent words are
# found among the first 200 entries. Otherwise it searches increasingly long periods, so that frequent matches are found
# in the first one, and rare ones cost little in each. Row-level security prevents the use of a word index, so the
# function bypasses it, for the organization of the context only. Records of the kinds `closed` to the reader are not
# found. With less memory the bitmap would be lossy, and the words of all entries on its pages would be computed again.
AUDIT_SEARCH = """
CREATE FUNCTION audit_search(
  words text, names text, field text, request text, actor uuid, by_nobody boolean, actions text[], type text,
  closed text[], record uuid, operation uuid, first_address inet, last_address inet, since timestamptz, until timestamptz,
  cursor_at timestamptz, cursor_id uuid, newest_first boolean, most integer
) RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET work_mem = '64MB' AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
  lexemes text[] := audit_search_words(words, names, field, request);
  backwards boolean := newest_first IS DISTINCT FROM false;
  in_order text := CASE WHEN newest_first THEN 'ORDER BY created_at DESC, id DESC'
                        WHEN NOT newest_first THEN 'ORDER BY created_at, id' ELSE '' END;
  -- The same, but no index has it: one in order would be read to its end for what is rarer than the planner thinks.
  sorted text := replace(in_order, 'created_at', 'created_at + interval ''0''');
  has_words text := CASE WHEN cardinality(lexemes) > 0 THEN 'audit_words(organization_id, created_at, actor_label,'
                         ' before, after, metadata, resource_id, request_id, correlation_id) @@ $2' END;
  conditions text := concat_ws(' AND ',
    'organization_id = $1',
    CASE WHEN actor IS NOT NULL THEN 'user_id = $3' WHEN by_nobody THEN 'user_id IS NULL' END,
    CASE WHEN actions <> '{}' THEN 'action = ANY ($4)' END,
    CASE WHEN type <> '' THEN 'resource_type = $5' END,
    CASE WHEN closed <> '{}' THEN 'resource_type <> ALL ($16)' END,
    CASE WHEN record IS NOT NULL THEN 'resource_id = $6' END,
    CASE WHEN operation IS NOT NULL THEN 'operation_id = $7' END,
    CASE WHEN first_address IS NOT NULL THEN 'ip_address BETWEEN $8 AND $9' END,
    CASE WHEN since IS NOT NULL THEN 'created_at >= $10' END,
    CASE WHEN until IS NOT NULL THEN 'created_at < $11' END,
    CASE WHEN cursor_at IS NOT NULL
      THEN format('(created_at, id) %s ($12, $13)', CASE WHEN backwards THEN '<' ELSE '>' END) END,
    CASE WHEN backwards THEN 'created_at <= $14 AND created_at > $15' ELSE 'created_at >= $14 AND created_at < $15' END);
  wanted integer := coalesce(most, 2147483647);
  here timestamptz;
  near timestamptz;
  far timestamptz;
  reach interval;
  number integer;
  found_first uuid[];
BEGIN
  IF organization IS NULL THEN
    RAISE EXCEPTION 'no organization in the context' USING ERRCODE = '42501';
  END IF;
  IF lexemes IS NULL THEN
    RETURN;
  END IF;
  EXECUTE format('SELECT created_at FROM audit_logs WHERE organization_id = $1 ORDER BY created_at %s LIMIT 1',
                 CASE WHEN backwards THEN 'DESC' ELSE 'ASC' END) INTO here USING organization;
  here := CASE WHEN backwards THEN least(here, cursor_at, until) ELSE greatest(here, cursor_at, since) END;
  near := here;
  IF has_words IS NOT NULL AND in_order <> '' AND wanted <= 200 THEN
    far := CASE WHEN backwards THEN here - interval '2 days' ELSE here + interval '2 days' END;
    EXECUTE format(
      'SELECT array_agg(id) FROM (SELECT id FROM (SELECT * FROM audit_logs WHERE %s %s LIMIT 200) first WHERE %s LIMIT %s)',
      conditions, in_order, has_words, wanted
    ) INTO found_first USING organization, array_to_string(lexemes, ' & ')::tsquery, actor, actions, type, record,
      operation, first_address, last_address, since, until, cursor_at, cursor_id, near, far, closed;
    IF cardinality(found_first) = wanted THEN
      RETURN QUERY SELECT unnest(found_first);
      RETURN;
    END IF;
  END IF;
  FOREACH reach IN ARRAY '{2 days,1 month,4 months,16 months,infinity}'::interval[] LOOP
    EXIT WHEN here IS NULL OR wanted <= 0;
    far := CASE WHEN backwards THEN here - reach ELSE here + reach END;
    RETURN QUERY EXECUTE format(
      'SELECT id FROM audit_logs WHERE %s %s LIMIT %s', concat_ws(' AND ', conditions, has_words), sorted, wanted
    ) USING organization, audit_search_query(organization, lexemes, near, far), actor, actions, type, record, operation,
      first_address, last_address, since, until, cursor_at, cursor_id, near, far, closed;
    GET DIAGNOSTICS number = ROW_COUNT;
    wanted := wanted - number;
    near := far;
  END LOOP;
END
$$
"""

MONTH = "audit_month(timestamptz)"
WORDS = "audit_words(uuid, timestamptz, text, jsonb, jsonb, jsonb, uuid, text, text)"
SEARCH_WORDS = "audit_search_words(text, text, text, text)"
SEARCH_QUERY = "audit_search_query(uuid, text[], timestamptz, timestamptz)"
SEARCH = (
    "audit_search(text, text, text, text, uuid, boolean, text[], text, text[], uuid, uuid, inet, inet, timestamptz, "
    "timestamptz, timestamptz, uuid, boolean, integer)"
)
#: Parts of the search, in the order of their dependencies.
PARTS = {
    MONTH: AUDIT_MONTH,
    WORDS: AUDIT_WORDS,
    SEARCH_WORDS: AUDIT_SEARCH_WORDS,
    SEARCH_QUERY: AUDIT_SEARCH_QUERY,
}

NEWEST_FIRST = [sa.literal_column("created_at DESC"), sa.literal_column("id DESC")]
EXPRESSION = (
    "audit_words(organization_id, created_at, actor_label, before, after, metadata, resource_id, request_id, "
    "correlation_id)"
)


def upgrade() -> None:
    _drop_search()  # a second run after a failure finds what the first one left
    for signature, function in PARTS.items():
        op.execute(function)
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_search")
    op.execute("CREATE POLICY search ON audit_logs FOR SELECT TO app_search USING (true)")
    op.execute("GRANT SELECT ON audit_logs TO app_search")
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    op.execute(AUDIT_SEARCH)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {SEARCH} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SEARCH} TO app_rw")
    op.execute(f"ALTER FUNCTION {SEARCH} OWNER TO app_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")
    # Outside a transaction, so that entries can be written while the indexes are built.
    with op.get_context().autocommit_block():
        _drop("idx_audit_words", "idx_audit_type_date", "idx_audit_operation_date")
        _create("idx_audit_words", [sa.text(EXPRESSION)], postgresql_using="gin")
        _create("idx_audit_type_date", ["organization_id", "resource_type", *NEWEST_FIRST])
        _create("idx_audit_operation_date", ["organization_id", "operation_id", *NEWEST_FIRST])
        _drop("idx_audit_operation")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        _drop("idx_audit_operation")
        _create("idx_audit_operation", ["organization_id", "operation_id"])
        _drop("idx_audit_words", "idx_audit_type_date", "idx_audit_operation_date")
    _drop_search()


def _drop_search() -> None:
    op.execute("-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX IF EXISTS idx_audit_words")
    for signature in (SEARCH, *reversed(PARTS)):
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION IF EXISTS {signature}")
    op.execute("REVOKE SELECT ON audit_logs FROM app_search")
    op.execute("DROP POLICY IF EXISTS search ON audit_logs")


def _create(name: str, columns: list[Any], **options: Any) -> None:
    op.create_index(
        name, "audit_logs", columns, unique=False, postgresql_concurrently=True, if_not_exists=True, **options
    )


def _drop(*indexes: str) -> None:
    for index in indexes:
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
