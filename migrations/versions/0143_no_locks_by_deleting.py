"""The app's role deletes from the tables that every request uses through a function only.

The right to delete from a table includes locking it, in any mode: one statement stopped all organizations.
"""

from importlib import import_module

from alembic import op

revision = "0143_no_locks_by_deleting"
down_revision = "0142_refused_requests"
branch_labels = None
depends_on = None

description = "The app can't lock the tables that sign-in, keys and idempotency use"
# The previous version deletes from some of these tables itself.
breaking = True

_JOBS = import_module("migrations.versions.0043_jobs_as_asked_for")
#: Tables that sign-in, sessions, keys, lists and idempotency use, from which anyone deletes.
USED = (
    "api_keys",
    "idempotency_keys",
    "known_devices",
    "list_reads",
    "list_settings",
    "list_visits",
    "mfa_recovery_codes",
    "password_resets",
    "refresh_tokens",
    "refused_requests",
    "saved_views",
    "user_permissions",
)
#: Those from which the app's role deletes by key.
BY_KEY = ("known_devices", "list_settings", "mfa_recovery_codes", "saved_views", "user_permissions")
SETTLE_RIGHTS = _JOBS.SETTLE_RIGHTS.replace(
    "organization_usage,rate_limits,user_sessions}'",
    f"organization_usage,rate_limits,user_sessions,{','.join(USED)}}}'",
)
REMOVE_ROWS = f"""
CREATE FUNCTION remove_rows(target text, ids uuid[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  removed bigint;
BEGIN
  IF target <> ALL ('{{{",".join(BY_KEY)}}}'::text[]) THEN
    RAISE EXCEPTION 'rows of % are not removed by key', target USING ERRCODE = '42501';
  END IF;
  EXECUTE format('DELETE FROM public.%I WHERE organization_id = $1 AND id = ANY ($2)', target)
    USING current_organization(), ids;
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END
$$
"""
SIGNATURE = "remove_rows(text, uuid[])"


def upgrade() -> None:
    op.execute(SETTLE_RIGHTS)
    op.execute(REMOVE_ROWS)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO app_rw, app_jobs")


def downgrade() -> None:
    op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {SIGNATURE}")
    op.execute(_JOBS.SETTLE_RIGHTS)
    for table in USED:
        op.execute(f"REVOKE DELETE ON {table} FROM app_jobs")
        op.execute(f"GRANT DELETE ON {table} TO app_rw")
