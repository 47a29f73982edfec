"""Saved views of the team in the weekly report email, chosen by each recipient."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from migrations.support import Reference, audit, create_tenant_table

revision = "0085_views_in_the_report"
down_revision = "0084_calendars_in_the_trash"
branch_labels = None
depends_on = None

description = "Each person chooses which named views of the team come in the mail of their weekly report"
breaking = False

_CALENDARS = import_module("migrations.versions.0084_calendars_in_the_trash")
_RECORD_NAMES = _CALENDARS._RECORD_NAMES.replace(
    _CALENDARS._NEVER_IN_TRASH, _CALENDARS._NEVER_IN_TRASH.replace("(false)", "(r.deleted_at IS NOT NULL)")
)
_NEXT = "\n      WHEN 'target' THEN"
# Its name is that of the view, which the page of reports shows.
_NAMED = """
      WHEN 'report_view' THEN
        SELECT array_agg(r.id), array_agg(NULL::text), array_agg(false)
        INTO there, names, trashed FROM report_views r
        WHERE r.organization_id = organization AND r.id = ANY (these);"""


def upgrade() -> None:
    create_tenant_table(
        "report_views",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("saved_view_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("position BETWEEN 1 AND 5", name="check_position_range"),
        sa.UniqueConstraint("organization_id", "user_id", "saved_view_id", name="uq_report_views_user_view"),
        sa.UniqueConstraint("organization_id", "user_id", "position", name="uq_report_views_user_position"),
        references=(
            Reference("user_id", "users", "CASCADE"),
            Reference("saved_view_id", "saved_views", "CASCADE"),
        ),
    )
    op.create_index("idx_report_views_view", "report_views", ["organization_id", "saved_view_id"])
    audit("report_views", "report_view")
    op.execute(_RECORD_NAMES.replace(_NEXT, _NAMED + _NEXT))


def downgrade() -> None:
    op.execute(_RECORD_NAMES)
    op.drop_table("report_views")
