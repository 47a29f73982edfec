"""Audit entries, their words, and checks of inserted calls take fewer steps."""

from importlib import import_module

from alembic import op

revision = "0094_entries_in_fewer_steps"
down_revision = "0093_many_rows_at_once"
branch_labels = None
depends_on = None

description = "Calls and contacts come in more quickly"
breaking = False

_TELEPHONY = import_module("migrations.versions.0010_telephony")
_NAMES = import_module("migrations.versions.0036_names_in_the_trail")
_REVISIONS = import_module("migrations.versions.0045_revisions")
_ENTRIES = import_module("migrations.versions.0050_cheaper_entries")
_SPELLING = import_module("migrations.versions.0075_misspelt_found")
_MANY = import_module("migrations.versions.0093_many_rows_at_once")

_SPACES = "said"
for _mark in "-_+./:,@\\":
    _SPACES = f"replace({_SPACES}, '{_mark}', ' ')"
# An ID is one word, and a timestamp none.
_TOLD = """string_agg(CASE
        WHEN value LIKE '________-____-____-____-____________'
          AND pg_input_is_valid(value, 'uuid') AND value::uuid::text = value THEN replace(value, '-', '')
        WHEN value LIKE '____-__-__T%' AND translate(left(value, 11), '123456789', '000000000') = '0000-00-00T'
          THEN NULL{}
        ELSE value END, ' ')"""
_NO_WORD = """
        WHEN value IN ('{}', '[]') OR value IN ('true', 'false') AND jsonb_typeof(tree -> key) = 'boolean' THEN NULL"""

# The same words as before, which a test verifies, so an existing index stays valid. Names and values of fields come
# from one pass; only nested values are searched further. Letters of other alphabets are tested for only if there are
# non-English ones.
AUDIT_WORDS = f"""
CREATE OR REPLACE FUNCTION audit_words(
  organization uuid, created_at timestamptz, actor_label text, before jsonb, after jsonb, details jsonb, record uuid,
  request text, correlation text, type text, label text
) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 2000
SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  cut CONSTANT text := E'\\x01';
  called CONSTANT text := CASE {_ENTRIES._CALLED} ELSE 'l:' END;
  is_nested boolean := jsonb_typeof(before) <> 'object' OR jsonb_typeof(after) <> 'object'
    OR jsonb_typeof(details) <> 'object';
  fields text[];
  told text;
  longest integer;
  said text;
  words text[];
BEGIN
  IF is_nested IS NOT TRUE THEN
    SELECT
      {_TOLD.format(_NO_WORD)},
      max(octet_length(value)), array_agg('f:' || left(key, 80)) FILTER (WHERE is_field),
      bool_or((value LIKE '{{__%' OR value LIKE '[__%') AND jsonb_typeof(tree -> key) <> 'string')
    INTO told, longest, fields, is_nested
    FROM (VALUES (before, true), (after, true), (details, false)) payload (tree, is_field), jsonb_each_text(tree);
  END IF;
  IF is_nested THEN
    SELECT
      {_TOLD.format("")},
      max(octet_length(value)),
      ARRAY(
        SELECT 'f:' || left(key, 80) FROM (
          SELECT jsonb_object_keys(before) WHERE jsonb_typeof(before) = 'object'
          UNION ALL
          SELECT jsonb_object_keys(after) WHERE jsonb_typeof(after) = 'object'
        ) field (key)
      )
    INTO told, longest, fields
    FROM (VALUES (before), (after), (details)) payload (tree),
      jsonb_path_query(tree, 'strict $.** ? (@.type() == "string" || @.type() == "number")') leaf,
      LATERAL (SELECT leaf #>> '{{}}' OFFSET 0) text_of (value);
  END IF;
  said := lower(concat_ws(cut,
    replace(left(concat_ws(' ', actor_label, told), 50000), cut, ' '),
    replace(left(actor_label, 1000), cut, ' '), replace(label, cut, ' ')));
  said := {_SPACES};
  IF said COLLATE "C" ~ E'[^a-z0-9 \\x01]' THEN
    said := regexp_replace(said, E'[^[:alnum:]\\x01]+', ' ', 'g');
  END IF;
  words := array_remove(string_to_array(split_part(said, cut, 1), ' '), '')
    || array_remove(string_to_array('n:' || replace(split_part(said, cut, 2), ' ', ' n:'), ' '), 'n:')
    || array_remove(string_to_array(called || replace(split_part(said, cut, 3), ' ', ' ' || called), ' '), called);
  IF greatest(longest, length(actor_label), length(label)) > 100 THEN
    words := ARRAY(SELECT left(word, CASE WHEN strpos(word, ':') > 0 THEN 102 ELSE 100 END) FROM unnest(words) word);
  END IF;
  RETURN array_to_tsvector(words || fields || array_remove(ARRAY[
    'o:' || organization, 'k:' || type,
    'm:' || organization || ':' || public.audit_month(created_at),
    'r:' || left(request, 200), 'r:' || left(correlation, 200), replace(record::text, '-', '')
  ], NULL));
END
$$
"""

