"""Loudness of recordings over time."""

from alembic import op

from migrations.support import audit, once

revision = "0079_loudness"
down_revision = "0078_targets"
branch_labels = None
depends_on = None

description = "A recording shows how loud it is where"
breaking = False

SIZE = "check_loudness_size"


def upgrade() -> None:
    once(revision, _column)
    with op.get_context().autocommit_block():
        op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE recording_sessions VALIDATE CONSTRAINT {SIZE}")


def _column() -> None:
    op.execute("ALTER TABLE recording_sessions ADD COLUMN loudness bytea")
    op.execute(
        f"ALTER TABLE recording_sessions ADD CONSTRAINT {SIZE} CHECK (octet_length(loudness) BETWEEN 1 AND 240) NOT VALID"
    )
    op.execute("DROP TRIGGER audit ON recording_sessions")
    audit("recording_sessions", "recording_session", ignored=("loudness",))


def downgrade() -> None:
    op.execute("DROP TRIGGER audit ON recording_sessions")
    audit("recording_sessions", "recording_session")
    op.execute("ALTER TABLE recording_sessions DROP COLUMN loudness")
