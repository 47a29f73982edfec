"""Analyses and transcripts refer to the row of the file they came from."""

import sqlalchemy as sa
from alembic import op

revision = "0091_results_by_file"
down_revision = "0090_imports_looked_at_whole"
branch_labels = None
depends_on = None

description = "Analyses and transcripts can be imported, and the same file twice changes nothing"
breaking = False

_TABLES = ("call_transcripts", "call_analyses")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("external_fingerprint", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "external_fingerprint")