# As before, for all rows of a statement; common values are computed once. The salts are hashes of one secret that is
# never stored, so none reveals another: requesting random bytes took as long as writing to an index.
AUDIT_INSERTED = """
CREATE OR REPLACE FUNCTION audit_inserted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  type CONSTANT text := TG_ARGV[0];
  ignored CONSTANT text[] := TG_ARGV[1];
  redacted CONSTANT text[] := TG_ARGV[2];
  target CONSTANT text := current_setting('app.action_target', true);
  verb CONSTANT text := current_setting('app.action', true);
  facts CONSTANT jsonb := nullif(current_setting('app.action_metadata', true), '');
  actor CONSTANT uuid := nullif(current_setting('app.actor_id', true), '');
  label_of_actor CONSTANT text := coalesce(nullif(current_setting('app.actor_label', true), ''), session_user::text);
  role_of_actor CONSTANT text := nullif(current_setting('app.actor_role', true), '');
  brought_by CONSTANT text := coalesce(nullif(current_setting('app.source', true), ''), 'database');
  address CONSTANT inet := coalesce(nullif(current_setting('app.ip_address', true), '')::inet, inet_client_addr());
  agent CONSTANT text := nullif(current_setting('app.user_agent', true), '');
  request CONSTANT text := nullif(current_setting('app.request_id', true), '');
  correlation CONSTANT text := nullif(current_setting('app.correlation_id', true), '');
  operation text := nullif(current_setting('app.operation_id', true), '');
  secret CONSTANT bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
  place bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM fresh) THEN
    RETURN NULL;
  END IF;
  place := audit_position();
  IF operation IS NULL THEN
    operation := set_config('app.operation_id', new_uuid7()::text, true);
  END IF;
  INSERT INTO audit_logs (
    organization_id, id, user_id, actor_label, actor_role, source, action, resource_type, resource_id, after,
    resource_label, metadata, ip_address, user_agent, request_id, correlation_id, operation_id, created_at, pos, salt,
    payload_hash
  )
  SELECT
    organization, new_uuid7(), actor, label_of_actor, role_of_actor, brought_by,
    CASE WHEN is_target THEN verb ELSE type || '.created' END, type, (row_values ->> 'id')::uuid, after,
    label, CASE WHEN is_target AND facts IS NOT NULL THEN facts ELSE '{}' END,
    address, agent, request, correlation, operation::uuid, clock_timestamp(), place, salt,
    audit_payload_hash(salt, NULL, after, label)
  FROM (
    SELECT row_values, organization, coalesce(target = type || ':' || (row_values ->> 'id'), false) AS is_target,
      substr(sha256(secret || convert_to(row_values ->> 'id', 'UTF8')), 1, 16) AS salt,
      -- What `audit_label` says of calls, which come by the thousand, without a function of its own for each.
      nullif(CASE WHEN type <> 'call' THEN audit_label(type, row_values) ELSE left(coalesce(
        (SELECT coalesce(full_name, nullif(company_name, ''), primary_phone) FROM contact_cards
         WHERE organization_id = organization AND id = (row_values ->> 'contact_card_id')::uuid),
        row_values ->> 'caller_number', row_values ->> 'called_number'), 80) END, '') AS label,
      -- Without what has no value; within a value nothing is left out.
      CASE
        WHEN redacted = '{}' AND NOT jsonb_path_exists(row_values, '$.*.**{1 to last} ? (@ == null)')
          THEN jsonb_strip_nulls(row_values) - ignored
        ELSE (SELECT jsonb_object_agg(key, CASE WHEN key = ANY (redacted) THEN '"[redacted]"' ELSE value END)
              FROM jsonb_each(row_values) WHERE value <> 'null' AND key <> ALL (ignored))
      END AS after
    FROM (
      SELECT row_values, coalesce(row_values ->> 'organization_id', row_values ->> 'id')::uuid AS organization
      FROM (SELECT to_jsonb(fresh) AS row_values FROM fresh OFFSET 0) found
      OFFSET 0
    ) named
    OFFSET 0
  ) made;
  RETURN NULL;
END
$$
"""

