"""The index of an appointment's recordings has their calls.

Finding out if an appointment has an analyzed recording needs no table then, and costs so little that the planner no longer
prefers to read all recordings and analyses for the few appointments of today. Deleting an appointment finds its recordings
by `uq_recording_sessions_of_visit`.
"""

from alembic import op

revision = "0136_calls_of_recordings"
down_revision = "0135_rights_to_stored_numbers"
branch_labels = None
depends_on = None

description = "The index of an appointment's recordings has their calls"
breaking = False

_BEFORE = "idx_recording_sessions_appointment"
_NOW = "idx_recording_sessions_visit_call"


def upgrade() -> None:
    _replace(_BEFORE, _NOW, "(organization_id, appointment_id) INCLUDE (call_id) WHERE deleted_at IS NULL")


def downgrade() -> None:
    _replace(_NOW, _BEFORE, "(organization_id, appointment_id)")


def _replace(old: str, new: str, definition: str) -> None:
    # Outside a transaction, so that rows can be written meanwhile; dropped first, because an interrupted run can have
    # left it half built.
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {new}")
        op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {new} ON recording_sessions {definition}")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {old}")
