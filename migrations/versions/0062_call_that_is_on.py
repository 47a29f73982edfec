"""The current user is loaded together with their active call."""

from importlib import import_module

from alembic import op

revision = "0062_call_that_is_on"
down_revision = "0061_knowledge"
branch_labels = None
depends_on = None

description = "Every page shows the call that one is on"
breaking = False

_WHO_ASKS = import_module("migrations.versions.0049_who_asks")

# At most one, because of the unique index uq_calls_on_by_person.
CALL_ON = """(SELECT jsonb_build_object('id', c.id, 'number', c.called_number, 'started_at', c.started_at,
               'entry_id', c.missed_entry_id, 'name', coalesce(k.full_name, nullif(k.company_name, ''), k.primary_phone))
             FROM calls c LEFT JOIN contact_cards k
               ON k.organization_id = c.organization_id AND k.id = c.contact_card_id
             WHERE c.organization_id = s.organization_id AND c.handled_by_user_id = s.user_id
               AND c.status = 'active' AND c.direction = 'outbound' AND c.source = 'user')"""
FIND_SESSION = _WHO_ASKS.FIND_SESSION.replace("revisions jsonb)", "revisions jsonb, call_on jsonb)").replace(
    "\n    FROM user_sessions s", f",\n             {CALL_ON}\n    FROM user_sessions s"
)


def upgrade() -> None:
    _replace(FIND_SESSION)


def downgrade() -> None:
    _replace(_WHO_ASKS.FIND_SESSION)


def _replace(function: str) -> None:
    """Replace the function in one transaction, so that no request finds it missing."""
    signature = _WHO_ASKS.SIGNATURE
    op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {signature}")
    op.execute(function)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_rw")
