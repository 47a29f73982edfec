"""Imports in batches: progress, created and changed rows, and cancellation."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import Reference, audit, create_tenant_table, once

revision = "0087_imports_in_portions"
down_revision = "0086_remarks_of_imports"
branch_labels = None
depends_on = None

description = "Imports store their rows in portions, can be cancelled, and know what they made and changed"
breaking = False

_IGNORED = (
    "status",
    "percent_read",
    "rows_total",
    "rows_created",
    "rows_updated",
    "rows_unchanged",
    "rows_rejected",
    "started_at",
)
# Columns changed by every batch.
_IGNORED_TOO = ("rows_remarked", "rows_left_out", "line_reached")
_STATUSES = ("uploaded", "queued", "running", "completed", "failed")
_ENDED = ("completed", "failed")


def upgrade() -> None:
    once(revision, _at_once)
    with op.get_context().autocommit_block():
        for name in ("check_status", "check_import_finished_at", "check_line_reached"):
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE imports VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    # Earlier releases support no canceled imports: the rest was not imported.
    op.execute("UPDATE imports SET status = 'failed', failure = 'Cancelled.' WHERE status = 'cancelled'")
    op.execute("DROP TRIGGER audit ON imports")
    audit("imports", "import", ignored=_IGNORED)
    _say_statuses(_STATUSES, _ENDED)
    for name in ("check_status", "check_import_finished_at"):
        op.execute(f"ALTER TABLE imports VALIDATE CONSTRAINT {name}")
    op.drop_table("import_rows")
    op.drop_constraint("check_line_reached", "imports")
    op.drop_column("imports", "line_reached")


def _at_once() -> None:
    op.add_column("imports", sa.Column("line_reached", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.execute("ALTER TABLE imports ADD CONSTRAINT check_line_reached CHECK (line_reached >= 0) NOT VALID")
    _say_statuses((*_STATUSES, "cancelled"), (*_ENDED, "cancelled"))
    op.execute("DROP TRIGGER audit ON imports")
    audit("imports", "import", ignored=(*_IGNORED, *_IGNORED_TOO))
    create_tenant_table(
        "import_rows",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint("line >= 1", name="check_imported_line"),
        sa.CheckConstraint("char_length(resource) BETWEEN 1 AND 60", name="check_resource_length"),
        sa.CheckConstraint("effect IN ('created', 'updated')", name="check_effect"),
        sa.CheckConstraint("(effect = 'updated') = (before IS NOT NULL)", name="check_before"),
        sa.UniqueConstraint("organization_id", "import_id", "resource", "record_id", name="uq_import_rows_record"),
        references=[Reference("import_id", "imports", "CASCADE")],
    )


def _say_statuses(statuses: tuple[str, ...], ended: tuple[str, ...]) -> None:
    """Set the allowed statuses, and those that have an end time."""
    rules = {
        "check_status": f"status IN ({_listed(statuses)})",
        "check_import_finished_at": f"(status IN ({_listed(ended)})) = (finished_at IS NOT NULL)",
    }
    for name, rule in rules.items():
        op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE imports DROP CONSTRAINT IF EXISTS {name}")
        op.execute(f"ALTER TABLE imports ADD CONSTRAINT {name} CHECK ({rule}) NOT VALID")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
