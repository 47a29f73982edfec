"""Fewer privileges for the app's role: columns instead of tables, functions for sensitive data.

Sensitive data is the queue, counters, the trash and passwords.
"""

from collections.abc import Mapping
from importlib import import_module

from alembic import op

revision = "0040_rights_of_the_app"
down_revision = "0039_pictures"
branch_labels = None
depends_on = None

description = "The app's role may do less"
# The previous version writes counters and the queue's tables itself, and reads password hashes.
breaking = True

_SUSPENSION = import_module("migrations.versions.0038_suspension")

# The rights of the app's role are a rule, not a list: env.py calls this after each migration, so that future tables and
# columns get the same rights automatically. A right to a whole table includes locking it, in any mode, against
# everyone: UPDATE is granted by column, which allows no lock that blocks readers. Keys are excluded, so that a row
# stays in its organization. Tables with a trash, and those that every request reads or writes, are deleted from by the
# worker or by `purge_rows`. Secret columns can only be read by functions made for it.
SETTLE_RIGHTS = """
CREATE FUNCTION settle_rights() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  busy CONSTANT text[] := '{calls,deletion_batches,jobs,login_attempts,messages,missed_call_entries,notifications,
                            organization_usage,rate_limits,user_sessions}';
  secrets CONSTANT text[] := '{users.password_hash}';
  place record;
BEGIN
  FOR place IN
    SELECT c.oid, c.oid::regclass AS name, c.relname = ANY (busy) OR bool_or(a.attname = 'deleted_at') AS kept,
           string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
             FILTER (WHERE a.attgenerated = '' AND a.attname NOT IN ('organization_id', 'id')) AS changed,
           coalesce(bool_or(NOT has_column_privilege('app_rw', c.oid, a.attnum, 'UPDATE'))
             FILTER (WHERE a.attgenerated = '' AND a.attname NOT IN ('organization_id', 'id')), false) AS is_new,
           string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
             FILTER (WHERE c.relname || '.' || a.attname <> ALL (secrets)) AS shown,
           bool_or(c.relname || '.' || a.attname = ANY (secrets)) AS hides,
           coalesce(bool_or(NOT has_column_privilege('app_rw', c.oid, a.attnum, 'SELECT'))
             FILTER (WHERE c.relname || '.' || a.attname <> ALL (secrets)), false) AS is_unseen
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    GROUP BY c.oid
  LOOP
    IF has_table_privilege('app_rw', place.oid, 'UPDATE')
       OR place.is_new AND has_any_column_privilege('app_rw', place.oid, 'UPDATE')
    THEN
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

UNSETTLE_RIGHTS = """
DO $$
DECLARE
  place record;
BEGIN
  FOR place IN
    SELECT c.oid, c.oid::regclass AS name,
           EXISTS (SELECT FROM aclexplode(c.relacl)
                   WHERE grantee = 'app_jobs'::regrole AND privilege_type = 'DELETE') AS kept
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  LOOP
    IF has_any_column_privilege('app_rw', place.oid, 'UPDATE') THEN
      EXECUTE format('REVOKE UPDATE ON %s FROM app_rw', place.name);
      EXECUTE format('GRANT UPDATE ON %s TO app_rw', place.name);
    END IF;
    IF place.kept THEN
      EXECUTE format('REVOKE DELETE ON %s FROM app_jobs', place.name);
      EXECUTE format('GRANT DELETE ON %s TO app_rw', place.name);
    END IF;
  END LOOP;
