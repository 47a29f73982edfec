"""Time of the last confirmation of a session, loaded with the session."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0104_confirmed_sessions"
down_revision = "0103_parts_and_numbers"
branch_labels = None
depends_on = None

description = "Sensitive actions need a password or a code of the last ten minutes"
breaking = False

_WHO_ASKS = import_module("migrations.versions.0049_who_asks")
_COUNTS = import_module("migrations.versions.0074_counts_of_who_asks")

FIND_SESSION = _COUNTS.FIND_SESSION.replace("counts jsonb)", "counts jsonb, confirmed_at timestamptz)").replace(
    "\n    FROM user_sessions s", ",\n             s.confirmed_at\n    FROM user_sessions s"
)


def upgrade() -> None:
    # NULL for the sessions of before: they ask at the first such action.
    op.add_column("user_sessions", sa.Column("confirmed_at", sa.DateTime(timezone=True)))
    _replace(FIND_SESSION)


def downgrade() -> None:
    _replace(_COUNTS.FIND_SESSION)
    op.drop_column("user_sessions", "confirmed_at")


def _replace(function: str) -> None:
    """Replace the function in one transaction, so that no request finds it missing."""
    signature = _WHO_ASKS.SIGNATURE
    op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {signature}")
    op.execute(function)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_rw")
