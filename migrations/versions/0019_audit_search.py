"""The audit trail is searched by words and changed fields"""

revision = "0019_audit_search"
down_revision = "0018_visits_are_nobodys_call"
branch_labels = None
depends_on = None

description = "The audit trail is searched by words and changed fields"
breaking = False


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
