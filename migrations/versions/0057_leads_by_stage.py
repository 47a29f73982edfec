"""Index of the open leads of each stage, in the order in which they were moved."""

import sqlalchemy as sa
from alembic import op

revision = "0057_leads_by_stage"
down_revision = "0056_tasks_done"
branch_labels = None
depends_on = None

description = "The board of leads takes each stage's latest open leads from an index, and counts them in it"
breaking = False

INDEX = "idx_leads_open_stage"


def upgrade() -> None:
    # Outside a transaction, so that leads can be written in the meantime.
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.create_index(
            INDEX,
            "leads",
            ["organization_id", "stage", sa.text("last_activity_at DESC"), sa.text("id DESC")],
            postgresql_where=sa.text("closed_at IS NULL AND deleted_at IS NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
