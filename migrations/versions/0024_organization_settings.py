"""An organization is set up by its admins"""

revision = "0024_organization_settings"
down_revision = "0023_viewing_as"
branch_labels = None
depends_on = None

description = "An organization is set up by its admins"
breaking = False


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
