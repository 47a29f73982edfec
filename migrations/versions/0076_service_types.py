"""Service types of an organization, and how long an appointment for each takes."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from migrations.support import audit, create_tenant_table

revision = "0076_service_types"
down_revision = "0075_misspelt_found"
branch_labels = None
depends_on = None

description = "Booking offers what the organization does, each with the time that it takes"
breaking = False

_RECORD_NAMES = import_module("migrations.versions.0066_names_of_records").RECORD_NAMES.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
_NEXT = "\n      WHEN 'session' THEN"
_NAMED = """
      WHEN 'service_type' THEN
        SELECT array_agg(r.id), array_agg(left(r.name, 80)), array_agg(r.deleted_at IS NOT NULL)
        INTO there, names, trashed FROM service_types r WHERE r.organization_id = organization AND r.id = ANY (these);"""


def upgrade() -> None:
    create_tenant_table(
        "service_types",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("char_length(name) BETWEEN 2 AND 80", name="check_name_length"),
        sa.CheckConstraint("minutes BETWEEN 15 AND 480", name="check_minutes_range"),
        versioned=True,
        soft_deleted=True,
    )
    op.create_index(
        "uq_service_types_name",
        "service_types",
        ["organization_id", sa.text("lower(name)")],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("idx_service_types_name", "service_types", ["organization_id", sa.text("lower(name)"), "id"])
    op.create_index("idx_service_types_deleted", "service_types", ["organization_id", "is_deleted"])
    audit("service_types", "service_type")
    op.execute(_RECORD_NAMES.replace(_NEXT, _NAMED + _NEXT))


def downgrade() -> None:
    op.execute(_RECORD_NAMES)
    op.drop_table("service_types")
