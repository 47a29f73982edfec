"""Plans have limits for the JSON API, which are loaded with the session or API key of a request."""

from importlib import import_module

from alembic import op

revision = "0116_api_limits_of_plans"
down_revision = "0115_monthly_export"
branch_labels = None
depends_on = None

description = "Plans limit the API requests per hour and the rows read per day"
breaking = False

_WHO_ASKS = import_module("migrations.versions.0049_who_asks")
_SESSIONS = import_module("migrations.versions.0104_confirmed_sessions")
_KEYS = import_module("migrations.versions.0113_api_keys_as_callers")

_COLUMNS = "api_requests_per_hour integer, api_rows_per_day integer)\nLANGUAGE"
_VALUES = ",\n             l.api_requests_per_hour, l.api_rows_per_day\n    FROM "


def _with_limits(function: str, table: str, alias: str) -> str:
    """Return the function with the limits of the plan; an organization without a subscription has the smallest plan."""
    joins = (
        f"    LEFT JOIN subscriptions b ON b.organization_id = {alias}.organization_id\n"
        "    JOIN plans l ON l.code = coalesce(b.plan, 'starter')\n"
        f"    WHERE {alias}.organization_id = organization"
    )
    return (
        function.replace(")\nLANGUAGE", f", {_COLUMNS}", 1)
        .replace(f"\n    FROM {table} {alias}", f"{_VALUES}{table} {alias}", 1)
        .replace(f"    WHERE {alias}.organization_id = organization", joins, 1)
    )


FIND_SESSION = _with_limits(_SESSIONS.FIND_SESSION, "user_sessions", "s")
FIND_API_KEY = _with_limits(_KEYS.FIND_API_KEY, "api_keys", "k")


def upgrade() -> None:
    # Checked right away: there are three plans.
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        "ALTER TABLE plans ADD COLUMN api_requests_per_hour integer DEFAULT 1000 NOT NULL,"
        " ADD COLUMN api_rows_per_day integer DEFAULT 10000 NOT NULL,"
        " ADD CONSTRAINT check_api_limits_positive"
        " CHECK (least(api_requests_per_hour, api_rows_per_day) > 0)"
    )
    _replace(_WHO_ASKS.SIGNATURE, FIND_SESSION)
    _replace(_KEYS.SIGNATURE, FIND_API_KEY)


def downgrade() -> None:
    _replace(_KEYS.SIGNATURE, _KEYS.FIND_API_KEY)
    _replace(_WHO_ASKS.SIGNATURE, _SESSIONS.FIND_SESSION)
    for column in ("api_rows_per_day", "api_requests_per_hour"):
        op.drop_column("plans", column)


def _replace(signature: str, function: str) -> None:
    """Replace the function in one transaction, so that no request finds it missing."""
    op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {signature}")
    op.execute(function)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_rw")