END
$$
"""

# Only rows in the trash, or rows that belong to someone in the trash.
PURGE_ROWS = """
CREATE FUNCTION purge_rows(target text, ids uuid[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
  place regclass := format('public.%I', target)::regclass;
  condition text;
  gone bigint;
BEGIN
  IF organization IS NULL THEN
    RAISE EXCEPTION 'no organization in the context' USING ERRCODE = '42501';
  END IF;
  SELECT CASE
    WHEN NOT bool_or(attname = 'organization_id') THEN NULL
    WHEN bool_or(attname = 'deleted_at') THEN 'doomed.deleted_at IS NOT NULL'
    WHEN bool_or(attname = 'user_id') THEN 'EXISTS (SELECT FROM users WHERE users.organization_id = $1
                                            AND users.id = doomed.user_id AND users.deleted_at IS NOT NULL)'
  END INTO condition FROM pg_attribute WHERE attrelid = place AND attnum > 0 AND NOT attisdropped;
  IF condition IS NULL THEN
    RAISE EXCEPTION 'rows of % do not go to the trash', target USING ERRCODE = '42501';
  END IF;
  EXECUTE format('DELETE FROM %s AS doomed WHERE organization_id = $1 AND id = ANY ($2) AND %s', place, condition)
    USING organization, ids;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END
$$
"""

# A window begins with its first hit. It can be added to, but not emptied or shortened; only the jobs role can subtract
# a hit. If the window was lost, `known` hits until `ends_at` replace those added.
COUNT_HIT = """
CREATE FUNCTION count_hit(
  counted text, seconds integer, amount integer, known integer DEFAULT NULL, ends_at timestamptz DEFAULT NULL,
  OUT hits integer, OUT expires_at timestamptz
) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO rate_limits AS held (key, hits, expires_at)
  SELECT counted, greatest(0, coalesce(known, amount)),
    least(coalesce(ends_at, 'infinity'), now() + make_interval(secs => seconds))
  WHERE seconds > 0 AND (amount > 0 OR session_user = 'app_jobs')
  ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN held.expires_at <= now() THEN excluded.hits ELSE held.hits + amount END,
    expires_at = CASE WHEN held.expires_at <= now() THEN excluded.expires_at ELSE held.expires_at END
  RETURNING hits, expires_at
$$
"""

# The queue receives the IDs of an existing record of this organization, and nothing else.
DELIVER_JOB = """
CREATE FUNCTION deliver_job(job_id uuid, queue text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
BEGIN
  PERFORM procrastinate_defer_jobs_v1(ARRAY[
    ROW(queue, name, 0, one_by_one, NULL, jsonb_build_object('organization_id', organization, 'job_id', id), NULL)
      ::procrastinate_job_to_defer_v1
  ]) FROM jobs WHERE organization_id = organization AND id = deliver_job.job_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no such job' USING ERRCODE = '42501';
  END IF;
END
$$
"""

# Before a user has signed in, the organization is unknown.
FIND_ACCOUNTS = """
CREATE FUNCTION find_accounts(address text) RETURNS TABLE (
  organization_id uuid, organization_name text, user_id uuid, password_changed_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT users.organization_id, organizations.name, users.id, users.password_changed_at
  FROM users JOIN organizations ON organizations.id = users.organization_id
  WHERE lower(users.email) = lower(address) AND users.deleted_at IS NULL AND {who}
    AND users.password_hash IS NOT NULL AND organizations.deleted_at IS NULL AND organizations.status = 'active'
  ORDER BY organizations.name, organizations.id
  LIMIT 20
$$
""".replace("{who}", _SUSPENSION.IS_OVER)
FIND_SUSPENDED = (
    _SUSPENSION.FIND_SUSPENDED.replace("CREATE OR REPLACE FUNCTION", "CREATE FUNCTION")
    .replace("password_hash text, organization", "password_changed_at timestamptz, organization")
    .replace("users.id, users.password_hash,", "users.id, users.password_changed_at,")
)

# Parameters and salt of a hash: enough to compute it again from the password, but useless for guessing. The hash itself
# is replaced by a sequence of As.
FIND_SALT = """
CREATE FUNCTION password_salt(person uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT regexp_replace(password_hash, '[^$]*$', '') || repeat('A', length(substring(password_hash FROM '[^$]*$')))
  FROM users WHERE organization_id = nullif(current_setting('app.organization_id', true), '')::uuid AND id = person
$$
"""

COMPARE_HASH = """
CREATE FUNCTION is_password(person uuid, hash text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM users WHERE organization_id = nullif(current_setting('app.organization_id', true), '')::uuid
      AND id = person AND password_hash = hash
  )
$$
"""

FUNCTIONS = {
    "purge_rows(text, uuid[])": PURGE_ROWS,
    "count_hit(text, integer, integer, integer, timestamptz)": COUNT_HIT,
    "deliver_job(uuid, text)": DELIVER_JOB,
}

# Owned by a role that reads people and organizations, and can do nothing else.
FUNCTIONS_OF_SEARCH = {
    "find_accounts(text)": FIND_ACCOUNTS,
    "find_suspended_accounts(text)": FIND_SUSPENDED,
    "password_salt(uuid)": FIND_SALT,
    "is_password(uuid, text)": COMPARE_HASH,
}

_QUEUE = "procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers"
_ON_QUEUE = """
REVOKE ALL ON {queue} FROM {loser};
GRANT SELECT, INSERT, UPDATE, DELETE ON {queue} TO {winner};
DO $$
DECLARE
  thing text;
BEGIN
  FOR thing IN
    SELECT 'FUNCTION ' || oid::regprocedure FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'procrastinate%'
    UNION ALL SELECT 'SEQUENCE ' || oid::regclass FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' AND relname LIKE 'procrastinate%'
  LOOP
    EXECUTE format('REVOKE ALL ON %s FROM {loser}', thing);
    EXECUTE format('GRANT %s ON %s TO {winner}', CASE WHEN thing LIKE 'F%' THEN 'EXECUTE' ELSE 'USAGE' END, thing);
  END LOOP;
END
$$
"""


def _give_queue(loser: str, winner: str) -> None:
    script = _ON_QUEUE.replace("{queue}", _QUEUE).replace("{loser}", loser).replace("{winner}", winner)
    for statement in script.split(";\n", 2):
        op.execute(statement)


def _make_functions_of_search(functions: Mapping[str, str]) -> None:
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    for signature, function in functions.items():
        op.execute(function)
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_rw")
        op.execute(f"ALTER FUNCTION {signature} OWNER TO app_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")


def upgrade() -> None:
    op.execute(SETTLE_RIGHTS)
    for signature, function in FUNCTIONS.items():
        op.execute(function)
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_rw")
    # Another result type under the same name, for another version of the app.
    for signature in ("find_accounts(text)", "find_suspended_accounts(text)"):
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {signature}")
    _make_functions_of_search(FUNCTIONS_OF_SEARCH)
    op.execute("REVOKE INSERT, UPDATE ON rate_limits FROM app_rw")
    op.execute("GRANT INSERT, UPDATE ON rate_limits TO app_jobs")
    _give_queue("app_rw", "app_jobs")


def downgrade() -> None:
    _give_queue("app_jobs", "app_rw")
    op.execute("GRANT INSERT, UPDATE ON rate_limits TO app_rw")
    op.execute(UNSETTLE_RIGHTS)
    op.execute("REVOKE INSERT, UPDATE ON rate_limits FROM app_jobs")
    op.execute("REVOKE SELECT ON users FROM app_rw")
    op.execute("GRANT SELECT ON users TO app_rw")
    for signature in FUNCTIONS_OF_SEARCH:
        op.execute(f"DROP FUNCTION {signature}")
    _make_functions_of_search(
        {
            "find_accounts(text)": _SUSPENSION.FIND_ACCOUNTS.replace("{who}", _SUSPENSION.IS_OVER),
            "find_suspended_accounts(text)": _SUSPENSION.FIND_SUSPENDED,
        }
    )
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP FUNCTION settle_rights()")
