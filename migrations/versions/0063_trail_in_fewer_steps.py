"""The search of the audit trail finds and counts a page in one step."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0063_trail_in_fewer_steps"
down_revision = "0062_call_that_is_on"
branch_labels = None
depends_on = None

description = "The trail is searched in a fraction of the time"
breaking = False

_BEFORE = import_module("migrations.versions.0048_trail_of_somebody")

_CONDITIONS = (
    ("actor", "uuid"),
    ("by_nobody", "boolean"),
    ("actions", "text[]"),
    ("type", "text"),
    ("closed", "text[]"),
    ("record", "uuid"),
    ("operation", "uuid"),
    ("first_address", "inet"),
    ("last_address", "inet"),
    ("since", "timestamptz"),
    ("until", "timestamptz"),
)
_PLACE = (("cursor_at", "timestamptz"), ("cursor_id", "uuid"), ("newest_first", "boolean"), ("most", "integer"))
_WORDS = (("words", "text"), ("names", "text"), ("field", "text"), ("request", "text"))
_HIDDEN = (("hidden", "text[]"),)
_COUNTED = (("few", "integer"), ("counted", "integer"))


def _declared(*parameters: tuple[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in parameters)


def _types(*parameters: tuple[str, str]) -> str:
    return ", ".join(kind for _name, kind in parameters)


def _names(*parameters: tuple[str, str]) -> str:
    return ", ".join(name for name, _kind in parameters)


_OF_FOUND = (("lexemes", "text[]"), *_CONDITIONS, *_PLACE)
_OF_SEARCH = (*_WORDS, *_CONDITIONS, *_PLACE, *_HIDDEN)
_OF_PAGE = (*_OF_SEARCH, *_COUNTED)

# Does what `audit_search` did (migrations 0019 and 0036), from words computed beforehand. Beyond some days, words alone
# are found through their index only, because it contains the organization and the month. Otherwise the planner, which
# considers several words rare, also read the entries of the whole organization, and planning takes longer with more
# candidate indexes. Without an order whole months are read, latest first: for a period within a month, most entries
# would be found and discarded.
AUDIT_FOUND = f"""
CREATE FUNCTION audit_found({_declared(*_OF_FOUND)}) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET work_mem = '64MB'
SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
  organization uuid := (SELECT current_organization());
  backwards boolean := newest_first IS DISTINCT FROM false;
  in_order text := CASE WHEN newest_first THEN 'ORDER BY created_at DESC, id DESC'
                        WHEN NOT newest_first THEN 'ORDER BY created_at, id' ELSE '' END;
  -- The same, but no index has it: one in order would be read to its end for what is rarer than the planner thinks.
  sorted text := replace(in_order, 'created_at', 'created_at + interval ''0''');
  has_words text := CASE WHEN cardinality(lexemes) > 0 THEN 'audit_words(organization_id, created_at, actor_label,'
    ' before, after, metadata, resource_id, request_id, correlation_id, resource_type, resource_label) @@ $2' END;
  conditions text := concat_ws(' AND ',
    'organization_id = $1',
    CASE WHEN actor IS NOT NULL THEN 'user_id = $3' WHEN by_nobody THEN 'user_id IS NULL' END,
    CASE WHEN actions <> '{{}}' THEN 'action = ANY ($4)' END,
    CASE WHEN type <> '' THEN 'resource_type = $5' END,
    CASE WHEN closed <> '{{}}' THEN 'resource_type <> ALL ($16)' END,
    CASE WHEN record IS NOT NULL THEN 'resource_id = $6' END,
    CASE WHEN operation IS NOT NULL THEN 'operation_id = $7' END,
    CASE WHEN first_address IS NOT NULL THEN 'ip_address BETWEEN $8 AND $9' END,
    CASE WHEN since IS NOT NULL THEN 'created_at >= $10' END,
    CASE WHEN until IS NOT NULL THEN 'created_at < $11' END,
    CASE WHEN cursor_at IS NOT NULL
      THEN format('(created_at, id) %s ($12, $13)', CASE WHEN backwards THEN '<' ELSE '>' END) END,
    CASE WHEN backwards THEN 'created_at <= $14 AND created_at > $15' ELSE 'created_at >= $14 AND created_at < $15' END);
  by_words_alone text := CASE WHEN has_words IS NOT NULL AND num_nonnulls(actor, record, operation, first_address) = 0
    AND NOT by_nobody AND actions = '{{}}' AND type = ''
    THEN '(' || conditions || ') IS TRUE' END;
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
    FOREACH number IN ARRAY '{{20,200}}'::integer[] LOOP
      EXECUTE format(
        'SELECT array_agg(id) FROM (SELECT id FROM (SELECT * FROM audit_logs WHERE %s %s LIMIT %s) first WHERE %s LIMIT %s)',
        conditions, in_order, number, has_words, wanted
      ) INTO found_first USING organization, array_to_string(lexemes, ' & ')::tsquery, actor, actions, type, record,
        operation, first_address, last_address, since, until, cursor_at, cursor_id, near, far, closed;
      IF cardinality(found_first) = wanted THEN
        RETURN QUERY SELECT unnest(found_first);
        RETURN;
      END IF;
      EXIT WHEN coalesce(cardinality(found_first), 0) * 12 < wanted;
    END LOOP;
  END IF;
  FOREACH reach IN ARRAY CASE WHEN in_order = '' THEN '{{1 month,infinity}}'::interval[]
                              ELSE '{{2 days,1 month,4 months,16 months,infinity}}' END LOOP
    EXIT WHEN here IS NULL OR wanted <= 0 OR (backwards AND near < since) OR (NOT backwards AND near >= until);
    far := CASE WHEN in_order = '' THEN date_trunc('month', here - reach, 'UTC')
                WHEN backwards THEN here - reach ELSE here + reach END;
    RETURN QUERY EXECUTE format(
      'SELECT id FROM audit_logs WHERE %s %s LIMIT %s',
      concat_ws(' AND ', CASE WHEN reach > interval '2 days' THEN coalesce(by_words_alone, conditions) ELSE conditions END,
                has_words), sorted, wanted
    ) USING organization, audit_search_query(organization, lexemes, near, far), actor, actions, type, record, operation,
      first_address, last_address, since, until, cursor_at, cursor_id, near, far, closed;
    GET DIAGNOSTICS number = ROW_COUNT;
    wanted := wanted - number;
    near := far;
  END LOOP;
