"""An export whose rows aren't counted first has no total; until now, it had zero.

Rows of before keep theirs: only exports that are running show it.
"""

from alembic import op

revision = "0141_unknown_totals"
down_revision = "0140_many_deals_at_once"
branch_labels = None
depends_on = None

description = "An export whose number of rows is unknown shows none"
breaking = False


def upgrade() -> None:
    op.execute(
        "-- squawk-ignore ban-drop-not-null, ban-drop-default\n"
        "ALTER TABLE exports ALTER COLUMN rows_total DROP NOT NULL, ALTER COLUMN rows_total DROP DEFAULT"
    )


def downgrade() -> None:
    op.execute("UPDATE exports SET rows_total = 0 WHERE rows_total IS NULL")
    op.execute("ALTER TABLE exports ALTER COLUMN rows_total SET DEFAULT 0, ALTER COLUMN rows_total SET NOT NULL")
