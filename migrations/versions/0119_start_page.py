"""The page that a person chose to start on, and an index of coaching, which their day lists."""

from alembic import op

from migrations.support import once

revision = "0119_start_page"
down_revision = "0118_light_callers"
branch_labels = None
depends_on = None

description = "People choose the page that they see after signing in"
breaking = False

_INDEX = "idx_call_notes_coaching"
_COACHING = "kind = 'coaching' AND parent_id IS NULL AND deleted_at IS NULL"


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that notes can still be written. Leftovers of an interrupted run are built again.
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_INDEX}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {_INDEX}"
            f" ON call_notes (organization_id, created_at, id) WHERE {_COACHING}"
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_INDEX}")
    op.drop_column("users", "start_page")


def _at_once() -> None:
    op.execute(
        "ALTER TABLE users ADD COLUMN start_page text"
        " CONSTRAINT check_start_page CHECK (start_page ~ '^/[a-z/-]{1,60}$')"
    )
