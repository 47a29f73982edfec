"""Imports of analyses, leads, appointments and knowledge items, with a preview of the whole file."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import audit, once

revision = "0090_imports_looked_at_whole"
down_revision = "0089_imports_taken_back"
branch_labels = None
depends_on = None

description = "Imports are looked at as a whole before they start, and four kinds of files are new"
breaking = False

_TABLES = ("imports", "import_mappings")
_BEFORE = ("calls", "contacts", "deals", "people")
_NEW = ("analyses", "leads", "appointments", "knowledge")
_IGNORED = (
    "status",
    "percent_read",
    "rows_total",
    "rows_created",
    "rows_updated",
    "rows_unchanged",
    "rows_rejected",
    "started_at",
    "rows_remarked",
    "rows_left_out",
    "line_reached",
)


def upgrade() -> None:
    once(revision, _at_once)
    with op.get_context().autocommit_block():
        for table in _TABLES:
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE {table} VALIDATE CONSTRAINT check_kind")
        op.execute(
            "-- squawk-ignore prefer-robust-stmts\nALTER TABLE imports VALIDATE CONSTRAINT check_preview_failure_length"
        )


def downgrade() -> None:
    for table in _TABLES:
        # Earlier releases cannot read such files.
        op.execute(f"DELETE FROM {table} WHERE kind NOT IN ({_listed(_BEFORE)})")
    _say_kinds(_BEFORE)
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT check_kind")
    op.execute("DROP TRIGGER audit ON imports")
    audit("imports", "import", ignored=_IGNORED)
    op.drop_constraint("check_preview_failure_length", "imports")
    for name in ("preview_failure", "preview"):
        op.drop_column("imports", name)


def _at_once() -> None:
    _say_kinds((*_BEFORE, *_NEW))
    op.add_column("imports", sa.Column("preview", postgresql.JSONB()))
    op.add_column("imports", sa.Column("preview_failure", sa.Text()))
    op.execute(
        "ALTER TABLE imports ADD CONSTRAINT check_preview_failure_length"
        " CHECK (char_length(preview_failure) BETWEEN 1 AND 1000) NOT VALID"
    )
    op.execute("DROP TRIGGER audit ON imports")
    audit("imports", "import", ignored=(*_IGNORED, "preview", "preview_failure"))


def _listed(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


def _say_kinds(kinds: tuple[str, ...]) -> None:
    for table in _TABLES:
        op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE {table} DROP CONSTRAINT IF EXISTS check_kind")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT check_kind CHECK (kind IN ({_listed(kinds)})) NOT VALID")
