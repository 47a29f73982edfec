"""Calls stand only in those indexes that somebody finds them by"""

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

#: Name → kind, what stands after it, and which rows are in it now. Before, all were: most with nothing to be found by.
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
        # No page and no job asks who answers: person, assistant or nobody.
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
    """Outside of a transaction: calls go on coming in meanwhile. Each is there until its like is built beside it."""
    built = f"{name}_built"
    # A run that broke off may have left half of it; a whole one stays, for it may be all that keeps ids from repeating.
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
