"""Targets of metrics, for a person or the company, for a month."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from migrations.support import Reference, audit, create_tenant_table

revision = "0078_targets"
down_revision = "0077_what_is_new"
branch_labels = None
depends_on = None

description = "Numbers have targets, of a person or of the company, for a month"
breaking = False

_TYPES = import_module("migrations.versions.0076_service_types")
# The name of a target comes from its page, because metric names are translated.
_NEXT = "\n      WHEN 'task' THEN"
_NAMED = """
      WHEN 'target' THEN
        SELECT array_agg(r.id), array_agg(NULL::text), array_agg(r.deleted_at IS NOT NULL)
        INTO there, names, trashed FROM targets r WHERE r.organization_id = organization AND r.id = ANY (these);"""
_RECORD_NAMES = _TYPES._RECORD_NAMES.replace(_TYPES._NEXT, _TYPES._NAMED + _TYPES._NEXT)

METRICS = (
    "booking_rate", "appointments_booked", "qualified_leads", "miss_rate", "answer_rate", "sop_compliance", "win_rate",
    "revenue_won", "average_deal", "visits_won", "first_attempt_in_time",
)  # fmt: skip


def upgrade() -> None:
    listed = ", ".join(f"'{metric}'" for metric in METRICS)
    create_tenant_table(
        "targets",
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(14, 4), nullable=False),
        sa.CheckConstraint(f"metric IN ({listed})", name="check_metric"),
        sa.CheckConstraint("extract(day FROM month) = 1", name="check_month_first_day"),
        sa.CheckConstraint("value BETWEEN 0 AND 9999999999.99", name="check_value_range"),
        references=(Reference("user_id", "users", "CASCADE"),),
        versioned=True,
        soft_deleted=True,
    )
    op.create_index(
        "uq_targets_metric_user_month",
        "targets",
        ["organization_id", "metric", "user_id", "month"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("idx_targets_month", "targets", ["organization_id", sa.text("month DESC"), sa.text("id DESC")])
    op.create_index("idx_targets_user", "targets", ["organization_id", "user_id"])
    op.create_index("idx_targets_deleted", "targets", ["organization_id", "is_deleted"])
    audit("targets", "target")
    op.execute(_RECORD_NAMES.replace(_NEXT, _NAMED + _NEXT))


def downgrade() -> None:
    op.execute(_RECORD_NAMES)
    op.drop_table("targets")
