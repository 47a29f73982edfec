"""Plans, quotas and payments have their rules"""

revision = "0025_billing_rules"
down_revision = "0024_organization_settings"
branch_labels = None
depends_on = None

description = "Plans, quotas and payments have their rules"
breaking = False


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
