"""Retention: old rows are deleted by the organization's rules."""

from alembic import op

revision = "0027_retention"
down_revision = "0026_privacy"
branch_labels = None
depends_on = None

description = "Old rows go by the organization's rules"
breaking = False


TABLES = {
    "calls": "idx_calls_created",
    "missed_call_entries": "idx_missed_entries_created",
    "recording_sessions": "idx_recording_sessions_created",
}


def upgrade() -> None:
    # Outside a transaction, so that rows can be written while the indexes are built. A second run after a failure can
    # find half-built ones.
    with op.get_context().autocommit_block():
        for table, index in TABLES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
            op.create_index(
                index, table, ["organization_id", "created_at"], postgresql_concurrently=True, if_not_exists=True
            )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for index in TABLES.values():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
