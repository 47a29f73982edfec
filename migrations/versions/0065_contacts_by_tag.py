"""Contacts are found and counted by tag through an index."""

from alembic import op

from migrations.support import once

revision = "0065_contacts_by_tag"
down_revision = "0064_lists_in_indexes"
branch_labels = None
depends_on = None

description = "Contacts with a tag are found in an index, however few or many have it"
breaking = False

INDEX = "idx_contact_cards_tags"
# Each includes its organization, so that one index lookup finds those of it.
KEYS = """
CREATE FUNCTION tag_keys(organization uuid, tags text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT array_agg(organization || ':' || tag) FROM unnest(tags) tag
$$
"""
# Bypasses row-level security, which would prevent the use of the index. It applies no scope.
TAGGED = """
CREATE FUNCTION contacts_tagged(typed text, most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 20
SET max_parallel_workers_per_gather = 0 SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
BEGIN
  IF organization IS NULL THEN
    RAISE EXCEPTION 'no organization in the context' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY
    SELECT id FROM contact_cards
    WHERE deleted_at IS NULL AND tags <> '{}' AND tag_keys(organization_id, tags) @> ARRAY[organization || ':' || typed]
    LIMIT most;
END
$$
"""


def upgrade() -> None:
    once(revision, _keys)
    # Outside a transaction, so that rows can be written while the index is built.
    with op.get_context().autocommit_block():
        # Rebuilt, because an interrupted run can have left it half built.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {INDEX} ON contact_cards USING gin (tag_keys(organization_id, tags))"
            " WHERE deleted_at IS NULL AND tags <> '{}'"
        )
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    op.execute(TAGGED)
    op.execute("REVOKE EXECUTE ON FUNCTION contacts_tagged(text, integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION contacts_tagged(text, integer) TO app_rw")
    op.execute("ALTER FUNCTION contacts_tagged(text, integer) OWNER TO app_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")


def _keys() -> None:
    op.execute(KEYS)
    # Writing a row adds to its index; the owner of the search function reads with it.
    op.execute("GRANT EXECUTE ON FUNCTION tag_keys(uuid, text[]) TO app_rw, app_search")


def downgrade() -> None:
    op.execute("-- squawk-ignore ban-drop-function\nDROP FUNCTION contacts_tagged(text, integer)")
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
    op.execute("-- squawk-ignore ban-drop-function\nDROP FUNCTION tag_keys(uuid, text[])")
