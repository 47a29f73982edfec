"""Reason why a recording cannot be decoded."""

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0097_reasons_of_recordings"
down_revision = "0096_imports_seen_whole"
branch_labels = None
depends_on = None

description = "Recordings that can’t be played say why"
breaking = False

_CHECKS = {
    "check_failure": "failure IN ('too_large', 'unknown_format', 'damaged', 'took_too_long')",
    "check_failure_of_failed": "failure IS NULL OR status = 'failed'",
}


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that recordings can be written in the meantime.
    with op.get_context().autocommit_block():
        for name in _CHECKS:
            op.execute(
                f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE recording_sessions VALIDATE CONSTRAINT {name}"
            )


def downgrade() -> None:
    for name in _CHECKS:
        op.drop_constraint(name, "recording_sessions")
    op.execute("-- squawk-ignore ban-drop-column\nALTER TABLE recording_sessions DROP COLUMN failure")


def _at_once() -> None:
    op.add_column("recording_sessions", sa.Column("failure", sa.Text()))
    for name, condition in _CHECKS.items():
        op.execute(f"ALTER TABLE recording_sessions ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")
