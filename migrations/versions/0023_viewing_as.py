"""An admin sees pages as somebody else does"""

revision = "0023_viewing_as"
down_revision = "0022_people"
branch_labels = None
depends_on = None

description = "An admin sees pages as somebody else does"
breaking = False


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
