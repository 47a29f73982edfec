"""Immutable job requests, counters that can't overflow or end early, and unambiguous policies."""

from importlib import import_module

from alembic import op

revision = "0043_jobs_as_asked_for"
down_revision = "0042_whole_deletions_and_names"
branch_labels = None
depends_on = None

description = "What a job was asked for stays, and counters neither overflow nor end early"
# The previous version changes none of these columns, and calls the functions in the same way.
breaking = False

_RIGHTS = import_module("migrations.versions.0040_rights_of_the_app")
_CONTEXT = import_module("migrations.versions.0041_signed_context")

# As before, except for columns that are written once: on whose behalf a job runs, and what it does, is checked when it
# is requested.
SETTLE_RIGHTS = """
CREATE OR REPLACE FUNCTION settle_rights() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  busy CONSTANT text[] := '{calls,deletion_batches,jobs,login_attempts,messages,missed_call_entries,notifications,
                            organization_usage,rate_limits,user_sessions}';
  secrets CONSTANT text[] := '{users.password_hash}';
  written_once CONSTANT text[] := '{jobs.name,jobs.arguments,jobs.context,jobs.language,jobs.one_by_one,
                                    jobs.asked_by_label,jobs.scheduled_for}';
  place record;
BEGIN
  FOR place IN
    SELECT c.oid, c.oid::regclass AS name, c.relname = ANY (busy) OR bool_or(a.attname = 'deleted_at') AS kept,
           string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FILTER (WHERE may_change) AS changed,
           bool_or(has_column_privilege('app_rw', c.oid, a.attnum, 'UPDATE') <> may_change) AS is_unsettled,
           string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
             FILTER (WHERE c.relname || '.' || a.attname <> ALL (secrets)) AS shown,
           bool_or(c.relname || '.' || a.attname = ANY (secrets)) AS hides,
           coalesce(bool_or(NOT has_column_privilege('app_rw', c.oid, a.attnum, 'SELECT'))
             FILTER (WHERE c.relname || '.' || a.attname <> ALL (secrets)), false) AS is_unseen
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    CROSS JOIN LATERAL (
      SELECT a.attgenerated = '' AND a.attname NOT IN ('organization_id', 'id')
             AND c.relname || '.' || a.attname <> ALL (written_once) AS may_change
    ) AS of_column
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    GROUP BY c.oid
  LOOP
    IF place.is_unsettled AND has_any_column_privilege('app_rw', place.oid, 'UPDATE') THEN
      EXECUTE format('REVOKE UPDATE ON %s FROM app_rw', place.name);
      EXECUTE format('GRANT UPDATE (%s) ON %s TO app_rw', place.changed, place.name);
    END IF;
    IF place.hides AND (has_table_privilege('app_rw', place.oid, 'SELECT') OR place.is_unseen) THEN
      EXECUTE format('REVOKE SELECT ON %s FROM app_rw', place.name);
      EXECUTE format('GRANT SELECT (%s) ON %s TO app_rw', place.shown, place.name);
    END IF;
    IF place.kept AND has_table_privilege('app_rw', place.oid, 'DELETE') THEN
      EXECUTE format('REVOKE DELETE ON %s FROM app_rw', place.name);
      EXECUTE format('GRANT DELETE ON %s TO app_jobs', place.name);
    END IF;
  END LOOP;
END
$$
"""

# All signed facts, and the displayed requester.
SIGNED_JOB = f"""
CREATE OR REPLACE FUNCTION signed_job() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  facts CONSTANT text[] := '{{organization_id,actor_id,actor_label,actor_role,source,ip_address,user_agent,request_id,
                             correlation_id}}';
BEGIN
  IF NOT ({_CONTEXT._MUST_PROVE}) OR session_user = 'app_jobs' AND NEW.scheduled_for IS NOT NULL THEN
    RETURN NEW;
  END IF;
  IF NEW.scheduled_for IS NOT NULL
     OR current_setting('app.context_proof', true) IS DISTINCT FROM context_proof()
     OR NEW.asked_by_label <> current_setting('app.actor_label')
     OR EXISTS (SELECT FROM unnest(facts) AS fact
                WHERE coalesce(NEW.context ->> fact, '') <> current_setting('app.' || fact))
  THEN
    RAISE EXCEPTION 'this job would not act in the name of whoever asks for it' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END
$$
"""

