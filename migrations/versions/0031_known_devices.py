"""Known browsers of a user get rate limits of their own."""

import sqlalchemy as sa
from alembic import op

from migrations.support import Reference, create_tenant_table

revision = "0031_known_devices"
down_revision = "0030_names_of_declarations"
branch_labels = None
depends_on = None

description = "Browsers that somebody has signed in with have a budget of their own"
breaking = False


def upgrade() -> None:
    create_tenant_table(
        "known_devices",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("organization_id", "token_hash", name="uq_known_devices_token_hash"),
        references=[Reference("user_id", "users", "CASCADE")],
    )
    op.create_index("idx_known_devices_user", "known_devices", ["organization_id", "user_id"])


def downgrade() -> None:
    op.drop_table("known_devices")
