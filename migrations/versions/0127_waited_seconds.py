"""Calls that nobody answered know how long the caller waited before hanging up."""

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0127_waited_seconds"
down_revision = "0126_exact_costs"
branch_labels = None
depends_on = None

description = "Unanswered calls know how long the caller waited before hanging up"
breaking = False


def upgrade() -> None:
    once(revision, _column)
    with op.get_context().autocommit_block():
        op.execute("-- squawk-ignore prefer-robust-stmts\nALTER TABLE calls VALIDATE CONSTRAINT check_waited_positive")


def downgrade() -> None:
    op.drop_column("calls", "waited_seconds")


def _column() -> None:
    op.add_column("calls", sa.Column("waited_seconds", sa.Integer(), nullable=True))
    op.execute("ALTER TABLE calls ADD CONSTRAINT check_waited_positive CHECK (waited_seconds >= 0) NOT VALID")
