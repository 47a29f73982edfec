"""Programs are identified without the counts of pages, and the rows they read are counted with a cached plan."""

from importlib import import_module

from alembic import op

revision = "0118_light_callers"
down_revision = "0117_rows_read"
branch_labels = None
depends_on = None

description = "Requests of the API take less of the database"
breaking = False

_WHO_ASKS = import_module("migrations.versions.0049_who_asks")
_LIMITS = import_module("migrations.versions.0116_api_limits_of_plans")
_CALL_ON = import_module("migrations.versions.0062_call_that_is_on")

SIGNATURE = "find_session(uuid, bytea, boolean)"
_FOR_PAGES_ONLY = ("counts_of_person(s.organization_id, s.user_id, o.timezone)", _CALL_ON.CALL_ON)


def _find_session() -> str:
    """Return the function with a parameter that leaves out what only pages show."""
    function: str = _LIMITS.FIND_SESSION.replace("digest bytea)", "digest bytea, for_page boolean DEFAULT true)", 1)
    for shown in _FOR_PAGES_ONLY:
        function = function.replace(shown, f"CASE WHEN for_page THEN {shown} END", 1)
    return function


FIND_SESSION = _find_session()

# Under the caller's own policies, but with a cached plan: planning it took longer than running it. Concurrent requests
# of a caller wait for each other at the row of the hour, until the first has committed; earlier hours don't change
# anymore. The response doesn't wait for the disk: a crash of the database loses the counts of its last second.
COUNT_ROWS_READ = """
CREATE FUNCTION count_rows_read(
  organization uuid, read_id uuid, person uuid, key uuid, resource text, hour_read timestamptz, number integer
) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  beginning CONSTANT timestamptz := date_trunc('day', hour_read, 'UTC');
  in_hour bigint;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  INSERT INTO list_reads (organization_id, id, user_id, api_key_id, resource_type, hour, rows_read)
  VALUES (organization, read_id, person, key, resource, hour_read, number)
  ON CONFLICT ON CONSTRAINT uq_list_reads_caller_resource_hour
  DO UPDATE SET rows_read = list_reads.rows_read + excluded.rows_read
  RETURNING rows_read INTO in_hour;
  -- Two statements, because no index serves IS NOT DISTINCT FROM.
  IF person IS NULL THEN
    RETURN in_hour + (
      SELECT coalesce(sum(rows_read), 0) FROM list_reads
      WHERE organization_id = organization AND user_id IS NULL AND api_key_id = key AND resource_type = resource
        AND hour >= beginning AND hour < hour_read);
  END IF;
  RETURN in_hour + (
    SELECT coalesce(sum(rows_read), 0) FROM list_reads
    WHERE organization_id = organization AND user_id = person AND api_key_id IS NULL AND resource_type = resource
      AND hour >= beginning AND hour < hour_read);
END
$$
"""
COUNT_SIGNATURE = "count_rows_read(uuid, uuid, uuid, uuid, text, timestamptz, integer)"


def upgrade() -> None:
    _replace(_WHO_ASKS.SIGNATURE, SIGNATURE, FIND_SESSION)
    op.execute(COUNT_ROWS_READ)
    _grant(COUNT_SIGNATURE)


def downgrade() -> None:
    op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {COUNT_SIGNATURE}")
    _replace(SIGNATURE, _WHO_ASKS.SIGNATURE, _LIMITS.FIND_SESSION)


def _replace(old: str, new: str, function: str) -> None:
    """Replace the function in one transaction, so that no request finds it missing."""
    op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {old}")
    op.execute(function)
    _grant(new)


def _grant(signature: str) -> None:
    op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_rw")
