"""Signed transaction context, so no one can switch to another organization or act under another name."""

from alembic import op

revision = "0041_signed_context"
down_revision = "0040_rights_of_the_app"
branch_labels = None
depends_on = None

description = "The context of a transaction is signed"
# The previous version signs nothing, and would therefore see nothing.
breaking = True

# 'own' is the database's key, generated here, and never leaves it; the others are the app's, registered by `flask db
# upgrade`. They are stored as HMAC needs them: padded to a block of 64 bytes, XORed with 0x36 and with 0x5c.
KEYS = """
CREATE TABLE context_keys (
  id text NOT NULL CONSTRAINT pk_context_keys PRIMARY KEY,
  inner_pad bytea NOT NULL,
  outer_pad bytea NOT NULL,
  added_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""

# The two newest of the app's keys are retained, so that processes with the previous one keep working.
ADD_KEY = """
CREATE FUNCTION add_context_key(key_id text, key bytea) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public AS $$
  WITH bytes AS (
    SELECT at, get_byte(key || decode(repeat('00', 64 - length(key)), 'hex'), at) AS byte
    FROM generate_series(0, 63) AS at
  )
  INSERT INTO context_keys (id, inner_pad, outer_pad)
  SELECT key_id, decode(string_agg(lpad(to_hex(byte # 54), 2, '0'), '' ORDER BY at), 'hex'),
         decode(string_agg(lpad(to_hex(byte # 92), 2, '0'), '' ORDER BY at), 'hex')
  FROM bytes
  ON CONFLICT (id) DO UPDATE SET added_at = excluded.added_at;
  DELETE FROM context_keys
  WHERE id <> 'own' AND id NOT IN (SELECT id FROM context_keys WHERE id <> 'own' ORDER BY added_at DESC LIMIT 2)
$$
"""

# Each of these is called several times per request, so they are written for plpgsql's fast path: an assigned expression
# needs no plan, and the single query has no parameter, so its plan is cached.
_OWN_KEY = "SELECT inner_pad, outer_pad INTO STRICT inner_key, outer_key FROM context_keys WHERE id = 'own';"

# HMAC-SHA256 with the database's own key: valid in this transaction of this process, and no one else can compute it.
_PROOF_OF = """encode(sha256(outer_key || sha256(
    inner_key || int4send(pg_backend_pid()) || timestamptz_send(now()) || convert_to({what}, 'UTF8')
  )), 'hex')"""

# Every value is quoted, so that none can be confused with the end of it. Without the operation, which the trail can
# begin itself.
CONTEXT_PROOF = f"""
CREATE FUNCTION context_proof() RETURNS text LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  inner_key bytea;
  outer_key bytea;
  context text := format('%L%L%L%L%L%L%L%L%L',
    current_setting('app.organization_id', true), current_setting('app.actor_id', true),
    current_setting('app.actor_label', true), current_setting('app.actor_role', true),
    current_setting('app.source', true), current_setting('app.ip_address', true),
    current_setting('app.user_agent', true), current_setting('app.request_id', true),
    current_setting('app.correlation_id', true));
BEGIN
  {_OWN_KEY}
  RETURN {_PROOF_OF.format(what="context")};
END
$$
"""

ORGANIZATION_PROOF = f"""
CREATE FUNCTION organization_proof(organization text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  inner_key bytea;
  outer_key bytea;
BEGIN
  {_OWN_KEY}
  RETURN {_PROOF_OF.format(what="organization")};
END
$$
"""

# The app's signature is passed as a bound value, where no other statement can read it. It is valid for these facts; the
# proofs created here are valid only in this transaction.
SET_CONTEXT = """
CREATE FUNCTION set_context(facts text, key_id text, signature bytea) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  fact jsonb := facts;
  inner_key bytea;
  outer_key bytea;
  done text;
BEGIN
  SELECT inner_pad, outer_pad INTO inner_key, outer_key FROM context_keys WHERE id = key_id AND id <> 'own';
  IF (signature = sha256(outer_key || sha256(inner_key || convert_to(facts, 'UTF8')))) IS NOT TRUE THEN
    RAISE EXCEPTION 'the context is not signed with a key that this database knows' USING ERRCODE = '42501',
      HINT = 'When SECRET_KEY has changed, run "flask db upgrade".';
  END IF;
  done := set_config('app.organization_id', coalesce(fact ->> 'organization_id', ''), true);
  done := set_config('app.actor_id', coalesce(fact ->> 'actor_id', ''), true);
  done := set_config('app.actor_label', coalesce(fact ->> 'actor_label', ''), true);
  done := set_config('app.actor_role', coalesce(fact ->> 'actor_role', ''), true);
  done := set_config('app.source', coalesce(fact ->> 'source', ''), true);
  done := set_config('app.ip_address', coalesce(fact ->> 'ip_address', ''), true);
  done := set_config('app.user_agent', coalesce(fact ->> 'user_agent', ''), true);
  done := set_config('app.request_id', coalesce(fact ->> 'request_id', ''), true);
  done := set_config('app.correlation_id', coalesce(fact ->> 'correlation_id', ''), true);
  done := set_config('app.operation_id', coalesce(fact ->> 'operation_id', ''), true);
  done := set_config('app.action', '', true);
  done := set_config('app.action_target', '', true);
  done := set_config('app.organization_proof', organization_proof(current_setting('app.organization_id')), true);
  done := set_config('app.context_proof', context_proof(), true);
  IF (fact -> 'read_only')::boolean THEN
    done := set_config('transaction_read_only', 'on', true);
  END IF;
END
$$
"""

# The owner of the tables has access to everything and needs no proof: a migration, a repair, psql.
_MUST_PROVE = "session_user IN ('app_rw', 'app_jobs', 'app_platform')"

CURRENT_ORGANIZATION = f"""
CREATE FUNCTION current_organization() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  inner_key bytea;
  outer_key bytea;
  organization text := current_setting('app.organization_id', true);
BEGIN
  IF organization = '' OR organization IS NULL THEN
    RETURN NULL;
  END IF;
  {_OWN_KEY}
  IF current_setting('app.organization_proof', true) IS DISTINCT FROM {_PROOF_OF.format(what="organization")}
     AND {_MUST_PROVE}
  THEN
    RAISE EXCEPTION 'this transaction does not serve organization %', organization USING ERRCODE = '42501';
  END IF;
  RETURN organization::uuid;
END
$$
"""

# For everything that writes an entry: a table's trigger, an event, or a future function.
SIGNED_ENTRY = f"""
CREATE FUNCTION signed_entry() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF {_MUST_PROVE} AND current_setting('app.context_proof', true) IS DISTINCT FROM context_proof() THEN
    RAISE EXCEPTION 'this transaction does not act in that name' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END
$$
"""

# A job later acts on behalf of the user who requests it now. Jobs without a requester are enqueued by the schedule's
# function.
SIGNED_JOB = f"""
CREATE FUNCTION signed_job() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT ({_MUST_PROVE}) OR session_user = 'app_jobs' AND NEW.scheduled_for IS NOT NULL THEN
    RETURN NEW;
  END IF;
  IF NEW.scheduled_for IS NOT NULL
     OR current_setting('app.context_proof', true) IS DISTINCT FROM context_proof()
     OR (NEW.context ->> 'actor_id', NEW.context ->> 'actor_label', NEW.context ->> 'actor_role', NEW.context ->> 'source')
        IS DISTINCT FROM
        (nullif(current_setting('app.actor_id'), ''), current_setting('app.actor_label'),
         nullif(current_setting('app.actor_role'), ''), current_setting('app.source'))
  THEN
    RAISE EXCEPTION 'this job would not act in the name of whoever asks for it' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END
$$
"""

FUNCTIONS = {
    "add_context_key(text, bytea)": ADD_KEY,
    "context_proof()": CONTEXT_PROOF,
    "organization_proof(text)": ORGANIZATION_PROOF,
    "set_context(text, text, bytea)": SET_CONTEXT,
    "current_organization()": CURRENT_ORGANIZATION,
    "signed_entry()": SIGNED_ENTRY,
    "signed_job()": SIGNED_JOB,
}
_WITHOUT_PROOF = "set_context(uuid, uuid, text, text, text, text, text, text, text, uuid, boolean)"

_SETTING = "nullif(current_setting('app.organization_id', true), '')::uuid"
# A sub-select, so that it is evaluated once per statement and not for every row.
_PROVEN = "(SELECT current_organization())"

# A rule for existing and future objects, like `settle_rights`: tables and functions are still written with the setting,
# as in support.py, and then changed to require the proof.
_REWRITE = """
DECLARE
  place record;
BEGIN
  FOR place IN
    SELECT tablename, policyname, with_check IS NOT NULL AS writes, substring(qual FROM '[a-z_]+') AS named
    FROM pg_policies WHERE schemaname = 'public' AND strpos(qual, '{sign}') > 0
  LOOP
    EXECUTE format($sql$ALTER POLICY %I ON %I USING (%I = {policy})$sql$,
                   place.policyname, place.tablename, place.named)
      || CASE WHEN place.writes THEN format($sql$ WITH CHECK (%I = {policy})$sql$, place.named) ELSE '' END;
  END LOOP;
  FOR place IN
    SELECT pg_get_functiondef(oid) AS definition, proowner::regrole::text AS owner FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND strpos(prosrc, $sql${found}$sql$) > 0
      AND proname <> 'settle_context'
  LOOP
    IF place.owner <> current_user THEN
      EXECUTE format('GRANT CREATE ON SCHEMA public TO %I', place.owner);
      EXECUTE format('SET LOCAL ROLE %I', place.owner);
    END IF;
    EXECUTE replace(place.definition, $sql${found}$sql$, $sql${wanted}$sql$);
    RESET ROLE;
    IF place.owner <> current_user THEN
      EXECUTE format('REVOKE CREATE ON SCHEMA public FROM %I', place.owner);
    END IF;
  END LOOP;
END
"""
SETTLE_CONTEXT = (
    "CREATE FUNCTION settle_context() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public AS $settle$"
    + _REWRITE.format(sign="app.organization_id", policy=_PROVEN, found=_SETTING, wanted=_PROVEN)
    + "$settle$"
)
UNSETTLE_CONTEXT = (
    "DO $settle$"
    + _REWRITE.format(sign="current_organization", policy=f"(SELECT {_SETTING})", found=_PROVEN, wanted=_SETTING)
    + "$settle$"
)


def upgrade() -> None:
    op.execute(KEYS)
    for function in FUNCTIONS.values():
        op.execute(function)
    op.execute(SETTLE_CONTEXT)
    op.execute("SELECT add_context_key('own', uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))")
    op.execute("GRANT EXECUTE ON FUNCTION set_context(text, text, bytea) TO app_rw, app_platform")
    op.execute("GRANT EXECUTE ON FUNCTION current_organization() TO app_rw, app_search")
    op.execute(f"REVOKE EXECUTE ON FUNCTION {_WITHOUT_PROOF} FROM app_rw, app_platform")
    op.execute("SELECT settle_context()")
    op.execute("CREATE TRIGGER signed BEFORE INSERT ON audit_logs FOR EACH ROW EXECUTE FUNCTION signed_entry()")
    op.execute(
        "CREATE TRIGGER signed BEFORE INSERT OR UPDATE OF context, scheduled_for ON jobs"
        " FOR EACH ROW EXECUTE FUNCTION signed_job()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER signed ON jobs")
    op.execute("DROP TRIGGER signed ON audit_logs")
    op.execute(UNSETTLE_CONTEXT)
    op.execute(f"GRANT EXECUTE ON FUNCTION {_WITHOUT_PROOF} TO app_rw, app_platform")
    op.execute("DROP FUNCTION settle_context()")
    for signature in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP TABLE context_keys")
