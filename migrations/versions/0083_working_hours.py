"""Individual working hours of users."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import once

revision = "0083_working_hours"
down_revision = "0082_numbers_in_indexes"
branch_labels = None
depends_on = None

description = "Free times and booked hours of somebody who works at other times than the organization"
breaking = False


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that users can sign in in the meantime.
    with op.get_context().autocommit_block():
        op.execute("-- squawk-ignore prefer-robust-stmts\nALTER TABLE users VALIDATE CONSTRAINT check_working_hours")


def _at_once() -> None:
    op.add_column("users", sa.Column("working_hours", postgresql.JSONB(), nullable=True))
    op.execute(
        "ALTER TABLE users ADD CONSTRAINT check_working_hours"
        " CHECK (working_hours IS NULL OR are_business_hours(working_hours) AND working_hours <> '{}') NOT VALID"
    )


def downgrade() -> None:
    op.drop_constraint("check_working_hours", "users")
    op.drop_column("users", "working_hours")
