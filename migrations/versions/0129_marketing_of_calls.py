"""Calls have a marketing source, tags and a value."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import once

revision = "0129_marketing_of_calls"
down_revision = "0128_waits_in_indexes"
branch_labels = None
depends_on = None

description = "Calls have a marketing source, tags and a value"
breaking = False

INDEX = "idx_calls_source_date"
CHECKS = {
    "check_marketing_source_length": "char_length(marketing_source) BETWEEN 1 AND 100",
    "check_tags_count": "cardinality(tags) <= 20",
    "check_tags_length": r"array_to_string(tags, chr(10)) !~ '[^\n]{41}'",
    "check_value_positive": "value >= 0",
}


def upgrade() -> None:
    once(revision, _columns)
    # Outside a transaction, so that rows can be written meanwhile.
    with op.get_context().autocommit_block():
        for name in CHECKS:
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE calls VALIDATE CONSTRAINT {name}")
        # Rebuilt, because an interrupted run can have left it half built.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {INDEX} ON calls"
            " (organization_id, marketing_source, started_at DESC, id DESC) WHERE marketing_source IS NOT NULL"
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
    for name in ("value", "tags", "marketing_source"):
        op.drop_column("calls", name)


def _columns() -> None:
    op.add_column("calls", sa.Column("marketing_source", sa.Text(), nullable=True))
    op.add_column(
        "calls", sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("calls", sa.Column("value", sa.Numeric(12, 2), nullable=True))
    for name, rule in CHECKS.items():
        op.execute(f"ALTER TABLE calls ADD CONSTRAINT {name} CHECK ({rule}) NOT VALID")