# The same words as before, with a cached plan, and without sorting what a tsvector sorts itself.
NAME_WORDS = """
CREATE OR REPLACE FUNCTION name_words(organization uuid, name text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  words tsvector;
BEGIN
  SELECT array_to_tsvector(array_agg(organization || ':' || left(word, 100))) INTO words
  FROM regexp_split_to_table(lower(left(name, 1000)), '[^[:alnum:]]+') word WHERE word <> '';
  RETURN words;
END
$$
"""
# A new caller has a number and no name yet, so there is nothing to spell.
MISSPELT = (
    _SPELLING.MISSPELT.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
    .replace("latin text := search_latin(array_to_string(names, ' '));", "latin text;")
    .replace("sound text := search_sounds(latin);", "sound text;")
    .replace(
        "BEGIN\n",
        """BEGIN
  IF array_to_string(names, '') = '' THEN
    RETURN keys;
  END IF;
  latin := search_latin(array_to_string(names, ' '));
  sound := search_sounds(latin);
""",
        1,
    )
)

# Checks of each inserted row, done for all rows of a statement: each card and organization is locked and checked once.
# They run after the checks of foreign keys, and lock the same rows.
CARDS_IN_TRASH = """
CREATE FUNCTION refuse_cards_in_trash() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  is_refused boolean;
BEGIN
  SELECT bool_or((
    SELECT deleted_at IS NOT NULL FROM contact_cards
    WHERE organization_id = referring.organization_id AND id = referring.contact_card_id
    FOR KEY SHARE
  )) INTO is_refused
  FROM (
    SELECT DISTINCT organization_id, contact_card_id FROM fresh
    WHERE contact_card_id IS NOT NULL AND (TG_TABLE_NAME = 'calls' OR to_jsonb(fresh) ->> 'deleted_at' IS NULL)
  ) referring;
  IF is_refused THEN
    RAISE EXCEPTION 'the contact card is in the trash'
      USING ERRCODE = '23514', CONSTRAINT = 'contact_card_not_deleted', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END
$$
"""
CALLS_OF_DELETED_ORGANIZATION = """
CREATE FUNCTION refuse_calls_of_deleted_organization() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  is_refused boolean;
BEGIN
  SELECT bool_or((SELECT deleted_at IS NOT NULL FROM organizations WHERE id = organization FOR KEY SHARE))
  INTO is_refused
  FROM (SELECT DISTINCT organization_id FROM fresh) taking (organization);
  IF is_refused THEN
    RAISE EXCEPTION 'the organization of this call is deleted'
      USING ERRCODE = '23514', CONSTRAINT = 'organization_not_deleted', TABLE = 'calls';
  END IF;
  RETURN NULL;
END
$$
"""

