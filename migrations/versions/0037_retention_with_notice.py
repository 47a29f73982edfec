"""Minimum retention periods; a shorter retention period takes effect after a day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0037_retention_with_notice"
down_revision = "0036_names_in_the_trail"
branch_labels = None
depends_on = None

description = "Retention has a least number of days, and shorter days count after a day"
breaking = False

LEAST = {"calls": 90, "audit": 365}
BELOW = "jsonb_path_exists({column}, '$ ? (@.calls < 90 || @.audit < 365)')"
NUMBERS = (
    "jsonb_typeof(pending_retention) = 'object' AND NOT "
    "jsonb_path_exists(pending_retention, 'strict $.* ? (@.type() != \"number\" || @ < 1)')"
)
CHECKS = {
    "check_retention_minimum": f"NOT {BELOW.format(column='retention_days')}",
    "check_pending_retention": f"{NUMBERS} AND NOT {BELOW.format(column='pending_retention')}",
    "check_pending_retention_at": "(pending_retention IS NULL) = (pending_retention_at IS NULL)",
}


def upgrade() -> None:
    op.add_column("organizations", sa.Column("pending_retention", postgresql.JSONB(), nullable=True))
    op.add_column("organizations", sa.Column("pending_retention_at", sa.DateTime(timezone=True), nullable=True))
    # Raised instead of rejected: an organization with a shorter period keeps what is left for longer, and loses
    # nothing.
    for kind, least in LEAST.items():
        op.execute(
            f"UPDATE organizations SET retention_days = jsonb_set(retention_days, '{{{kind}}}', '{least}')"
            f" WHERE jsonb_path_exists(retention_days, '$.{kind} ? (@ < {least})')"
        )
    for name, rule in CHECKS.items():
        op.create_check_constraint(name, "organizations", rule, postgresql_not_valid=True)
        # Few rows, so the validation is fast.
        op.execute(
            f"-- squawk-ignore constraint-missing-not-valid\nALTER TABLE organizations VALIDATE CONSTRAINT {name}"
        )


def downgrade() -> None:
    op.drop_constraint("check_retention_minimum", "organizations")
    op.drop_column("organizations", "pending_retention_at")
    op.drop_column("organizations", "pending_retention")
