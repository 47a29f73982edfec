"""Audit entries and their words are created in fewer steps."""

from importlib import import_module

from alembic import op

revision = "0050_cheaper_entries"
down_revision = "0049_who_asks"
branch_labels = None
depends_on = None

description = "Changes are recorded more quickly"
breaking = False

_FOUNDATION = import_module("migrations.versions.0001_foundation")
_TRASH = import_module("migrations.versions.0015_trash")
_NAMES = import_module("migrations.versions.0036_names_in_the_trail")
_SIGNED = import_module("migrations.versions.0041_signed_context")
_CLASSES = import_module("migrations.versions.0044_names_by_who_may_know_them")

#: Declarations in `context_proof` of its parts.
_PROOF_PARTS = _SIGNED.CONTEXT_PROOF.partition("DECLARE")[2].partition("BEGIN")[0]

# The behavior of these two is unchanged. Without a setting of their own, and parsed when they are created, they are
# inlined into the calling expression; as separate functions each took as long as writing the entry to two indexes.
# `convert_to` counts as stable, so the second one is stable, too; otherwise it would not be inlined.
UUID7 = """
CREATE OR REPLACE FUNCTION new_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
  PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
  52, 1), 53, 1), 'hex')::uuid
"""
PAYLOAD_HASH = """
CREATE OR REPLACE FUNCTION audit_payload_hash(salt bytea, before jsonb, after jsonb, label text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(salt || convert_to(
  coalesce(before::text, '') || chr(31) || coalesce(after::text, '') || coalesce(chr(31) || label, ''), 'UTF8'))
"""

# The only function that writes the trail. An entry's label and an action's metadata are values of the single INSERT:
# checking whether triggers on the trail should fire took longer than doing their work.
AUDIT_APPEND = """
CREATE FUNCTION audit_append(
  organization uuid, event_action text, type text, resource uuid, old_values jsonb, new_values jsonb, details jsonb,
  label text DEFAULT NULL
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  entry uuid := new_uuid7();
  operation text := nullif(current_setting('app.operation_id', true), '');
  entry_salt bytea := uuid_send(gen_random_uuid());
  place bigint := audit_position();
  facts jsonb := coalesce(details, '{}');
BEGIN
  IF operation IS NULL THEN
    operation := set_config('app.operation_id', new_uuid7()::text, true);
  END IF;
  IF nullif(current_setting('app.action_metadata', true), '') IS NOT NULL
     AND current_setting('app.action_target', true) = type || ':' || resource
  THEN
    facts := facts || current_setting('app.action_metadata')::jsonb;
  END IF;
  INSERT INTO audit_logs (
    organization_id, id, user_id, actor_label, actor_role, source, action, resource_type, resource_id, before, after,
    resource_label, metadata, ip_address, user_agent, request_id, correlation_id, operation_id, created_at, pos, salt,
    payload_hash
  ) VALUES (
    organization, entry, nullif(current_setting('app.actor_id', true), '')::uuid,
    coalesce(nullif(current_setting('app.actor_label', true), ''), session_user::text),
    nullif(current_setting('app.actor_role', true), ''),
    coalesce(nullif(current_setting('app.source', true), ''), 'database'),
    event_action, type, resource, old_values, new_values, label, facts,
    coalesce(nullif(current_setting('app.ip_address', true), '')::inet, inet_client_addr()),
    nullif(current_setting('app.user_agent', true), ''), nullif(current_setting('app.request_id', true), ''),
    nullif(current_setting('app.correlation_id', true), ''), operation::uuid, clock_timestamp(), place, entry_salt,
    audit_payload_hash(entry_salt, old_values, new_values, label)
  );
  RETURN entry;
END
$$
"""

# A row without both old and new values is read once. The app plans each statement again, which here would take as long
# as everything else; functions called from here also keep their plans.
AUDIT_ROW = """
CREATE OR REPLACE FUNCTION audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  type CONSTANT text := TG_ARGV[0];
  ignored CONSTANT text[] := TG_ARGV[1];
  redacted CONSTANT text[] := TG_ARGV[2];
  old_row jsonb;
  row_values jsonb;
  before jsonb;
  after jsonb;
  verb text;
  done uuid;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    old_row := to_jsonb(OLD);
    row_values := to_jsonb(NEW);
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY (redacted) AND was <> 'null' THEN '"[redacted]"' ELSE was END),
           jsonb_object_agg(key, CASE WHEN key = ANY (redacted) AND is_now <> 'null' THEN '"[redacted]"' ELSE is_now END)
    INTO before, after
    FROM (SELECT key, value, row_values -> key FROM jsonb_each(old_row) OFFSET 0) columns (key, was, is_now)
    WHERE was <> is_now AND key <> ALL (ignored);
    IF before IS NULL THEN
      RETURN NULL;
    END IF;
  ELSE
    row_values := CASE TG_OP WHEN 'INSERT' THEN to_jsonb(NEW) ELSE to_jsonb(OLD) END;
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY (redacted) THEN '"[redacted]"' ELSE value END) INTO after
    FROM jsonb_each(row_values) WHERE value <> 'null' AND key <> ALL (ignored);
    IF TG_OP = 'DELETE' THEN
      before := after;
      after := NULL;
    END IF;
  END IF;
  IF current_setting('app.action_target', true) = type || ':' || (row_values ->> 'id') THEN
    verb := current_setting('app.action', true);
  ELSE
    verb := type || CASE
      WHEN TG_OP = 'INSERT' THEN '.created'
      WHEN TG_OP = 'DELETE' AND row_values ? 'deleted_at' THEN '.purged'
      WHEN TG_OP = 'DELETE' THEN '.deleted'
      WHEN old_row ->> 'deleted_at' IS NULL AND row_values ->> 'deleted_at' IS NOT NULL THEN '.deleted'
      WHEN old_row ->> 'deleted_at' IS NOT NULL AND row_values ->> 'deleted_at' IS NULL THEN '.restored'
      ELSE '.updated'
    END;
  END IF;
  done := audit_append(
    coalesce(row_values ->> 'organization_id', row_values ->> 'id')::uuid, verb, type, (row_values ->> 'id')::uuid,
    before, after, NULL, nullif(audit_label(type, row_values), '')
  );
  RETURN NULL;
END
$$
"""

