"""Tasks; imports with their mappings and rejected values."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import Reference, audit, create_tenant_table

revision = "0005_tasks_and_imports"
down_revision = "0004_calls"
branch_labels = None
depends_on = None

description = "Tasks; imports, their mappings and the values they turned away"
breaking = False


def _tasks() -> None:
    create_tenant_table(
        "tasks",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("priority", sa.Text(), server_default="medium", nullable=False),
        sa.Column("assigned_to_type", sa.Text(), server_default="csr", nullable=False),
        sa.Column("assigned_to_user_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("contact_card_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), server_default="user", nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_label", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name="check_completed_at"),
        sa.CheckConstraint("assigned_to_type IN ('csr', 'sales_rep', 'exec', 'system')", name="check_assigned_to_type"),
        sa.CheckConstraint("priority IN ('low', 'medium', 'high', 'urgent')", name="check_priority"),
        sa.CheckConstraint("source IN ('user', 'system', 'external')", name="check_source"),
        sa.CheckConstraint("status IN ('pending', 'in_progress', 'completed', 'cancelled')", name="check_status"),
        sa.CheckConstraint("char_length(category) BETWEEN 1 AND 50", name="check_category_length"),
        sa.CheckConstraint("char_length(description) BETWEEN 0 AND 2000", name="check_description_length"),
        sa.CheckConstraint("char_length(title) BETWEEN 1 AND 200", name="check_title_length"),
        references=[
            Reference("appointment_id", "appointments"),
            Reference("assigned_to_user_id", "users"),
            Reference("call_id", "calls"),
            Reference("contact_card_id", "contact_cards"),
            Reference("created_by", "users"),
        ],
        versioned=True,
        soft_deleted=True,
    )
    op.create_index("idx_tasks_appointment", "tasks", ["organization_id", "appointment_id"], unique=False)
    op.create_index(
        "idx_tasks_assignee_due",
        "tasks",
        ["organization_id", "assigned_to_user_id", "status", "due_at", "id"],
        unique=False,
    )
    op.create_index("idx_tasks_call", "tasks", ["organization_id", "call_id"], unique=False)
    op.create_index("idx_tasks_contact", "tasks", ["organization_id", "contact_card_id"], unique=False)
    op.create_index("idx_tasks_created_by", "tasks", ["organization_id", "created_by"], unique=False)
    op.create_index("idx_tasks_deleted", "tasks", ["organization_id", "is_deleted"], unique=False)
    op.create_index(
        "idx_tasks_due",
        "tasks",
        ["organization_id", sa.literal_column("coalesce(due_at, '9999-01-01 00:00:00+00'::timestamptz)"), "id"],
        unique=False,
    )

    audit("tasks", "task")


def _imports() -> None:
    create_tenant_table(
        "imports",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="uploaded", nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("create_users", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("percent_read", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_total", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_created", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_updated", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_unchanged", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_rejected", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "users_created", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_label", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(status IN ('completed', 'failed')) = (finished_at IS NOT NULL)", name="check_import_finished_at"
        ),
        sa.CheckConstraint("kind IN ('calls', 'contacts')", name="check_kind"),
        sa.CheckConstraint("status IN ('uploaded', 'queued', 'running', 'completed', 'failed')", name="check_status"),
        sa.CheckConstraint("char_length(failure) BETWEEN 1 AND 1000", name="check_failure_length"),
        sa.CheckConstraint("char_length(file_name) BETWEEN 1 AND 255", name="check_file_name_length"),
        sa.CheckConstraint("percent_read BETWEEN 0 AND 100", name="check_percent_read"),
        sa.CheckConstraint(
            "least(rows_total, rows_created, rows_updated, rows_unchanged, rows_rejected) >= 0",
            name="check_import_counts_positive",
        ),
        references=[Reference("created_by", "users")],
    )
    op.create_index(
        "idx_imports_date",
        "imports",
        ["organization_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )

    audit(
        "imports",
        "import",
        ignored=(
            "status",
            "percent_read",
            "rows_total",
            "rows_created",
            "rows_updated",
            "rows_unchanged",
            "rows_rejected",
            "started_at",
        ),
    )


def _import_errors() -> None:
    create_tenant_table(
        "import_errors",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("column_name", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("line >= 1", name="check_line_positive"),
        references=[Reference("import_id", "imports", "CASCADE")],
    )
    op.create_index(
        "idx_import_errors_import", "import_errors", ["organization_id", "import_id", "line", "id"], unique=False
    )


def _import_mappings() -> None:
    create_tenant_table(
        "import_mappings",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_label", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("jsonb_typeof(mapping) = 'object'", name="check_mapping"),
        sa.CheckConstraint("kind IN ('calls', 'contacts')", name="check_kind"),
        sa.CheckConstraint("char_length(name) BETWEEN 2 AND 60", name="check_name_length"),
        sa.UniqueConstraint("organization_id", "kind", "name", name="uq_import_mappings_kind_name"),
        references=[Reference("created_by", "users")],
        versioned=True,
    )

    audit("import_mappings", "import_mapping")


def upgrade() -> None:
    _tasks()
    _imports()
    _import_errors()
    _import_mappings()


def downgrade() -> None:
    op.drop_table("import_mappings")
    op.drop_table("import_errors")
    op.drop_table("imports")
    op.drop_table("tasks")
