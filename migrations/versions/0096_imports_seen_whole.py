"""No import starts before somebody could see what its whole file would do; records that stay are listed"""

from alembic import op

revision = "0096_imports_seen_whole"
down_revision = "0093_many_rows_at_once"
branch_labels = None
depends_on = None

description = "What taking an import back leaves is listed record by record"
breaking = False

_STAYING = "idx_import_rows_staying"


def upgrade() -> None:
    # Outside of a transaction: imports go on meanwhile.
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_STAYING}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {_STAYING}"
            " ON import_rows (organization_id, import_id, line, id) WHERE stays IS NOT NULL"
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_STAYING}")
