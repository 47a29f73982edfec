"""Lists, exports and bulk changes are stored by the name their feature declares."""

from alembic import op

revision = "0030_names_of_declarations"
down_revision = "0029_pending_actions_by_text"
branch_labels = None
depends_on = None

description = "Lists, exports and bulk changes are stored by the name that a feature declares"
breaking = False

#: Previous values of each column.
BEFORE = {
    ("list_settings", "page"): ("calls", "missed_calls", "leads", "appointments", "tasks"),
    ("saved_views", "page"): ("calls", "missed_calls", "leads", "appointments", "tasks"),
    ("bulk_operations", "action"): ("assign_csr", "set_outcome", "set_booking_status"),
    ("exports", "kind"): ("calls", "audit", "audit_json", "person", "organization"),
}


def _replace(table: str, name: str, other: str, rule: str) -> None:
    # Few rows, so the validation is fast. The dropped constraint is stricter than its replacement.
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule}) NOT VALID")
    op.execute(f"-- squawk-ignore constraint-missing-not-valid\nALTER TABLE {table} VALIDATE CONSTRAINT {name}")
    op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE {table} DROP CONSTRAINT {other}")


def upgrade() -> None:
    for table, column in BEFORE:
        _replace(table, f"check_{column}_format", f"check_{column}", f"{column} ~ '^[a-z][a-z_]{{0,49}}$'")


def downgrade() -> None:
    for (table, column), values in BEFORE.items():
        listed = ", ".join(f"'{value}'" for value in values)
        op.execute(f"DELETE FROM {table} WHERE {column} NOT IN ({listed})")
        _replace(table, f"check_{column}", f"check_{column}_format", f"{column} IN ({listed})")
