"""Wait times of calls are read from the index of the numbers of calls."""

from alembic import op

revision = "0128_waits_in_indexes"
down_revision = "0127_waited_seconds"
branch_labels = None
depends_on = None

description = "Wait times are counted without reading the table of calls"
breaking = False

INDEX = "idx_calls_measured"
HELD = (
    "id, csr_id, status, call_type, direction, answered_at, duration_seconds, outcome, booking_status, call_quality, "
    "topic, lead_id"
)


def upgrade() -> None:
    _build(f"{HELD}, is_wait_unknown, waited_seconds")


def downgrade() -> None:
    _build(HELD)


def _build(held: str) -> None:
    built = f"{INDEX}_built"
    # Outside a transaction, so that calls can be stored in the meantime. The index remains until its replacement is
    # built.
    with op.get_context().autocommit_block():
        # Rebuilt, because an interrupted run can have left it half built.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {built}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {built} ON calls (organization_id, started_at) INCLUDE ({held})"
        )
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX {built} RENAME TO {INDEX}")
