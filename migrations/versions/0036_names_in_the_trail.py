"""Audit entries store the name of their record, and are found by that name and by the current one."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0036_names_in_the_trail"
down_revision = "0035_streams_of_somebody"
branch_labels = None
depends_on = None

description = "Entries of the trail say what their record was called, and are found by names"
breaking = False

_FOUNDATION = import_module("migrations.versions.0001_foundation")
_SEALS = import_module("migrations.versions.0007_audit_seals")
_SEARCH = import_module("migrations.versions.0019_audit_search")
_PRIVACY = import_module("migrations.versions.0026_privacy")

# Name of a record from its own columns, or from the person or thing it refers to; NULL if there is none or the kind is
# unknown here: then the trail shows the current name. Identical to the title declared by its resource, which a test
# verifies.
AUDIT_LABEL = """
CREATE OR REPLACE FUNCTION audit_label(type text, row_values jsonb) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  organization uuid := coalesce(row_values ->> 'organization_id', row_values ->> 'id')::uuid;
  about uuid := row_values ->> 'contact_card_id';
  caller text := coalesce(row_values ->> 'caller_number', row_values ->> 'called_number');
  label text;
BEGIN
  IF type IN ('call_note', 'call_transcript', 'call_analysis', 'booking_dispute') THEN
    SELECT contact_card_id, coalesce(caller_number, called_number) INTO about, caller FROM calls
    WHERE organization_id = organization AND id = (row_values ->> 'call_id')::uuid;
  END IF;
  IF about IS NOT NULL THEN
    SELECT coalesce(full_name, nullif(company_name, ''), primary_phone) INTO label FROM contact_cards
    WHERE organization_id = organization AND id = about;
  ELSIF type IN ('session', 'event_attendee') THEN
    SELECT name INTO label FROM users WHERE organization_id = organization AND id = (row_values ->> 'user_id')::uuid;
  END IF;
  RETURN left(CASE
    WHEN type = 'contact_card'
      THEN coalesce(row_values ->> 'full_name', nullif(row_values ->> 'company_name', ''), row_values ->> 'primary_phone')
    WHEN type IN ('user', 'organization', 'calendar', 'api_key', 'import_mapping', 'saved_view', 'outbound_stream')
      THEN row_values ->> 'name'
    WHEN type IN ('task', 'event') THEN row_values ->> 'title'
    WHEN type IN ('call', 'call_note', 'call_transcript', 'call_analysis', 'booking_dispute')
      THEN coalesce(label, caller)
    WHEN type = 'appointment' THEN concat_ws(', ', row_values ->> 'service_type', label)
    WHEN type IN ('lead', 'missed_call_entry', 'session', 'event_attendee') THEN label
    WHEN type = 'pending_action' THEN row_values ->> 'raw_text'
    WHEN type = 'knowledge_item' THEN row_values ->> 'question'
    WHEN type = 'phone_number' THEN coalesce(row_values ->> 'display_name', row_values ->> 'number')
    WHEN type IN ('blocked_number', 'invoice') THEN row_values ->> 'number'
    WHEN type = 'contact_phone' THEN row_values ->> 'phone'
    WHEN type = 'invitation' THEN row_values ->> 'email'
    WHEN type = 'import' THEN row_values ->> 'file_name'
    WHEN type = 'deletion_batch' THEN row_values ->> 'root_label'
    WHEN type = 'message' THEN row_values ->> 'to_address'
  END, 80);
END
$$
"""

# The trigger passes the label to the entry in a setting, like the name of an action, so that other writers of entries
# stay unchanged. It is part of the payload: sealed and erased with it.
AUDIT_ROW = _FOUNDATION.AUDIT_ROW.replace(
    "  PERFORM audit_append(",
    "  PERFORM set_config('app.audit_label', coalesce(audit_label(type, changed), ''), true);\n  PERFORM audit_append(",
).replace("  RETURN NULL;\nEND\n", "  PERFORM set_config('app.audit_label', '', true);\n  RETURN NULL;\nEND\n")
ADD_LABEL = """
CREATE OR REPLACE FUNCTION add_audit_label() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  NEW.resource_label := current_setting('app.audit_label');
  NEW.payload_hash := audit_payload_hash(NEW.salt, NEW.before, NEW.after, NEW.resource_label);
  RETURN NEW;
