"""The trail records what an undo must put back: last activity of leads, reviews of answers, and ends of claims."""

from collections.abc import Sequence

from alembic import op

from migrations.support import ALWAYS_IGNORED

revision = "0151_activity_in_the_trail"
down_revision = "0150_deleted_import_files"
branch_labels = None
depends_on = None

description = "Undo puts back the last activity of leads, reviews of answers and claims of missed calls"
breaking = False

_COUNTERS = ("search", "usage_count", "last_used_at")
#: By table: the kind of its rows, the ignored columns, and those before.
_TABLES: dict[str, tuple[str, Sequence[str], Sequence[str]]] = {
    "leads": ("lead", (), ("last_activity_at",)),
    "knowledge_items": ("knowledge_item", _COUNTERS, (*_COUNTERS, "confirmed_at")),
    "missed_call_entries": (
        "missed_call_entry",
        ("first_attempt_seconds",),
        ("claim_expires_at", "first_attempt_seconds"),
    ),
}


def upgrade() -> None:
    for table, (kind, ignored, _before) in _TABLES.items():
        _record(table, kind, ignored)


def downgrade() -> None:
    for table, (kind, _ignored, before) in _TABLES.items():
        _record(table, kind, before)


def _record(table: str, kind: str, ignored: Sequence[str]) -> None:
    """Create the triggers of a table again. Inserted leads are recorded by a statement for all of them."""
    arguments = f"'{kind}', '{{{','.join((*ALWAYS_IGNORED, *ignored))}}}', '{{}}'"
    inserts = "" if table == "leads" else "INSERT OR "
    op.execute(
        f"CREATE OR REPLACE TRIGGER audit AFTER {inserts}UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION audit_row({arguments})"
    )
    if table == "leads":
        op.execute(
            f"CREATE OR REPLACE TRIGGER audit_inserted AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh "
            f"FOR EACH STATEMENT EXECUTE FUNCTION audit_inserted({arguments})"
        )
