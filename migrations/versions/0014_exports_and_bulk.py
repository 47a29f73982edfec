"""Saved views, exports, bulk changes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import Reference, audit, create_tenant_table

revision = "0014_exports_and_bulk"
down_revision = "0013_integrations"
branch_labels = None
depends_on = None

description = "Saved views, exports, bulk operations"
breaking = False

_PAGES = "page IN ('calls', 'missed_calls', 'leads', 'appointments', 'tasks')"
_LATEST_FIRST = (sa.literal_column("created_at DESC"), sa.literal_column("id DESC"))


def _lists() -> None:
    create_tenant_table(
        "list_settings",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("columns", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint(_PAGES, name="check_page"),
        sa.CheckConstraint("cardinality(columns) BETWEEN 1 AND 50", name="check_columns_count"),
        sa.UniqueConstraint("organization_id", "user_id", "page", name="uq_list_settings_user_page"),
        references=[Reference("user_id", "users", "CASCADE")],
    )
    audit("list_settings", "list_settings")
    create_tenant_table(
        "saved_views",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), server_default="", nullable=False),
        sa.Column("is_shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(_PAGES, name="check_page"),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 60", name="check_name_length"),
        sa.CheckConstraint("char_length(query) BETWEEN 0 AND 2000", name="check_query_length"),
        sa.UniqueConstraint("organization_id", "user_id", "page", "name", name="uq_saved_views_user_page_name"),
        references=[Reference("user_id", "users", "CASCADE")],
        versioned=True,
    )
    op.create_index(
        "idx_saved_views_shared", "saved_views", ["organization_id", "page"], postgresql_where=sa.text("is_shared")
    )
    audit("saved_views", "saved_view")


def _exports() -> None:
    create_tenant_table(
        "exports",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("filters", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("sort", sa.Text(), nullable=True),
        sa.Column("rows_total", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("row_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("file_path", sa.Text(), nullable=True),
        sa.Column("file_bytes", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_by_label", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('calls')", name="check_kind"),
        sa.CheckConstraint("status IN ('queued', 'running', 'completed', 'failed', 'removed')", name="check_status"),
        sa.CheckConstraint("char_length(failure) BETWEEN 1 AND 1000", name="check_failure_length"),
        sa.CheckConstraint("least(row_count, rows_total, file_bytes) >= 0", name="check_export_counts_positive"),
        sa.CheckConstraint("(status = 'completed') = (file_path IS NOT NULL)", name="check_export_file"),
        sa.CheckConstraint("status <> 'completed' OR expires_at IS NOT NULL", name="check_export_expires_at"),
        sa.CheckConstraint(
            "(status IN ('completed', 'failed', 'removed')) = (finished_at IS NOT NULL)",
            name="check_export_finished_at",
        ),
        references=[Reference("requested_by", "users")],
    )
    op.create_index("idx_exports_requested_by", "exports", ["organization_id", "requested_by", *_LATEST_FIRST])
    op.create_index(
        "idx_exports_expiry",
        "exports",
        ["organization_id", "expires_at"],
        postgresql_where=sa.text("file_path IS NOT NULL"),
    )
    audit("exports", "export", ignored=("status", "rows_total", "row_count", "started_at"))


def _bulk_operations() -> None:
    counts = ("rows_changed", "rows_unchanged", "rows_refused", "rows_undone", "rows_moved_on")
    create_tenant_table(
        "bulk_operations",
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("settings", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("filters", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("row_ids", postgresql.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("rows_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False) for name in counts),
        sa.Column("position", sa.Uuid(), nullable=True),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_label", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("action IN ('assign_csr', 'set_outcome', 'set_booking_status')", name="check_action"),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'completed', 'failed', 'undoing', 'undone')", name="check_status"
        ),
        sa.CheckConstraint("char_length(failure) BETWEEN 1 AND 1000", name="check_failure_length"),
        sa.CheckConstraint("cardinality(row_ids) BETWEEN 1 AND 100", name="check_row_ids_count"),
        sa.CheckConstraint(
            "least(rows_total, rows_changed, rows_unchanged, rows_refused, rows_undone, rows_moved_on) >= 0",
            name="check_bulk_counts_positive",
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'failed') OR finished_at IS NOT NULL", name="check_bulk_finished_at"
        ),
        references=[Reference("created_by", "users")],
    )
    op.create_index(
        "idx_bulk_operations_created_by", "bulk_operations", ["organization_id", "created_by", *_LATEST_FIRST]
    )
    audit("bulk_operations", "bulk_operation", ignored=("status", *counts, "position", "started_at"))


def upgrade() -> None:
    _lists()
    _exports()
    _bulk_operations()


def downgrade() -> None:
    for table in ("bulk_operations", "exports", "saved_views", "list_settings"):
        op.drop_table(table)
