"""What the numbers need"""

revision = "0017_metrics"
down_revision = "0016_bookkeeping"
branch_labels = None
depends_on = None

description = "What the numbers need"
breaking = False


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