END
$$
"""
# Unchanged for an entry without a label. JSON escapes control characters, so nothing else looks like this.
PAYLOAD_HASH = """
CREATE OR REPLACE FUNCTION audit_payload_hash(salt bytea, before jsonb, after jsonb, label text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT sha256(salt || convert_to(
    coalesce(before::text, '') || chr(31) || coalesce(after::text, '') || coalesce(chr(31) || label, ''), 'UTF8'))
$$
"""


def _replaced(function: str) -> str:
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


def _emptying_labels(function: str) -> str:
    """Extend the SQL of a function that erases payloads, or allows their erasure, to erase the label too."""
    return (
        function.replace("SET before = NULL, after = NULL,", "SET before = NULL, after = NULL, resource_label = NULL,")
        .replace("after IS NOT NULL)", "after IS NOT NULL OR resource_label IS NOT NULL)")
        .replace("'{before,after,", "'{before,after,resource_label,")
        .replace("NEW.after IS NULL AND", "NEW.after IS NULL AND NEW.resource_label IS NULL AND")
    )


ERASING = (_SEALS.AUDIT_GUARD, _SEALS.AUDIT_ERASE, _PRIVACY.AUDIT_ERASE_ENTRIES)

# Also the words of the label (l:<word>) and its kind (k:<kind>): a reader who cannot see the names of a kind searches
# for one without the other. In the existing branch that splits the actor's name: another one would cost a fifth more.
AUDIT_WORDS = (
    _SEARCH.AUDIT_WORDS.replace(
        "request text, correlation text\n", "request text, correlation text, type text, label text\n"
    )
    .replace("public.audit_month(created_at))\n", "public.audit_month(created_at)), ('k:' || type)\n", 1)
    .replace(
        "    SELECT 'n:' || left(word, 100)\n"
        "    FROM regexp_split_to_table(lower(left(actor_label, 1000)), '[^[:alnum:]]+') word WHERE word <> ''\n",
        "    SELECT prefix || left(word, 100)\n"
        "    FROM (VALUES ('n:', left(actor_label, 1000)), ('l:', label)) named (prefix, name),\n"
        "      regexp_split_to_table(lower(name), '[^[:alnum:]]+') word WHERE word <> ''\n",
    )
)
WORDS = _SEARCH.WORDS.replace("text, text)", "text, text, text, text)")
EXPRESSION = _SEARCH.EXPRESSION.replace("correlation_id)", "correlation_id, resource_type, resource_label)")

# Words of a record's name, each with its organization, so that one index lookup finds them within it.
NAME_WORDS = """
CREATE OR REPLACE FUNCTION name_words(organization uuid, name text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT array_to_tsvector(array_agg(DISTINCT organization || ':' || left(word, 100)))
  FROM regexp_split_to_table(lower(left(name, 1000)), '[^[:alnum:]]+') word WHERE word <> ''
$$
"""
CARD_NAME = "COALESCE(full_name, NULLIF(company_name, ''::text), primary_phone)"
#: Indexes to find records by their words: kinds with many rows per organization, named by their own columns.
NAME_INDEXES = {
    "idx_contact_cards_name_words": ("contact_cards", CARD_NAME),
    "idx_tasks_name_words": ("tasks", "title"),
    "idx_events_name_words": ("events", "title"),
}
# IDs of records with this current name, except for the kinds whose names the reader cannot see: people and contacts,
# records named after their contact, tasks, events, answers and numbers. Includes deleted ones. The trail shows the
# current name if it has none from the time of the entry, and next to that one if it differs. Row-level security would
# prevent the use of the indexes, so this bypasses it, for the organization of the context only.
RECORDS_NAMED = f"""
CREATE FUNCTION records_named(word text, is_beginning boolean, hidden text[], most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
  wanted tsquery := format(CASE WHEN is_beginning THEN '''%s:%s'':*' ELSE '''%s:%s''' END, organization, word)::tsquery;
  cards uuid[];
  named_calls uuid[];
BEGIN
  IF organization IS NULL THEN
    RAISE EXCEPTION 'no organization in the context' USING ERRCODE = '42501';
  END IF;
  cards := ARRAY(
    SELECT id FROM contact_cards WHERE name_words(organization_id, {CARD_NAME}) @@ wanted LIMIT most
  );
  IF cards <> '{{}}' THEN
    named_calls := ARRAY(
      SELECT id FROM calls WHERE organization_id = organization AND contact_card_id = ANY (cards)
      ORDER BY started_at DESC LIMIT most
    );
    RETURN QUERY
      SELECT unnest(cards) WHERE 'contact_card' <> ALL (hidden)
      UNION ALL SELECT unnest(named_calls) WHERE 'call' <> ALL (hidden)
      UNION ALL (SELECT id FROM leads WHERE organization_id = organization AND contact_card_id = ANY (cards)
                 AND 'lead' <> ALL (hidden) LIMIT most)
      UNION ALL (SELECT id FROM appointments WHERE organization_id = organization AND contact_card_id = ANY (cards)
                 AND 'appointment' <> ALL (hidden) LIMIT most)
      UNION ALL (SELECT id FROM missed_call_entries WHERE organization_id = organization
                 AND contact_card_id = ANY (cards) AND 'missed_call_entry' <> ALL (hidden) LIMIT most)
      UNION ALL (SELECT id FROM call_notes WHERE organization_id = organization AND call_id = ANY (named_calls)
                 AND 'call_note' <> ALL (hidden) LIMIT most)
      UNION ALL (SELECT id FROM booking_disputes WHERE organization_id = organization AND call_id = ANY (named_calls)
                 AND 'booking_dispute' <> ALL (hidden) LIMIT most);
  END IF;
  RETURN QUERY
    SELECT id FROM users WHERE organization_id = organization AND 'user' <> ALL (hidden)
      AND strpos(lower(name), word) > 0 AND name_words(organization_id, name) @@ wanted
    UNION ALL (SELECT id FROM tasks WHERE name_words(organization_id, title) @@ wanted
               AND 'task' <> ALL (hidden) LIMIT most)
    UNION ALL (SELECT id FROM events WHERE name_words(organization_id, title) @@ wanted
               AND 'event' <> ALL (hidden) LIMIT most)
    UNION ALL SELECT id FROM knowledge_items WHERE organization_id = organization
      AND 'knowledge_item' <> ALL (hidden) AND strpos(lower(question), word) > 0
      AND name_words(organization_id, question) @@ wanted
    UNION ALL SELECT id FROM phone_numbers WHERE organization_id = organization
      AND 'phone_number' <> ALL (hidden) AND strpos(lower(coalesce(display_name, number)), word) > 0
      AND name_words(organization_id, coalesce(display_name, number)) @@ wanted;
END
$$
"""
READ = (
    "contact_cards", "calls", "leads", "appointments", "missed_call_entries", "call_notes", "booking_disputes", "tasks",
    "events", "knowledge_items", "phone_numbers",
)  # fmt: skip

# A plain word is searched as it is, in the label, and as the IDs of records with that current name.
SEARCH_WORDS_SIGNATURE = "audit_search_words(text, text, text, text, text[])"
AUDIT_SEARCH_WORDS = (
    _replaced(_SEARCH.AUDIT_SEARCH_WORDS)
    .replace("field text, request text)", "field text, request text, hidden text[])")
    .replace("IMMUTABLE", "STABLE")
    .replace("SET search_path = pg_catalog AS", "SET search_path = pg_catalog, public, pg_temp AS")
    .replace(
        "SELECT format(CASE WHEN is_beginning THEN '''%s'':*' ELSE '''%s''' END, prefix || word) FROM found",
        "SELECT CASE\n"
        "          WHEN prefix <> '' THEN audit_search_word(prefix || word, is_beginning)\n"
        "          ELSE '(' || concat_ws(' | ',\n"
        "            audit_search_word(word, is_beginning),\n"
        "            concat_ws(' & ', audit_search_word('l:' || word, is_beginning), (\n"
        "              SELECT string_agg('!' || audit_search_word('k:' || kind, false), ' & ')\n"
        "              FROM unnest(hidden) kind\n"
        "            )), (\n"
        "              SELECT string_agg(format('''%s''', replace(id::text, '-', '')), ' | ')\n"
        "              FROM (SELECT id FROM records_named(word, is_beginning, hidden, 1000) id LIMIT 1000) today\n"
        "            )) || ')'\n"
        "        END FROM found",
    )
)
SEARCH_WORD = """
CREATE OR REPLACE FUNCTION audit_search_word(word text, is_beginning boolean) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
  SELECT format(CASE WHEN is_beginning THEN '''%s'':*' ELSE '''%s''' END, word)
$$
"""
# For words rare enough to be searched beyond a month, the word index alone finds all entries, since the words contain
# the organization. The planner overestimates the entries of several words, and would also read those of the whole
# organization.
AUDIT_SEARCH = (
    _replaced(_SEARCH.AUDIT_SEARCH)
    .replace("newest_first boolean, most integer\n", "newest_first boolean, most integer, hidden text[]\n")
    .replace(
        "audit_search_words(words, names, field, request)", "audit_search_words(words, names, field, request, hidden)"
    )
    .replace("request_id, correlation_id) @@ $2", "request_id, correlation_id, resource_type, resource_label) @@ $2")
    .replace(
        "  wanted integer :=",
        "  has_words_only boolean := has_words IS NOT NULL AND num_nonnulls(actor, record, operation, first_address) = 0\n"
        "    AND NOT by_nobody AND actions = '{}' AND type = '';\n"
        "  wanted integer :=",
    )
    .replace(
        "concat_ws(' AND ', conditions, has_words), sorted, wanted",
        "concat_ws(' AND ', CASE WHEN has_words_only AND reach > interval '1 month'\n"
        "        THEN replace(conditions, 'organization_id = $1', '(organization_id = $1) IS TRUE') ELSE conditions END,\n"
        "        has_words), sorted, wanted",
    )
)
SEARCH = _SEARCH.SEARCH.replace("boolean, integer)", "boolean, integer, text[])")


#: Created by `upgrade` in the order of their dependencies; the indexes are based on the first ones.
FOR_THE_INDEXES = {"name_words(uuid, text)": NAME_WORDS, WORDS: _replaced(AUDIT_WORDS)}
PARTS = {
    "audit_label(text, jsonb)": AUDIT_LABEL,
    "audit_payload_hash(bytea, jsonb, jsonb, text)": PAYLOAD_HASH,
    "add_audit_label()": ADD_LABEL,
    "audit_search_word(text, boolean)": SEARCH_WORD,
    "records_named(text, boolean, text[], integer)": RECORDS_NAMED,
    SEARCH_WORDS_SIGNATURE: AUDIT_SEARCH_WORDS,
    SEARCH: AUDIT_SEARCH,
}
READS_PAST = (SEARCH, "records_named(text, boolean, text[], integer)")


def upgrade() -> None:
    op.execute("ALTER TABLE audit_logs ADD COLUMN IF NOT EXISTS resource_label text")
    for signature, function in FOR_THE_INDEXES.items():
        op.execute(function)
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_search")
    # Writing a record adds to its index.
    op.execute("GRANT EXECUTE ON FUNCTION name_words(uuid, text) TO app_rw")
    # Outside a transaction, so that entries and records can be written while the indexes are built.
    with op.get_context().autocommit_block():
        for name, (table, expression) in NAME_INDEXES.items():
            _index(name, table, f"name_words(organization_id, {expression})")
        _index("idx_audit_words_named", "audit_logs", EXPRESSION)
    op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {_SEARCH.SEARCH}")
    for function in PARTS.values():
        op.execute(function)
    for signature in ("audit_search_word(text, boolean)", SEARCH_WORDS_SIGNATURE):
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_search")
    for table in READ:
        op.execute(f"CREATE POLICY search ON {table} FOR SELECT TO app_search USING (true)")
        op.execute(f"GRANT SELECT ON {table} TO app_search")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SEARCH} TO app_rw")
    _hand_over(*READS_PAST)
    _drop_functions(_SEARCH.SEARCH_WORDS)
    op.execute(
        "CREATE TRIGGER add_audit_label BEFORE INSERT ON audit_logs FOR EACH ROW "
        "WHEN ((NEW.before IS NOT NULL OR NEW.after IS NOT NULL) "
        "AND nullif(current_setting('app.audit_label', true), '') IS NOT NULL) EXECUTE FUNCTION add_audit_label()"
    )
    for function in ERASING:
        op.execute(_replaced(_emptying_labels(function)))
    op.execute(_replaced(AUDIT_ROW))
    _take_place("idx_audit_words_named")
    _drop_functions(_SEARCH.WORDS)


def downgrade() -> None:
    op.execute(_replaced(_FOUNDATION.AUDIT_ROW))
    for function in ERASING:
        op.execute(_replaced(function))
    op.execute("DROP TRIGGER add_audit_label ON audit_logs")
    op.execute(_replaced(_SEARCH.AUDIT_WORDS))
    op.execute(f"GRANT EXECUTE ON FUNCTION {_SEARCH.WORDS} TO app_search")
    with op.get_context().autocommit_block():
        _index("idx_audit_words_before", "audit_logs", _SEARCH.EXPRESSION)
    _take_place("idx_audit_words_before")
    _drop_functions(*reversed(PARTS), WORDS)
    op.execute(_SEARCH.AUDIT_SEARCH_WORDS)
    op.execute(f"GRANT EXECUTE ON FUNCTION {_SEARCH.SEARCH_WORDS} TO app_search")
    op.execute(_SEARCH.AUDIT_SEARCH)
    op.execute(f"GRANT EXECUTE ON FUNCTION {_SEARCH.SEARCH} TO app_rw")
    _hand_over(_SEARCH.SEARCH)
    for name in NAME_INDEXES:
        op.execute(f"-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX {name}")
    _drop_functions("name_words(uuid, text)")
    for table in READ:
        op.execute(f"DROP POLICY search ON {table}")
        op.execute(f"REVOKE SELECT ON {table} FROM app_search")
    op.drop_column("audit_logs", "resource_label")


def _hand_over(*signatures: str) -> None:
    """Make the search role the owner of the functions."""
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    for signature in signatures:
        op.execute(f"ALTER FUNCTION {signature} OWNER TO app_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")


def _drop_functions(*signatures: str) -> None:
    for signature in signatures:
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {signature}")


def _index(name: str, table: str, expression: str) -> None:
    """Build the index concurrently, first dropping one that an interrupted run may have left half built."""
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.create_index(
        name, table, [sa.text(expression)], postgresql_concurrently=True, if_not_exists=True, postgresql_using="gin"
    )


def _take_place(name: str) -> None:
    """Drop the current word index, and rename the index `name` to replace it."""
    op.execute("-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX idx_audit_words")
    op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX {name} RENAME TO idx_audit_words")
