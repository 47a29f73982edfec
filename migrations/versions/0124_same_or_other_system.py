"""Imports remember the columns of their file, and an external id is found in all sources."""

import sqlalchemy as sa
from alembic import op

from migrations.support import audit, once

revision = "0124_same_or_other_system"
down_revision = "0123_callers_in_the_trail"
branch_labels = None
depends_on = None

description = "Imports ask whether a file is from the same system as earlier ones"
breaking = False

_TABLES = ("contact_cards", "leads", "calls", "appointments", "knowledge_items")
_NEW, _FORMER = "external_id, external_source", "external_source, external_id"
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
    "preview",
    "preview_failure",
)
_CHECKS = {
    "check_header_hash": "octet_length(header_hash) = 32",
    "check_confirmed_source_length": "char_length(confirmed_source) BETWEEN 1 AND 60",
}


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that rows can be written in the meantime.
    with op.get_context().autocommit_block():
        for name in _CHECKS:
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE imports VALIDATE CONSTRAINT {name}")
        for table in _TABLES:
            _replace(table, _NEW)


def downgrade() -> None:
    op.execute("DROP TRIGGER audit ON imports")
    audit("imports", "import", ignored=_IGNORED)
    for column in ("confirmed_source", "header_hash"):
        op.drop_column("imports", column)
    with op.get_context().autocommit_block():
        for table in _TABLES:
            _replace(table, _FORMER)


def _at_once() -> None:
    op.add_column("imports", sa.Column("header_hash", sa.LargeBinary()))
    op.add_column("imports", sa.Column("confirmed_source", sa.Text()))
    for name, rule in _CHECKS.items():
        op.execute(f"ALTER TABLE imports ADD CONSTRAINT {name} CHECK ({rule}) NOT VALID")
    op.execute("DROP TRIGGER audit ON imports")
    audit("imports", "import", ignored=(*_IGNORED, "header_hash"), redacted=("header_hash",))


def _replace(table: str, columns: str) -> None:
    """Replace the unique index; the former one remains until the new one is built."""
    name = f"uq_{table}_external"
    built = f"{name}_built"
    # Rebuilt, because an interrupted run can have left it half built.
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {built}")
    op.execute(f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {built} ON {table} (organization_id, {columns})")
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX {built} RENAME TO {name}")
