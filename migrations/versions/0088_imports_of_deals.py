"""Imports of deals, and of people and their teams."""

from alembic import op

from migrations.support import once

revision = "0088_imports_of_deals"
down_revision = "0087_imports_in_portions"
branch_labels = None
depends_on = None

description = "Deals, and people with their managers, can be imported"
breaking = False

_TABLES = ("imports", "import_mappings")
_BEFORE = ("calls", "contacts")


def upgrade() -> None:
    once(revision, lambda: _say_kinds((*_BEFORE, "deals", "people")))
    with op.get_context().autocommit_block():
        for table in _TABLES:
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE {table} VALIDATE CONSTRAINT check_kind")


def downgrade() -> None:
    for table in _TABLES:
        # Earlier releases cannot read such files.
        op.execute(f"DELETE FROM {table} WHERE kind NOT IN ('calls', 'contacts')")
    _say_kinds(_BEFORE)
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT check_kind")


def _say_kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    for table in _TABLES:
        op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE {table} DROP CONSTRAINT IF EXISTS check_kind")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT check_kind CHECK (kind IN ({listed})) NOT VALID")
