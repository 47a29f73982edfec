"""The time of the last reset of all caches, which every process compares with what it has cached."""

from alembic import op

revision = "0102_cache_reset"
down_revision = "0101_recordings_that_go_on"
branch_labels = None
depends_on = None

description = "A command resets the caches of all processes"
breaking = False


def upgrade() -> None:
    op.execute("ALTER TABLE system_settings ADD COLUMN caches_reset_at timestamptz")


def downgrade() -> None:
    op.drop_column("system_settings", "caches_reset_at")
