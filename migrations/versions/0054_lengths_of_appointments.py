"""Lengths of appointments and travel times per organization; events are found by their end."""

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0054_lengths_of_appointments"
down_revision = "0053_queue_worked"
branch_labels = None
depends_on = None

description = "Free times of reps: how long an appointment takes, and how long it takes to get to the next"
breaking = False

_CHECKS = {
    "check_appointment_minutes": "appointment_minutes BETWEEN 15 AND 480",
    "check_travel_minutes": "travel_minutes BETWEEN 0 AND 240",
}


def upgrade() -> None:
    once(revision, _at_once)
    with op.get_context().autocommit_block():
        for name in _CHECKS:
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE organizations VALIDATE CONSTRAINT {name}")
        # Past events occupy no one's time: only the few upcoming ones are read.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS idx_events_end")
        op.execute("CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_end ON events (organization_id, end_at)")


def _at_once() -> None:
    for column, minutes in (("appointment_minutes", "90"), ("travel_minutes", "30")):
        op.add_column("organizations", sa.Column(column, sa.Integer(), nullable=False, server_default=sa.text(minutes)))
    for name, condition in _CHECKS.items():
        op.execute(f"ALTER TABLE organizations ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS idx_events_end")
    op.drop_column("organizations", "travel_minutes")
    op.drop_column("organizations", "appointment_minutes")
