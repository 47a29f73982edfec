"""A note about a contact can be about one of the contact's appointments."""

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0147_notes_on_appointments"
down_revision = "0146_inbound_misses"
branch_labels = None
depends_on = None

description = "A note about a contact can be about one of the contact's appointments"
breaking = False

REFERENCE = "fk_contact_notes_appointment_id"
INDEX = "idx_contact_notes_appointment"


def upgrade() -> None:
    once(revision, _column)
    # Outside a transaction, so that rows can be written meanwhile.
    with op.get_context().autocommit_block():
        op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE contact_notes VALIDATE CONSTRAINT {REFERENCE}")
        # Rebuilt, because an interrupted run can have left it half built.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {INDEX} ON contact_notes"
            " (organization_id, appointment_id, created_at DESC, id DESC) WHERE appointment_id IS NOT NULL"
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
    op.drop_column("contact_notes", "appointment_id")


def _column() -> None:
    op.add_column("contact_notes", sa.Column("appointment_id", sa.Uuid(), nullable=True))
    op.execute(
        f"ALTER TABLE contact_notes ADD CONSTRAINT {REFERENCE} FOREIGN KEY (organization_id, appointment_id)"
        " REFERENCES appointments (organization_id, id) ON DELETE SET NULL (appointment_id) NOT VALID"
    )
