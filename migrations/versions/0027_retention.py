"""Old rows go by the organization's rules"""

revision = "0027_retention"
down_revision = "0026_privacy"
branch_labels = None
depends_on = None

description = "Old rows go by the organization's rules"
breaking = False


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
