"""A dispute can be about who booked an appointment."""

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0148_disputes_of_bookings"
down_revision = "0147_notes_on_appointments"
branch_labels = None
depends_on = None

description = "CSRs can dispute who booked an appointment"
# The previous version shows every dispute as one about a call.
breaking = True

_REFERENCES = {
    "appointment_id": ("appointments", "CASCADE"),
    "from_csr_id": ("users", None),
    "to_csr_id": ("users", None),
}
_OF_CALLS = ("call_id", "from_status", "to_status")
_CONSTRAINTS = {
    "check_kind": "CHECK (kind IN ('booking_status', 'booked_by'))",
    "check_dispute_kind": """CHECK (CASE kind
      WHEN 'booking_status' THEN num_nulls(call_id, from_status, to_status) = 0
        AND num_nonnulls(appointment_id, from_csr_id, to_csr_id) = 0
      ELSE appointment_id IS NOT NULL AND num_nonnulls(call_id, from_status, to_status) = 0 END)""",
    **{
        f"fk_booking_disputes_{column}": f"FOREIGN KEY (organization_id, {column}) REFERENCES {table}"
        f" (organization_id, id) ON DELETE {action or f'SET NULL ({column})'}"
        for column, (table, action) in _REFERENCES.items()
    },
}
_INDEXES = {
    "uq_booking_disputes_open_appointment": ("UNIQUE ", "appointment_id", " WHERE status = 'open'"),
    "idx_booking_disputes_appointment": ("", "appointment_id, created_at", ""),
}


def upgrade() -> None:
    once(revision, _columns)
    # Outside a transaction, so that rows can be written meanwhile.
    with op.get_context().autocommit_block():
        for name in _CONSTRAINTS:
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE booking_disputes VALIDATE CONSTRAINT {name}")
        # Rebuilt, because an interrupted run can have left one half built.
        for name, (unique, columns, where) in _INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(
                f"CREATE {unique}INDEX CONCURRENTLY IF NOT EXISTS {name}"
                f" ON booking_disputes (organization_id, {columns}){where}"
            )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in _INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    # The previous version has no place for them. Decided ones are lost, too, with their reasons and notes; accepted ones
    # stay in effect, since the appointment has its new `csr_id`, and the trail keeps who decided.
    op.execute("DELETE FROM booking_disputes WHERE kind = 'booked_by'")
    for name in _CONSTRAINTS:
        op.execute(f"ALTER TABLE booking_disputes DROP CONSTRAINT {name}")
    for column in ("kind", *_REFERENCES):
        op.drop_column("booking_disputes", column)
    for column in _OF_CALLS:
        op.alter_column("booking_disputes", column, nullable=False)


def _columns() -> None:
    op.add_column("booking_disputes", sa.Column("kind", sa.Text(), server_default="booking_status", nullable=False))
    for column in _REFERENCES:
        op.add_column("booking_disputes", sa.Column(column, sa.Uuid(), nullable=True))
    for column in _OF_CALLS:
        op.execute(f"-- squawk-ignore ban-drop-not-null\nALTER TABLE booking_disputes ALTER {column} DROP NOT NULL")
    for name, rule in _CONSTRAINTS.items():
        op.execute(f"ALTER TABLE booking_disputes ADD CONSTRAINT {name} {rule} NOT VALID")
