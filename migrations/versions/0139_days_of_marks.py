"""Days of marks are days in UTC, in any session.

Marks of large statements cover whole days. They were computed as a time plus one day, which has 23 hours on one day of
the year if the session's time zone has daylight saving time: the last hour wasn't marked.
"""

from alembic import op

revision = "0139_days_of_marks"
down_revision = "0138_marks_with_less_work"
branch_labels = None
depends_on = None

description = "Days of marks are days in UTC, in any session"
breaking = False

_FUNCTIONS = ("mark_appointments", "mark_calls", "mark_entries", "mark_recordings")


def upgrade() -> None:
    for function in _FUNCTIONS:
        op.execute(f"ALTER FUNCTION {function}() SET timezone = 'UTC'")


def downgrade() -> None:
    for function in _FUNCTIONS:
        op.execute(f"ALTER FUNCTION {function}() RESET timezone")
