"""Calls have only the indexes that they are found by."""

import sqlalchemy as sa
from alembic import op

revision = "0095_indexes_of_calls"
down_revision = "0094_entries_in_fewer_steps"
branch_labels = None
depends_on = None

description = "Calls come in more quickly"
breaking = False

_IDS = ("callrail_call_id", "twilio_sid", "vapi_call_id")
_OF_REPS = "calls (organization_id, assigned_rep_id, started_at DESC, id DESC) INCLUDE (contact_card_id, lead_id)"

#: Name → kind, definition after it, and the rows now included. Previously all were, most of them with a NULL value.
NARROWED = {
    **{
        f"uq_calls_{name}": ("UNIQUE INDEX", f"calls (organization_id, {name})", f"{name} IS NOT NULL") for name in _IDS
    },
    "idx_calls_rep_date": ("INDEX", _OF_REPS, "assigned_rep_id IS NOT NULL"),
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, (kind, on, which) in NARROWED.items():
            _replace(name, kind, f"{on} WHERE {which}")
        # No page or job searches by who answers: person, assistant or no one.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS idx_calls_handled_by")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_calls_handled_by "
            "ON calls (organization_id, handled_by, handled_by_user_id)"
        )
        for name, (kind, on, _which) in NARROWED.items():
            _replace(name, kind, on)


def _replace(name: str, kind: str, definition: str) -> None:
    """Replace the index outside a transaction, so that calls can be stored in the meantime.

    Each one remains until its replacement is built.
    """
    built = f"{name}_built"
    # An interrupted run can have left it half built; a complete one remains, since it may be the only one that prevents
    # duplicate IDs.
    if not _is_whole(built):
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {built}")
        op.execute(f"CREATE {kind} CONCURRENTLY IF NOT EXISTS {built} ON {definition}")
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX {built} RENAME TO {name}")


def _is_whole(index: str) -> bool:
    if op.get_context().as_sql:
        return False
    whole = sa.text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:index)")
    return bool(op.get_bind().scalar(whole, {"index": index}))
