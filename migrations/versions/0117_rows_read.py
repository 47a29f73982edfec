"""Rows that lists of the JSON API handed out, counted by caller, resource and hour."""

import sqlalchemy as sa
from alembic import op

from migrations.support import Reference, create_tenant_table

revision = "0117_rows_read"
down_revision = "0116_api_limits_of_plans"
branch_labels = None
depends_on = None

description = "Rows read through the API are counted, recorded each hour and limited per day"
breaking = False


def upgrade() -> None:
    create_tenant_table(
        "list_reads",
        sa.Column("user_id", sa.Uuid()),
        sa.Column("api_key_id", sa.Uuid()),
        sa.Column("resource_type", sa.Text(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("char_length(resource_type) BETWEEN 1 AND 100", name="check_resource_type_length"),
        sa.CheckConstraint("num_nonnulls(user_id, api_key_id) = 1", name="check_list_read_one_caller"),
        sa.CheckConstraint("extract(epoch FROM hour) % 3600 = 0", name="check_hour_begins"),
        sa.CheckConstraint("rows_read >= 1", name="check_rows_read_positive"),
        sa.UniqueConstraint(
            "organization_id",
            "user_id",
            "api_key_id",
            "resource_type",
            "hour",
            name="uq_list_reads_caller_resource_hour",
            postgresql_nulls_not_distinct=True,
        ),
        references=(Reference("user_id", "users", "CASCADE"), Reference("api_key_id", "api_keys", "CASCADE")),
    )
    op.create_index("idx_list_reads_api_key", "list_reads", ["organization_id", "api_key_id", "hour"])
    op.create_index("idx_list_reads_hour", "list_reads", ["organization_id", "hour"])
    op.create_index(
        "idx_list_reads_unrecorded",
        "list_reads",
        ["organization_id", "hour"],
        postgresql_where=sa.text("recorded_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("list_reads")
