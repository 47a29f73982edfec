"""Imported knowledge items store their source."""

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0092_imported_answers"
down_revision = "0091_results_by_file"
branch_labels = None
depends_on = None

description = "Knowledge items can be imported from files"
breaking = False

_COLUMNS = ("external_source", "external_id", "external_fingerprint")
_INDEX = "uq_knowledge_items_external"
_PAIR = "check_external_pair"


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that rows can be written in the meantime.
    with op.get_context().autocommit_block():
        op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE knowledge_items VALIDATE CONSTRAINT {_PAIR}")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_INDEX}")
        op.execute(
            f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {_INDEX}"
            " ON knowledge_items (organization_id, external_source, external_id)"
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_INDEX}")
    op.drop_constraint(_PAIR, "knowledge_items")
    for name in _COLUMNS:
        op.execute(f"-- squawk-ignore ban-drop-column\nALTER TABLE knowledge_items DROP COLUMN {name}")


def _at_once() -> None:
    op.add_column("knowledge_items", sa.Column("external_source", sa.Text()))
    op.add_column("knowledge_items", sa.Column("external_id", sa.Text()))
    op.add_column("knowledge_items", sa.Column("external_fingerprint", sa.LargeBinary()))
    op.execute(
        f"ALTER TABLE knowledge_items ADD CONSTRAINT {_PAIR}"
        " CHECK ((external_source IS NULL) = (external_id IS NULL)) NOT VALID"
    )
