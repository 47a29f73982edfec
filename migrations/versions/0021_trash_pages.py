"""The trash has its pages"""

revision = "0021_trash_pages"
down_revision = "0020_reverts"
branch_labels = None
depends_on = None

description = "The trash has its pages"
breaking = False


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
