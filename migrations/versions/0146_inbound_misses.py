"""Stored days have the number of CSR calls, and imports the columns that they skipped.

Until now, the number of CSR calls was the denominator of the miss rate, which only has inbound calls now. Days are
counted again by the job; until then, pages count rows, as they do with any other definition.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0146_inbound_misses"
down_revision = "0145_credit_for_missed_callers"
branch_labels = None
depends_on = None

description = "The miss rate counts inbound calls only, and a finished import names its skipped columns"
# The previous version still stores days without the number; they are of its definitions.
breaking = False

#: Columns of an import that change while it runs; they aren't recorded in the trail.
_WHILE_RUNNING = (
    "updated_at,is_deleted,status,percent_read,rows_total,rows_created,rows_updated,rows_unchanged,rows_rejected,"
    "started_at,rows_remarked,rows_left_out,line_reached,preview,preview_failure,header_hash"
)


def upgrade() -> None:
    op.add_column("call_days", sa.Column("csr_calls", sa.Integer(), server_default=sa.text("0"), nullable=False))
    # Days that this version stored before a downgrade would have 0.
    op.execute("UPDATE rollup_days SET definitions = '' WHERE ledger = 'calls'")
    op.add_column(
        "imports", sa.Column("skipped_columns", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False)
    )
    _record_changes(f"{_WHILE_RUNNING},skipped_columns")


def downgrade() -> None:
    _record_changes(_WHILE_RUNNING)
    op.drop_column("imports", "skipped_columns")
    op.drop_column("call_days", "csr_calls")


def _record_changes(ignored: str) -> None:
    op.execute(
        "CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON imports"
        f" FOR EACH ROW EXECUTE FUNCTION audit_row('import', '{{{ignored}}}', '{{header_hash}}')"
    )
