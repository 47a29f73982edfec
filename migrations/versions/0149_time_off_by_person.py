"""An index of the time off of each person.

The working time of reps excludes it. A rep's busy times are mostly visits, which no longer need to be read for that.
"""

from alembic import op

revision = "0149_time_off_by_person"
down_revision = "0148_disputes_of_bookings"
branch_labels = None
depends_on = None

description = "An index of the time off of each person"
breaking = False

_INDEX = "idx_busy_times_time_off"


def upgrade() -> None:
    # Outside a transaction, so that rows can be written meanwhile; dropped first, because an interrupted run can have
    # left it half built.
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_INDEX}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {_INDEX} ON busy_times (organization_id, user_id) "
            "WHERE source = 'time_off'"
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_INDEX}")
