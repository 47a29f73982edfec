"""Index of completed tasks by completion time, for tasks completed today."""

from alembic import op

revision = "0056_tasks_done"
down_revision = "0055_contacts"
branch_labels = None
depends_on = None

description = "The tasks completed on a day are found without reading all that were ever completed"
breaking = False

INDEX = "idx_tasks_completed"


def upgrade() -> None:
    # Outside a transaction, so that tasks can be written in the meantime.
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {INDEX} ON tasks (organization_id, completed_at) "
            "WHERE completed_at IS NOT NULL"
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
