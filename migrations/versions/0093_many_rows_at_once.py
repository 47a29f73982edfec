"""Audit entries and search terms of many rows are created in fewer steps."""

from importlib import import_module

from alembic import op

from migrations.support import ALWAYS_IGNORED, audit

revision = "0093_many_rows_at_once"
down_revision = "0092_imported_answers"
branch_labels = None
depends_on = None

description = "Calls and contacts come in more quickly"
breaking = False

_FOUND = import_module("migrations.versions.0051_people_found")

# Writes the entries of `audit_row` and `audit_append` for all inserted rows of a statement: the entries of a thousand
# calls took as long as another two thousand calls. A change of those functions requires the same change here; a test
# compares them.
AUDIT_INSERTED = """
CREATE FUNCTION audit_inserted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  type CONSTANT text := TG_ARGV[0];
  ignored CONSTANT text[] := TG_ARGV[1];
  redacted CONSTANT text[] := TG_ARGV[2];
  target CONSTANT text := current_setting('app.action_target', true);
  verb CONSTANT text := current_setting('app.action', true);
  facts CONSTANT jsonb := nullif(current_setting('app.action_metadata', true), '');
  operation text := nullif(current_setting('app.operation_id', true), '');
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
    coalesce(row_values ->> 'organization_id', row_values ->> 'id')::uuid, new_uuid7(),
    nullif(current_setting('app.actor_id', true), '')::uuid,
    coalesce(nullif(current_setting('app.actor_label', true), ''), session_user::text),
    nullif(current_setting('app.actor_role', true), ''),
    coalesce(nullif(current_setting('app.source', true), ''), 'database'),
    CASE WHEN is_target THEN verb ELSE type || '.created' END, type, (row_values ->> 'id')::uuid, after,
    label, CASE WHEN is_target AND facts IS NOT NULL THEN facts ELSE '{}' END,
    coalesce(nullif(current_setting('app.ip_address', true), '')::inet, inet_client_addr()),
    nullif(current_setting('app.user_agent', true), ''), nullif(current_setting('app.request_id', true), ''),
    nullif(current_setting('app.correlation_id', true), ''), operation::uuid, clock_timestamp(), place, salt,
    audit_payload_hash(salt, NULL, after, label)
  FROM (
    SELECT row_values, coalesce(target = type || ':' || (row_values ->> 'id'), false) AS is_target,
      uuid_send(gen_random_uuid()) AS salt, nullif(audit_label(type, row_values), '') AS label,
      (SELECT jsonb_object_agg(key, CASE WHEN key = ANY (redacted) THEN '"[redacted]"' ELSE value END)
       FROM jsonb_each(row_values) WHERE value <> 'null' AND key <> ALL (ignored)) AS after
    FROM (SELECT to_jsonb(fresh) AS row_values FROM fresh OFFSET 0) found
    OFFSET 0
  ) made;
  RETURN NULL;
END
$$
"""
#: Tables into which rows are imported by the thousand, and that no other trigger changes on insert: kind and ignored
#: columns. Entries are written after the effects of row-level triggers.
IN_BULK = {
    "calls": ("call", ()),
    "contact_cards": ("contact_card", ("full_name", "name_key", "company_key")),
    "contact_phones": ("contact_phone", ()),
}

# The same parts as before, so indexes stay valid. The SQL function started a statement for every row, even for one with
# a number and no name.
PARTS = """
CREATE OR REPLACE FUNCTION search_parts(organization uuid, names text[], others text[], number text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  called CONSTANT text := array_to_string(names, ' ');
  said CONSTANT text := array_to_string(others, ' ');
  here CONSTANT text := organization || ':';
  parts text[] := '{}';
BEGIN
  IF called <> '' THEN
    parts := ARRAY(
      SELECT here || substr(word, place)
      FROM (SELECT left(part, 60) FROM regexp_split_to_table(search_fold(called), '[^[:alnum:]]+') part) name (word),
        generate_series(1, greatest(length(word) - 2, 1)) place
      WHERE word <> ''
    );
  END IF;
  IF said <> '' THEN
    parts := parts || ARRAY(
      SELECT here || left(word, 60) FROM regexp_split_to_table(search_fold(said), '[^[:alnum:]]+') word WHERE word <> ''
    );
  END IF;
  FOR place IN 2 .. coalesce(length(number) - 3, 0) LOOP
    parts := parts || (here || substr(number, place));
  END LOOP;
  RETURN array_to_tsvector(parts);
END
$$
"""


# The organization of a transaction cannot change within one INSERT into the trail, so all its rows belong to the same
# one.
SIGNED = "CREATE TRIGGER signed BEFORE INSERT ON audit_logs FOR EACH {} EXECUTE FUNCTION signed_entry()"


def upgrade() -> None:
    op.execute(PARTS)
    op.execute(AUDIT_INSERTED)
    op.execute("DROP TRIGGER signed ON audit_logs")
    op.execute(SIGNED.format("STATEMENT"))
    for table, (kind, ignored) in IN_BULK.items():
        told = f"'{kind}', '{{{','.join((*ALWAYS_IGNORED, *ignored))}}}', '{{}}'"
        op.execute(f"DROP TRIGGER audit ON {table}")
        op.execute(
            f"CREATE TRIGGER audit AFTER UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_row({told})"
        )
        op.execute(
            f"CREATE TRIGGER audit_inserted AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh "
            f"FOR EACH STATEMENT EXECUTE FUNCTION audit_inserted({told})"
        )


def downgrade() -> None:
    for table, (kind, ignored) in IN_BULK.items():
        op.execute(f"DROP TRIGGER audit_inserted ON {table}")
        op.execute(f"DROP TRIGGER audit ON {table}")
        audit(table, kind, ignored=ignored)
    op.execute("DROP FUNCTION audit_inserted()")
    op.execute("DROP TRIGGER signed ON audit_logs")
    op.execute(SIGNED.format("ROW"))
    op.execute(_FOUND.PARTS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
