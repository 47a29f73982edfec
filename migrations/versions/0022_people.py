"""People have their pages"""

revision = "0022_people"
down_revision = "0021_trash_pages"
branch_labels = None
depends_on = None

description = "People have their pages"
breaking = False


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
