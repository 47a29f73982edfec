"""A person's entries have an index by time, and rare words in the trail are found faster."""

from importlib import import_module

from alembic import op

revision = "0048_trail_of_somebody"
down_revision = "0047_contacts_by_name"
branch_labels = None
depends_on = None

description = "The trail is quicker where a person and an action are asked for, and where words are rare"
breaking = False

_NAMES = import_module("migrations.versions.0036_names_in_the_trail")

INDEX, WIDER = "idx_audit_user_date", "idx_audit_user_action"
COLUMNS = "organization_id, user_id, created_at DESC, id DESC"

# Words that fill a page from the first 200 entries appear in some of the first 20: if they are in at most one of these,
# the words of the other entries are not computed, and the index is used.
_OF_THE_FIRST = """    EXECUTE format(
      'SELECT array_agg(id) FROM (SELECT id FROM (SELECT * FROM audit_logs WHERE %s %s LIMIT 200) first WHERE %s LIMIT %s)',
      conditions, in_order, has_words, wanted
    ) INTO found_first USING organization, array_to_string(lexemes, ' & ')::tsquery, actor, actions, type, record,
      operation, first_address, last_address, since, until, cursor_at, cursor_id, near, far, closed;
    IF cardinality(found_first) = wanted THEN
      RETURN QUERY SELECT unnest(found_first);
      RETURN;
    END IF;
"""
_OF_A_FEW_FIRST = """    FOREACH number IN ARRAY '{20,200}'::integer[] LOOP
      EXECUTE format(
        'SELECT array_agg(id) FROM (SELECT id FROM (SELECT * FROM audit_logs WHERE %s %s LIMIT %s) first WHERE %s LIMIT %s)',
        conditions, in_order, number, has_words, wanted
      ) INTO found_first USING organization, array_to_string(lexemes, ' & ')::tsquery, actor, actions, type, record,
        operation, first_address, last_address, since, until, cursor_at, cursor_id, near, far, closed;
      IF cardinality(found_first) = wanted THEN
        RETURN QUERY SELECT unnest(found_first);
        RETURN;
      END IF;
      EXIT WHEN coalesce(cardinality(found_first), 0) * 30 < wanted;
    END LOOP;
"""
AUDIT_SEARCH = _NAMES.AUDIT_SEARCH.replace(_OF_THE_FIRST, _OF_A_FEW_FIRST)


def upgrade() -> None:
    _replace(AUDIT_SEARCH)
    _index_instead(WIDER, f"{COLUMNS}) INCLUDE (action", INDEX)


def downgrade() -> None:
    _index_instead(INDEX, COLUMNS, WIDER)
    _replace(_NAMES.AUDIT_SEARCH)


def _replace(function: str) -> None:
    """Replace a function as the search role, which owns it."""
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    op.execute("SET LOCAL ROLE app_search")
    op.execute(function)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")


def _index_instead(name: str, columns: str, other: str) -> None:
    """Replace the index outside a transaction, so that entries can be written in the meantime."""
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON audit_logs ({columns})")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {other}")