END
$$
"""

AUDIT_SEARCH = f"""
CREATE OR REPLACE FUNCTION audit_search({_declared(*_OF_SEARCH)}) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN QUERY SELECT audit_found(
    audit_search_words(words, names, field, request, hidden), {_names(*_CONDITIONS)}, {_names(*_PLACE)});
END
$$
"""

# Entries of a page, each with the total number, at most one more than `counted`. A `few` entries, which are sorted
# faster than searched in order, are all returned: counting has found them.
AUDIT_PAGE = f"""
CREATE FUNCTION audit_page({_declared(*_OF_PAGE)}) RETURNS TABLE (entry_id uuid, total integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  lexemes text[] := audit_search_words(words, names, field, request, hidden);
  found uuid[] := ARRAY(SELECT audit_found(lexemes, {_names(*_CONDITIONS)}, NULL, NULL, NULL, counted + 1));
BEGIN
  total := cardinality(found);
  IF total <= few THEN
    RETURN QUERY SELECT unnest(found), total;
  ELSE
    RETURN QUERY SELECT audit_found(lexemes, {_names(*_CONDITIONS)}, {_names(*_PLACE)}), total;
  END IF;
END
$$
"""
FOUND, SEARCH, PAGE = (
    f"{name}({_types(*parameters)})"
    for name, parameters in (("audit_found", _OF_FOUND), ("audit_search", _OF_SEARCH), ("audit_page", _OF_PAGE))
)

TEAM_INDEX = "idx_users_manager_name"


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that people can be changed in the meantime.
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {TEAM_INDEX}")
        op.create_index(
            TEAM_INDEX,
            "users",
            ["organization_id", "manager_id", "name_key", "id"],
            postgresql_where=sa.text("deleted_at IS NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def _at_once() -> None:
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    for signature, function in {FOUND: AUDIT_FOUND, PAGE: AUDIT_PAGE}.items():
        op.execute(function)
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {PAGE} TO app_rw")
    for signature in (FOUND, PAGE):
        op.execute(f"ALTER FUNCTION {signature} OWNER TO app_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")
    _BEFORE._replace(AUDIT_SEARCH)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {TEAM_INDEX}")
    _BEFORE._replace(_BEFORE.AUDIT_SEARCH)
    for signature in (PAGE, FOUND):
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {signature}")
