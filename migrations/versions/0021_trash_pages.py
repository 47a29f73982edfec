"""Columns and indexes for the pages of the trash."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021_trash_pages"
down_revision = "0020_reverts"
branch_labels = None
depends_on = None

description = "The trash has its pages"
breaking = False

IN_TRASH = sa.text("restored_at IS NULL AND purged_at IS NULL")
NEWEST_FIRST = (sa.text("created_at DESC"), sa.text("id DESC"))
INDEXES = (
    "idx_deletion_batches_in_trash",
    "idx_deletion_batches_purge_after",
    "idx_deletion_batches_kind",
    "idx_deletion_batches_person",
    "idx_deletion_batches_restored",
)


def upgrade() -> None:
    # A second run after a failure finds what the first one left: the columns, and possibly half-built indexes.
    op.add_column("deletion_batches", sa.Column("restoring_at", sa.DateTime(timezone=True)), if_not_exists=True)
    op.add_column("deletion_batches", sa.Column("restore_failure", sa.Text()), if_not_exists=True)
    # Outside a transaction, so that users can delete while the indexes are built.
    with op.get_context().autocommit_block():
        _drop()
        _create("in_trash", *NEWEST_FIRST, postgresql_where=IN_TRASH)
        _create("purge_after", "purge_after", "id", postgresql_where=IN_TRASH)
        _create("kind", "root_type", *NEWEST_FIRST)
        _create("person", "deleted_by", *NEWEST_FIRST)
        _create("restored", *NEWEST_FIRST, postgresql_where=sa.text("restored_at IS NOT NULL"))


def downgrade() -> None:
    with op.get_context().autocommit_block():
        _drop()
    op.drop_column("deletion_batches", "restore_failure")
    op.drop_column("deletion_batches", "restoring_at")


def _create(name: str, *columns: Any, **options: Any) -> None:
    op.create_index(
        f"idx_deletion_batches_{name}",
        "deletion_batches",
        ["organization_id", *columns],
        unique=False,
        postgresql_concurrently=True,
        if_not_exists=True,
        **options,
    )


def _drop() -> None:
    for index in INDEXES:
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