# The values of most calls are already known, which is checked without a statement for each step. The locks come first,
# as before.
NOTE_OF_CALL = """
CREATE OR REPLACE FUNCTION note_offered_values() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  organization uuid := coalesce(NEW.organization_id, OLD.organization_id);
  locked text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    locked := pg_advisory_xact_lock_shared(hashtextextended(organization || 'topic' || NEW.topic, 0));
    locked := pg_advisory_xact_lock_shared(hashtextextended(organization || 'csr' || NEW.csr_id, 0));
    IF (NEW.topic IS NULL OR EXISTS (
      SELECT FROM offered_values WHERE organization_id = organization AND kind = 'topic' AND value = NEW.topic
    )) AND (NEW.csr_id IS NULL OR EXISTS (
      SELECT FROM offered_values WHERE organization_id = organization AND kind = 'csr' AND value = NEW.csr_id::text
    )) THEN
      RETURN NULL;
    END IF;
  END IF;
  PERFORM note_offered_value(organization, 'topic', OLD.topic, NEW.topic, 'topics');
  PERFORM note_offered_value(organization, 'csr', OLD.csr_id::text, NEW.csr_id::text, 'people');
  RETURN NULL;
END
$$
"""
#: Tables whose bulk inserts refer to cards, in the order in which an import writes to them.
NAME_A_CARD = {"contact_phones": " AND NEW.deleted_at IS NULL", "calls": ""}


def upgrade() -> None:
    for function in (
        AUDIT_WORDS, AUDIT_INSERTED, NAME_WORDS, MISSPELT, CARDS_IN_TRASH, CALLS_OF_DELETED_ORGANIZATION, NOTE_OF_CALL,
    ):  # fmt: skip
        op.execute(function)
    for table in NAME_A_CARD:
        op.execute(f"DROP TRIGGER refuse_card_in_trash ON {table}")
        op.execute(_of_statement("refuse_cards_in_trash", table, "refuse_cards_in_trash"))
    op.execute("DROP TRIGGER refuse_deleted_organization ON calls")
    op.execute(_of_statement("refuse_deleted_organization", "calls", "refuse_calls_of_deleted_organization"))
    _drop_function("refuse_call_of_deleted_organization")


def downgrade() -> None:
    for table, unless_deleted in NAME_A_CARD.items():
        op.execute(f"DROP TRIGGER refuse_cards_in_trash ON {table}")
        op.execute(
            f"CREATE TRIGGER refuse_card_in_trash BEFORE INSERT ON {table} FOR EACH ROW "
            f"WHEN (NEW.contact_card_id IS NOT NULL{unless_deleted}) EXECUTE FUNCTION refuse_card_in_trash()"
        )
    op.execute("DROP TRIGGER refuse_deleted_organization ON calls")
    op.execute(_TELEPHONY.CALL_OF_DELETED_ORGANIZATION)
    op.execute(
        "CREATE TRIGGER refuse_deleted_organization BEFORE INSERT ON calls FOR EACH ROW "
        "EXECUTE FUNCTION refuse_call_of_deleted_organization()"
    )
    for function in ("refuse_cards_in_trash", "refuse_calls_of_deleted_organization"):
        _drop_function(function)
    for before in (_REVISIONS.NOTE_OF_CALL, _SPELLING.MISSPELT, _MANY.AUDIT_INSERTED):
        op.execute(before.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
    op.execute(_NAMES.NAME_WORDS)
    op.execute(_ENTRIES.AUDIT_WORDS)


def _drop_function(name: str) -> None:
    op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {name}()")


def _of_statement(name: str, table: str, function: str) -> str:
    return (
        f"CREATE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )
