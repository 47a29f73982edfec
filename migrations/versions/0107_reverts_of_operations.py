"""Reverts of whole operations in steps, and the records that they skipped."""

import sqlalchemy as sa
from alembic import op

from migrations.support import Reference, audit, create_tenant_table, once

revision = "0107_reverts_of_operations"
down_revision = "0106_visits_and_views"
branch_labels = None
depends_on = None

description = "Operations of up to 10,000 entries are reverted in the background"
breaking = False

_BULK_INDEX = "idx_bulk_operations_operation"
_COUNTED = ("records_reverted", "records_unchanged", "records_skipped")
_STATUSES = "'queued', 'running', 'completed', 'failed', 'cancelled'"

_NEXT = "\n      WHEN ''organization'' THEN"
_BRANCH = """
      WHEN ''{kind}'' THEN
        SELECT array_agg(r.id), array_agg(NULL::text), array_agg(false)
        INTO there, names, trashed FROM {table} r WHERE r.organization_id = organization AND r.id = ANY (these);"""
_NAMED = "".join(
    _BRANCH.format(kind=kind, table=table)
    for kind, table in (("operation_revert", "operation_reverts"), ("skipped_record", "skipped_records"))
)


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that bulk changes can continue in the meantime.
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_BULK_INDEX}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {_BULK_INDEX} ON bulk_operations (organization_id, operation_id)"
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_BULK_INDEX}")
    _rename(_NAMED + _NEXT, _NEXT)
    op.drop_table("skipped_records")
    op.drop_table("operation_reverts")


def _at_once() -> None:
    create_tenant_table(
        "operation_reverts",
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("records_total", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False) for name in _COUNTED),
        sa.Column("position", sa.Uuid()),
        sa.Column("failure", sa.Text()),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("created_by_label", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(f"status IN ({_STATUSES})", name="check_status"),
        sa.CheckConstraint("char_length(failure) BETWEEN 1 AND 1000", name="check_failure_length"),
        sa.CheckConstraint(
            "least(records_total, records_reverted, records_unchanged, records_skipped) >= 0",
            name="check_revert_counts_positive",
        ),
        sa.CheckConstraint(
            "(status IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL)",
            name="check_revert_finished_at",
        ),
        references=(Reference("created_by", "users"),),
    )
    op.create_index(
        "uq_operation_reverts_unfinished",
        "operation_reverts",
        ["organization_id", "target_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    audit("operation_reverts", "operation_revert", ignored=("status", *_COUNTED, "position", "started_at"))
    create_tenant_table(
        "skipped_records",
        sa.Column("revert_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("place >= 1", name="check_skipped_place"),
        sa.CheckConstraint("char_length(resource) BETWEEN 1 AND 60", name="check_resource_length"),
        sa.UniqueConstraint("organization_id", "revert_id", "place", name="uq_skipped_records_place"),
        references=(Reference("revert_id", "operation_reverts", "CASCADE"),),
    )
    _rename(_NEXT, _NAMED + _NEXT)


def _rename(before: str, after: str) -> None:
    """Replace a part of the function for record names, to which other migrations may have added kinds of their own."""
    op.execute(
        "DO $do$ BEGIN EXECUTE replace(pg_get_functiondef('record_names(text[], uuid[], text[])'::regprocedure),"
        f" E'{_escaped(before)}', E'{_escaped(after)}'); END $do$"
    )


def _escaped(text: str) -> str:
    return text.replace("\n", "\\n")
