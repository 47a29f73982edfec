"""Indexes are renamed to the names in the specification."""

import sqlalchemy as sa
from alembic import op

revision = "0098_index_names"
down_revision = "0097_reasons_of_recordings"
branch_labels = None
depends_on = None

description = "The database’s indexes have the names that others rely on"
breaking = False

HANDLED_BY = "idx_calls_handled_by"
OF_PEOPLE, OF_PEOPLE_BEFORE = "idx_audit_user_date", "idx_audit_user_action"


def upgrade() -> None:
    # Outside a transaction, so that calls can be stored in the meantime.
    with op.get_context().autocommit_block():
        # An interrupted run can have left it half built.
        if not _is_whole(HANDLED_BY):
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {HANDLED_BY}")
            op.execute(
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {HANDLED_BY} "
                "ON calls (organization_id, handled_by, handled_by_user_id)"
            )
        # No query refers to the index by name. Renamed instead of built, so that writing to the trail costs no more.
        op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX IF EXISTS {OF_PEOPLE_BEFORE} RENAME TO {OF_PEOPLE}")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX IF EXISTS {OF_PEOPLE} RENAME TO {OF_PEOPLE_BEFORE}")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {HANDLED_BY}")


def _is_whole(index: str) -> bool:
    if op.get_context().as_sql:
        return False
    whole = sa.text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:index)")
    return bool(op.get_bind().scalar(whole, {"index": index}))