# A window lasts `seconds` from its first hit, even if it was opened with a shorter duration.
COUNT_HIT = """
CREATE OR REPLACE FUNCTION count_hit(
  counted text, seconds integer, amount integer, known integer DEFAULT NULL, ends_at timestamptz DEFAULT NULL,
  OUT hits integer, OUT expires_at timestamptz
) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO rate_limits AS held (key, hits, started_at, expires_at)
  SELECT counted, greatest(0, coalesce(known, amount)), ends - make_interval(secs => seconds), ends
  FROM least(coalesce(ends_at, 'infinity'), now() + make_interval(secs => seconds)) AS ends
  WHERE seconds > 0 AND (amount > 0 OR session_user = 'app_jobs')
  ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN held.expires_at <= now() THEN excluded.hits
           ELSE least(held.hits::bigint + amount, 2147483647)::integer END,
    started_at = CASE WHEN held.expires_at <= now() THEN excluded.started_at ELSE held.started_at END,
    expires_at = CASE WHEN held.expires_at <= now() THEN excluded.expires_at
                 ELSE greatest(held.expires_at, held.started_at + make_interval(secs => seconds)) END
  RETURNING hits, expires_at
$$
"""

# As before, except for a policy with an unknown form of the setting, whose meaning is not guessed.
SETTLE_CONTEXT = rf"""
CREATE OR REPLACE FUNCTION settle_context() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public
AS $settle$
DECLARE
  form CONSTANT text := $form$\A\(([a-z_]+) = \( SELECT \(NULLIF\(current_setting\('app\.organization_id'::text, true\), $form$
    || $form$''::text\)\)::uuid( AS [^ ]+)?\)\)\Z$form$;
  place record;
BEGIN
  FOR place IN
    SELECT tablename, policyname, qual, with_check, (regexp_match(qual, form))[1] AS named FROM pg_policies
    WHERE schemaname = 'public' AND strpos(concat(qual, with_check), 'app.organization_id') > 0
  LOOP
    IF place.named IS NULL OR place.with_check <> place.qual THEN
      RAISE EXCEPTION 'policy % of % names the organization in a form of its own', place.policyname, place.tablename
        USING HINT = 'Write it as migrations/support.py does.';
    END IF;
    EXECUTE format('ALTER POLICY %I ON %I USING (%I = {_CONTEXT._PROVEN})',
                   place.policyname, place.tablename, place.named)
      || CASE WHEN place.with_check IS NULL THEN ''
         ELSE format(' WITH CHECK (%I = {_CONTEXT._PROVEN})', place.named) END;
  END LOOP;
  FOR place IN
    SELECT pg_get_functiondef(oid) AS definition, proowner::regrole::text AS owner FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND strpos(prosrc, $sql${_CONTEXT._SETTING}$sql$) > 0
      AND proname <> 'settle_context'
  LOOP
    IF place.owner <> current_user THEN
      EXECUTE format('GRANT CREATE ON SCHEMA public TO %I', place.owner);
      EXECUTE format('SET LOCAL ROLE %I', place.owner);
    END IF;
    EXECUTE replace(place.definition, $sql${_CONTEXT._SETTING}$sql$, $sql${_CONTEXT._PROVEN}$sql$);
    RESET ROLE;
    IF place.owner <> current_user THEN
      EXECUTE format('REVOKE CREATE ON SCHEMA public FROM %I', place.owner);
    END IF;
  END LOOP;
END
$settle$
"""


def upgrade() -> None:
    op.execute("ALTER TABLE rate_limits ADD COLUMN started_at timestamptz NOT NULL DEFAULT now()")
    for function in (SETTLE_RIGHTS, SIGNED_JOB, COUNT_HIT, SETTLE_CONTEXT):
        op.execute(function)


def downgrade() -> None:
    for function in (_CONTEXT.SETTLE_CONTEXT, _RIGHTS.COUNT_HIT, _CONTEXT.SIGNED_JOB, _RIGHTS.SETTLE_RIGHTS):
        op.execute(function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
    op.execute("ALTER TABLE rate_limits DROP COLUMN started_at")