# The proof is computed inline, not by `context_proof`, which remains for callers that need it once per transaction: for
# each entry, a nested function with its own rights and settings would be entered and left.
SIGNED_ENTRY = f"""
CREATE OR REPLACE FUNCTION signed_entry() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE{_PROOF_PARTS}BEGIN
  IF {_SIGNED._MUST_PROVE} THEN
    {_SIGNED._OWN_KEY}
    IF current_setting('app.context_proof', true) IS DISTINCT FROM {_SIGNED._PROOF_OF.format(what="context")} THEN
      RAISE EXCEPTION 'this transaction does not act in that name' USING ERRCODE = '42501';
    END IF;
  END IF;
  RETURN NEW;
END
$$
"""

_SPACES = "said"
for _mark in "-_+./:,@":
    _SPACES = f"replace({_SPACES}, '{_mark}', ' ')"
_CALLED = " ".join(
    f"WHEN type = ANY ({_CLASSES._array(kinds)}) THEN '{prefix}'" for prefix, kinds in _CLASSES.CLASSES.items()
)
# The same words as before, which a test verifies, so an existing index stays valid. Splitting by a regular expression
# takes most of a microsecond per word, so the usual separators are replaced by spaces, and the expression is left for
# texts with others. IDs and timestamps are recognized by their parts for the same reason.
AUDIT_WORDS = f"""
CREATE OR REPLACE FUNCTION audit_words(
  organization uuid, created_at timestamptz, actor_label text, before jsonb, after jsonb, details jsonb, record uuid,
  request text, correlation text, type text, label text
) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 2000
SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  cut CONSTANT text := E'\\x01';
  called CONSTANT text := CASE {_CALLED} ELSE 'l:' END;
  fields text[];
  told text;
  longest integer;
  said text;
  words text[];
BEGIN
  SELECT
    string_agg(CASE
      WHEN value >= '0' COLLATE "C" AND value < ':' COLLATE "C"
        AND translate(left(value, 11), '123456789', '000000000') = '0000-00-00T' THEN NULL
      WHEN length(value) = 36 AND pg_input_is_valid(value, 'uuid') AND value::uuid::text = value
        THEN replace(value, '-', '')
      ELSE value END, ' '),
    max(length(value)),
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
    LATERAL (SELECT left(leaf #>> '{{}}', 50000) OFFSET 0) text_of (value);
  said := lower(concat_ws(cut,
    replace(left(concat_ws(' ', actor_label, told), 50000), cut, ' '),
    replace(left(actor_label, 1000), cut, ' '), replace(label, cut, ' ')));
  said := {_SPACES};
  IF said ~ E'[^[:alnum:] \\x01]' THEN
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

#: The triggers that did a part of `audit_append` before, and their conditions.
TRIGGERS = {
    "add_audit_label": (
        "(NEW.before IS NOT NULL OR NEW.after IS NOT NULL) "
        "AND nullif(current_setting('app.audit_label', true), '') IS NOT NULL"
    ),
    "add_action_metadata": (
        "nullif(current_setting('app.action_metadata', true), '') IS NOT NULL "
        "AND current_setting('app.action_target', true) = NEW.resource_type || ':' || NEW.resource_id"
    ),
}
_APPEND_BEFORE = "audit_append(uuid, text, text, uuid, jsonb, jsonb, jsonb)"
_APPEND = "audit_append(uuid, text, text, uuid, jsonb, jsonb, jsonb, text)"


def upgrade() -> None:
    op.execute(UUID7)
    op.execute(PAYLOAD_HASH)
    for trigger in TRIGGERS:
        op.execute(f"DROP TRIGGER {trigger} ON audit_logs")
        _drop_functions(f"{trigger}()")
    _drop_functions(_APPEND_BEFORE)
    for function in (AUDIT_APPEND, AUDIT_ROW, SIGNED_ENTRY, AUDIT_WORDS):
        op.execute(function)


def downgrade() -> None:
    _drop_functions(_APPEND)
    op.execute(
        _FOUNDATION.AUDIT_APPEND.replace("pg_current_xact_id()::text::bigint", "audit_position()").replace(
            "'system')", "'database')"
        )
    )
    for function in (
        _NAMES.AUDIT_ROW, _SIGNED.SIGNED_ENTRY, _CLASSES.AUDIT_WORDS, _NAMES.PAYLOAD_HASH, _FOUNDATION.UUID7,
    ):  # fmt: skip
        op.execute(function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
    for function in (_NAMES.ADD_LABEL, _TRASH.ADD_METADATA):
        op.execute(function)
    for trigger, wanted in TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER {trigger} BEFORE INSERT ON audit_logs FOR EACH ROW WHEN ({wanted}) "
            f"EXECUTE FUNCTION {trigger}()"
        )


def _drop_functions(*signatures: str) -> None:
    for signature in signatures:
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {signature}")
