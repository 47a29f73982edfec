"""Photos of people."""

import sqlalchemy as sa
from alembic import op

revision = "0039_pictures"
down_revision = "0038_suspension"
branch_labels = None
depends_on = None

description = "People have pictures"
breaking = False


def upgrade() -> None:
    op.add_column("users", sa.Column("avatar_key", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "avatar_key")
