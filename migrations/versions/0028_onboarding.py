"""The platform sets organizations up"""

revision = "0028_onboarding"
down_revision = "0027_retention"
branch_labels = None
depends_on = None

description = "The platform sets organizations up"
breaking = False


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
