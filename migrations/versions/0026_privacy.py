"""A person is found, given their data and forgotten"""

revision = "0026_privacy"
down_revision = "0025_billing_rules"
branch_labels = None
depends_on = None

description = "A person is found, given their data and forgotten"
breaking = False


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
