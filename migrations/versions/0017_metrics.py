"""Columns and indexes for the metrics."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017_metrics"
down_revision = "0016_bookkeeping"
branch_labels = None
depends_on = None

description = "What the numbers need"
breaking = False

INDEXES = ("idx_calls_measured", "idx_calls_sales", "idx_appointments_completed", "idx_appointments_decided")
MEASURED = (
    "csr_id",
    "status",
    "call_type",
    "direction",
    "answered_at",
    "duration_seconds",
    "outcome",
    "booking_status",
    "call_quality",
    "topic",
    "lead_id",
)


def upgrade() -> None:
    # Outside a transaction, so that rows can be written while the indexes are built. A second run after a failure can
    # find half-built ones.
    with op.get_context().autocommit_block():
        _drop(*INDEXES)
        # With the ID, which the previous index lacks, calls are joined with their analyses by index-only scans.
        _create("idx_calls_measured", "calls", "started_at", postgresql_include=["id", *MEASURED])
        _create(
            "idx_calls_sales",
            "calls",
            "started_at",
            postgresql_include=["id", "assigned_rep_id", "call_type"],
            postgresql_where=sa.text("call_type IN ('sales_call', 'visit_call')"),
        )
        for name, moment in (("completed", "completed_at"), ("decided", "outcome_at")):
            known = sa.text(f"{moment} IS NOT NULL")
            _create(f"idx_appointments_{name}", "appointments", moment, postgresql_where=known)
        _drop("idx_calls_numbers")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        _drop("idx_calls_numbers")
        _create("idx_calls_numbers", "calls", "started_at", postgresql_include=list(MEASURED))
        _drop(*INDEXES)


def _create(name: str, table: str, moment: str, **options: Any) -> None:
    columns = ["organization_id", moment]
    op.create_index(name, table, columns, unique=False, postgresql_concurrently=True, if_not_exists=True, **options)


def _drop(*indexes: str) -> None:
    for index in indexes:
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
