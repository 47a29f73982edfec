"""The job of the missed-call queue is due an hour before a claim on a reached caller ends."""

from importlib import import_module

from alembic import op

revision = "0122_follow_ups"
down_revision = "0121_setup_checklist"
branch_labels = None
depends_on = None

description = "Users are reminded of the callers they reached"
breaking = False

_SOONER = import_module("migrations.versions.0073_notices").SOONER
# The claim on a reached caller ends when the next attempt is due.
DUE = _SOONER.replace(
    "now() + interval '2 minutes'",
    "now() + CASE WHEN entries.claim_expires_at = entries.next_attempt_at"
    " THEN interval '1 hour' ELSE interval '2 minutes' END",
)


def upgrade() -> None:
    op.execute(DUE)


def downgrade() -> None:
    op.execute(_SOONER)
