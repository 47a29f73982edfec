"""The audit trail is streamed"""

revision = "0029_streams"
down_revision = "0028_onboarding"
branch_labels = None
depends_on = None

description = "The audit trail is streamed"
breaking = False


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
