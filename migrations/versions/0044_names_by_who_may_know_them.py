"""Words of record names are indexed separately by who can see them."""

from importlib import import_module

from alembic import op

revision = "0044_names_by_who_may_know_them"
down_revision = "0043_jobs_as_asked_for"
branch_labels = None
depends_on = None

description = "The trail is searched by names as quickly as by other words"
breaking = False

_NAMES = import_module("migrations.versions.0036_names_in_the_trail")

#: Kinds whose record names are hidden from some of the roles that read the trail; a test compares them with the roles.
#: The names of all others are under l:.
CLASSES = {
    "s:": ("calendar", "call_note", "event", "event_attendee", "pending_action", "task"),
    "e:": ("api_key", "import", "import_mapping", "integration", "invitation", "message", "outbound_stream", "session"),
    "v:": ("saved_view",),
    "x:": ("deletion_batch", "job", "webhook_delivery"),
}


def _array(kinds: tuple[str, ...]) -> str:
    return "ARRAY[" + ", ".join(f"'{kind}'" for kind in kinds) + "]"


# With all names under l:, the kinds hidden from the reader had to be excluded one by one, which took more than twice as
# long for frequent words.
AUDIT_WORDS = _NAMES.AUDIT_WORDS.replace(
    "('l:', label)",
    "(CASE "
    + " ".join(f"WHEN type = ANY ({_array(kinds)}) THEN '{prefix}'" for prefix, kinds in CLASSES.items())
    + " ELSE 'l:' END, label)",
)

# A word of a label, for a reader from whom the names of these kinds are `hidden`: usually none or all of a class.
AUDIT_SEARCH_LABEL = f"""
CREATE FUNCTION audit_search_label(word text, is_beginning boolean, hidden text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT string_agg('(' || concat_ws(' & ', audit_search_word(prefix || word, is_beginning), (
    SELECT string_agg('!' || audit_search_word('k:' || kind, false), ' & ')
    FROM unnest(hidden) kind WHERE CASE prefix WHEN 'l:' THEN kind <> ALL (kinds) ELSE kind = ANY (kinds) END
  )) || ')', ' | ')
  FROM (VALUES
    ('l:', {_array(tuple(kind for kinds in CLASSES.values() for kind in kinds))}),
    {", ".join(f"('{prefix}', {_array(kinds)})" for prefix, kinds in CLASSES.items())}
  ) class (prefix, kinds)
  WHERE prefix = 'l:' OR NOT kinds <@ hidden
$$
"""
AUDIT_SEARCH_WORDS = _NAMES.AUDIT_SEARCH_WORDS.replace(
    "            concat_ws(' & ', audit_search_word('l:' || word, is_beginning), (\n"
    "              SELECT string_agg('!' || audit_search_word('k:' || kind, false), ' & ')\n"
    "              FROM unnest(hidden) kind\n"
    "            )), (\n",
    "            audit_search_label(word, is_beginning, hidden), (\n",
)
LABEL = "audit_search_label(text, boolean, text[])"


def upgrade() -> None:
    op.execute(_replaced(AUDIT_WORDS))
    _index_again()
    op.execute(_replaced(AUDIT_SEARCH_LABEL))
    op.execute(f"GRANT EXECUTE ON FUNCTION {LABEL} TO app_search")
    op.execute(_replaced(AUDIT_SEARCH_WORDS))


def downgrade() -> None:
    op.execute(_replaced(_NAMES.AUDIT_SEARCH_WORDS))
    op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {LABEL}")
    op.execute(_replaced(_NAMES.AUDIT_WORDS))
    _index_again()


def _index_again() -> None:
    """Rebuild the index outside a transaction, so that entries can be written in the meantime."""
    with op.get_context().autocommit_block():
        op.execute("REINDEX INDEX CONCURRENTLY idx_audit_words")


def _replaced(function: str) -> str:
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
