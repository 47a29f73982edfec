"""The weekly report comes by mail: what a mail is about that is made when it is sent"""

from alembic import op

revision = "0080_weekly_report_by_mail"
down_revision = "0079_loudness"
branch_labels = None
depends_on = None

description = "The weekly report comes by mail, whole"
breaking = False


def upgrade() -> None:
    op.execute("ALTER TABLE messages ADD COLUMN about_id uuid")


def downgrade() -> None:
    op.execute("ALTER TABLE messages DROP COLUMN about_id")
