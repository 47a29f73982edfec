"""Foundation: transaction context, audit trail, rate-limit counters, settings of the installation."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import TENANT

revision = "0001_foundation"
down_revision = None
branch_labels = None
depends_on = None

description = "Foundation: context of a transaction, audit trail, rate-limit counters, settings"
breaking = False

# RFC 9562 version 7. PostgreSQL 18 has uuidv7(); 17 has not.
UUID7 = """
CREATE FUNCTION new_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
    52, 1), 53, 1), 'hex')::uuid
$$
"""

# SET LOCAL through EXECUTE instead of set_config: only SET is propagated to the shards of a distributed database.
SET_CONTEXT = """
CREATE FUNCTION set_context(
  organization uuid, actor uuid, actor_label text, actor_role text, source text, ip_address text,
  user_agent text, request_id text, correlation_id text, operation uuid, read_only boolean
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  EXECUTE format('SET LOCAL app.organization_id = %L', coalesce(organization::text, ''));
  PERFORM set_config('app.actor_id', coalesce(actor::text, ''), true),
          set_config('app.actor_label', coalesce(actor_label, ''), true),
          set_config('app.actor_role', coalesce(actor_role, ''), true),
          set_config('app.source', coalesce(source, ''), true),
          set_config('app.ip_address', coalesce(ip_address, ''), true),
          set_config('app.user_agent', coalesce(user_agent, ''), true),
          set_config('app.request_id', coalesce(request_id, ''), true),
          set_config('app.correlation_id', coalesce(correlation_id, ''), true),
          set_config('app.operation_id', coalesce(operation::text, ''), true),
          set_config('app.action', '', true),
          set_config('app.action_target', '', true);
  IF read_only THEN
    PERFORM set_config('transaction_read_only', 'on', true);
  END IF;
END
$$
"""

TOUCH = """
CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END
$$
"""

AUDIT_PAYLOAD_HASH = """
CREATE FUNCTION audit_payload_hash(salt bytea, before jsonb, after jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT sha256(salt || convert_to(coalesce(before::text, '') || chr(31) || coalesce(after::text, ''), 'UTF8'))
$$
"""

# In all functions with SECURITY DEFINER, pg_temp comes last: if omitted it would be searched first, and anyone who can
# create temporary tables could shadow the real ones.

# The only function that writes the audit trail. Changes without a context (psql, a repair) are attributed to the
# database user and the address of the connection.
AUDIT_APPEND = """
CREATE FUNCTION audit_append(
  organization uuid, event_action text, type text, resource uuid, old_values jsonb, new_values jsonb, details jsonb
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  entry uuid := new_uuid7();
  operation text := nullif(current_setting('app.operation_id', true), '');
  entry_salt bytea := uuid_send(gen_random_uuid());
BEGIN
  IF operation IS NULL THEN
    operation := new_uuid7()::text;
    PERFORM set_config('app.operation_id', operation, true);
  END IF;
  INSERT INTO audit_logs (
    organization_id, id, user_id, actor_label, actor_role, source, action, resource_type, resource_id, before, after,
    metadata, ip_address, user_agent, request_id, correlation_id, operation_id, created_at, pos, salt, payload_hash
  ) VALUES (
    organization, entry, nullif(current_setting('app.actor_id', true), '')::uuid,
    coalesce(nullif(current_setting('app.actor_label', true), ''), session_user::text),
    nullif(current_setting('app.actor_role', true), ''),
    coalesce(nullif(current_setting('app.source', true), ''), 'system'),
    event_action, type, resource, old_values, new_values, coalesce(details, '{}'),
    coalesce(nullif(current_setting('app.ip_address', true), '')::inet, inet_client_addr()),
    nullif(current_setting('app.user_agent', true), ''), nullif(current_setting('app.request_id', true), ''),
    nullif(current_setting('app.correlation_id', true), ''), operation::uuid, clock_timestamp(),
    pg_current_xact_id()::text::bigint, entry_salt, audit_payload_hash(entry_salt, old_values, new_values)
  );
  RETURN entry;
END
$$
"""

AUDIT_CHANGED = """
CREATE FUNCTION audit_changed(row_values jsonb, other jsonb, ignored text[], redacted text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT jsonb_object_agg(key, CASE WHEN key = ANY (redacted) AND value <> 'null' THEN '"[redacted]"' ELSE value END)
  FROM jsonb_each(row_values)
  WHERE key <> ALL (ignored)
    AND CASE WHEN other IS NULL THEN value <> 'null' ELSE value IS DISTINCT FROM other -> key END
$$
"""

# Arguments: resource type, ignored columns, redacted columns. Deliberately row-level: the plan of a statement-level
# trigger, cached for one row, made a change of 10,000 rows 300 times slower.
AUDIT_ROW = """
CREATE FUNCTION audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  old_row jsonb;
  new_row jsonb;
  before jsonb;
  after jsonb;
  changed jsonb;
  type text := TG_ARGV[0];
  ignored text[] := TG_ARGV[1];
  redacted text[] := TG_ARGV[2];
  verb text;
  target text;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    old_row := to_jsonb(OLD);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    new_row := to_jsonb(NEW);
  END IF;
  before := audit_changed(old_row, new_row, ignored, redacted);
  after := audit_changed(new_row, old_row, ignored, redacted);
  IF TG_OP = 'UPDATE' AND before IS NULL AND after IS NULL THEN
    RETURN NULL;
  END IF;
  changed := coalesce(new_row, old_row);
  target := type || ':' || (changed ->> 'id');
  IF current_setting('app.action_target', true) = target THEN
    verb := current_setting('app.action', true);
  ELSE
    verb := type || CASE
      WHEN TG_OP = 'INSERT' THEN '.created'
      WHEN TG_OP = 'DELETE' AND old_row ? 'deleted_at' THEN '.purged'
      WHEN TG_OP = 'DELETE' THEN '.deleted'
      WHEN old_row ->> 'deleted_at' IS NULL AND new_row ->> 'deleted_at' IS NOT NULL THEN '.deleted'
      WHEN old_row ->> 'deleted_at' IS NOT NULL AND new_row ->> 'deleted_at' IS NULL THEN '.restored'
      ELSE '.updated'
    END;
  END IF;
  PERFORM audit_append(
    coalesce(changed ->> 'organization_id', changed ->> 'id')::uuid, verb, type, (changed ->> 'id')::uuid,
    before, after, NULL
  );
  RETURN NULL;
END
$$
"""

# Records events that change no row: a failed sign-in, a refusal, an audited read, an export. Organization, actor and
# address come from the context, so that callers can only act as themselves.
RECORD_EVENT = """
CREATE FUNCTION record_event(event_action text, type text, resource uuid, details jsonb) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
BEGIN
  IF organization IS NULL THEN
    RAISE EXCEPTION 'no organization in the context' USING ERRCODE = '42501';
  END IF;
  RETURN audit_append(organization, event_action, type, resource, NULL, NULL, details);
END
$$
"""

# Rows can only be changed to erase personal data, and only their payload: the seal over payload_hash stays valid.
AUDIT_GUARD = """
CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  payload text[] := '{before,after,salt,redacted_at}';
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('app.audit_erasure', true) = 'on'
     AND NEW.before IS NULL AND NEW.after IS NULL AND NEW.salt IS NULL AND NEW.redacted_at IS NOT NULL
     AND to_jsonb(NEW) - payload = to_jsonb(OLD) - payload
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = '42501';
END
$$
"""

FUNCTIONS = (
    UUID7, SET_CONTEXT, TOUCH, AUDIT_PAYLOAD_HASH, AUDIT_APPEND, AUDIT_CHANGED, AUDIT_ROW, RECORD_EVENT, AUDIT_GUARD,
)  # fmt: skip
SIGNATURES = (
    "audit_guard()",
    "record_event(text, text, uuid, jsonb)",
    "audit_row()",
    "audit_changed(jsonb, jsonb, text[], text[])",
    "audit_append(uuid, text, text, uuid, jsonb, jsonb, jsonb)",
    "audit_payload_hash(bytea, jsonb, jsonb)",
    "touch_updated_at()",
    "set_context(uuid, uuid, text, text, text, text, text, text, text, uuid, boolean)",
    "new_uuid7()",
)
FOR_THE_APP = (
    "record_event(text, text, uuid, jsonb)",
    "set_context(uuid, uuid, text, text, text, text, text, text, text, uuid, boolean)",
    "new_uuid7()",
)


def _audit_logs() -> None:
    op.create_table(
        "audit_logs",
        sa.Column("organization_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID()),
        sa.Column("actor_label", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.Text()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("resource_type", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.UUID()),
        sa.Column("before", postgresql.JSONB()),
        sa.Column("after", postgresql.JSONB()),
        sa.Column("metadata", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("ip_address", postgresql.INET()),
        sa.Column("user_agent", sa.Text()),
        sa.Column("request_id", sa.Text()),
        sa.Column("correlation_id", sa.Text()),
        sa.Column("operation_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary()),
        sa.Column("payload_hash", sa.LargeBinary(), nullable=False),
        sa.Column("redacted_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("source IN ('user', 'system', 'external')", name="check_source"),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_audit_logs"),
    )
    newest_first = [sa.literal_column("created_at DESC"), sa.literal_column("id DESC")]
    for name, columns in {
        "idx_audit_org_date": [],
        "idx_audit_resource": ["resource_type", "resource_id"],
        "idx_audit_user_date": ["user_id"],
        "idx_audit_action_date": ["action"],
        "idx_audit_address_date": ["ip_address"],
    }.items():
        op.create_index(name, "audit_logs", ["organization_id", *columns, *newest_first])
    op.create_index("idx_audit_operation", "audit_logs", ["organization_id", "operation_id"])
    op.create_index("idx_audit_pos", "audit_logs", ["organization_id", "pos", "id"])


def _protect_audit_logs() -> None:
    """Let the app read its organization's trail; rows are added only by the SECURITY DEFINER functions.

    Triggers prevent even the owner of the table from changing or deleting rows, except to erase their payload.
    """
    op.execute("ALTER TABLE audit_logs ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE audit_logs FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON audit_logs FOR SELECT TO app_rw USING ({TENANT})")
    op.execute("CREATE POLICY owner ON audit_logs TO app_owner USING (true) WITH CHECK (true)")
    op.execute("GRANT SELECT ON audit_logs TO app_rw")
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_logs FOR EACH ROW EXECUTE FUNCTION audit_guard()"
    )
    op.execute("CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit_logs EXECUTE FUNCTION audit_guard()")


def _rate_limits() -> None:
    op.create_table(
        "rate_limits",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_rate_limits"),
        prefixes=["UNLOGGED"],
    )
    op.create_index("idx_rate_limits_expiry", "rate_limits", ["expires_at"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limits TO app_rw")


def _system_settings() -> None:
    op.create_table(
        "system_settings",
        sa.Column("only_row", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("schema_version", sa.Text(), nullable=False),
        sa.Column("maintenance_on", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("maintenance_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("only_row", name="pk_system_settings"),
        sa.CheckConstraint("only_row", name="check_only_row"),
    )
    op.execute("INSERT INTO system_settings (schema_version) VALUES ('')")
    op.execute("GRANT SELECT ON system_settings TO app_rw")


def upgrade() -> None:
    op.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    _audit_logs()
    _rate_limits()
    _system_settings()
    for function in FUNCTIONS:
        op.execute(function)
    for signature in FOR_THE_APP:
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_rw")
    _protect_audit_logs()


def downgrade() -> None:
    op.drop_table("system_settings")
    op.drop_table("rate_limits")
    op.drop_table("audit_logs")
    for signature in SIGNATURES:
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC")
