"""Imports: warnings about values, skipped rows, unknown wait times, short codes as callers."""

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0086_remarks_of_imports"
down_revision = "0085_views_in_the_report"
branch_labels = None
depends_on = None

description = "Imports say which values they left out, and short codes stand as callers"
breaking = False

_NUMBERS = ("caller_number", "called_number")
_E164 = r"\+[1-9]\d{1,14}"


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that calls can be stored in the meantime.
    with op.get_context().autocommit_block():
        op.execute(
            "-- squawk-ignore prefer-robust-stmts\nALTER TABLE imports VALIDATE CONSTRAINT check_import_remarks_positive"
        )
        for column in _NUMBERS:
            op.execute(
                f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE calls VALIDATE CONSTRAINT check_{column}_format"
            )


def downgrade() -> None:
    # Earlier releases support no short codes, which become unknown again.
    op.execute("UPDATE calls SET caller_number = NULL WHERE caller_number NOT LIKE '+%'")
    op.execute("UPDATE calls SET called_number = NULL WHERE called_number NOT LIKE '+%'")
    for column in _NUMBERS:
        _replace(column, f"^{_E164}$")
    for column in _NUMBERS:
        op.execute(f"ALTER TABLE calls VALIDATE CONSTRAINT check_{column}_format")
    op.drop_column("calls", "is_wait_unknown")
    op.drop_constraint("check_import_remarks_positive", "imports")
    op.drop_column("import_errors", "is_remark")
    op.drop_column("imports", "rows_left_out")
    op.drop_column("imports", "rows_remarked")


def _at_once() -> None:
    op.add_column("imports", sa.Column("rows_remarked", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("imports", sa.Column("rows_left_out", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "import_errors", sa.Column("is_remark", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("calls", sa.Column("is_wait_unknown", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute(
        "ALTER TABLE imports ADD CONSTRAINT check_import_remarks_positive"
        " CHECK (least(rows_remarked, rows_left_out) >= 0) NOT VALID"
    )
    for column in _NUMBERS:
        _replace(column, rf"^({_E164}|[1-9]\d{{2,5}})$")


def _replace(column: str, pattern: str) -> None:
    op.execute(
        f"-- squawk-ignore ban-drop-constraint\nALTER TABLE calls DROP CONSTRAINT IF EXISTS check_{column}_format"
    )
    op.execute(f"ALTER TABLE calls ADD CONSTRAINT check_{column}_format CHECK ({column} ~ '{pattern}') NOT VALID")
