"""A change can be reverted"""

revision = "0020_reverts"
down_revision = "0019_audit_search"
branch_labels = None
depends_on = None

description = "A change can be reverted"
breaking = False


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
