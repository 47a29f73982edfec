"""What the numbers need"""

import sqlalchemy as sa
from alembic import op

revision = "0017_metrics"
down_revision = "0016_bookkeeping"
branch_labels = None
depends_on = None

description = "What the numbers need"
breaking = False

INDEXES = ("idx_calls_sales", "idx_appointments_completed", "idx_appointments_decided")


def upgrade() -> None:
    # Outside of a transaction: rows go on being written while these are built. A second run after a failure finds what
    # may be half built.
    with op.get_context().autocommit_block():
        _drop()
        op.create_index(
            "idx_calls_sales",
            "calls",
            ["organization_id", "started_at"],
            unique=False,
            postgresql_include=["id", "assigned_rep_id", "call_type"],
            postgresql_where=sa.text("call_type IN ('sales_call', 'visit_call')"),
            postgresql_concurrently=True,
        )
        op.create_index(
            "idx_appointments_completed",
            "appointments",
            ["organization_id", "completed_at"],
            unique=False,
            postgresql_where=sa.text("completed_at IS NOT NULL"),
            postgresql_concurrently=True,
        )
        op.create_index(
            "idx_appointments_decided",
            "appointments",
            ["organization_id", "outcome_at"],
            unique=False,
            postgresql_where=sa.text("outcome_at IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        _drop()


def _drop() -> None:
    for index in INDEXES:
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
