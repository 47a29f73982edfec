"""A stream contains only what the user who set it up can read."""

import sqlalchemy as sa
from alembic import op

revision = "0035_streams_of_somebody"
down_revision = "0034_takers_and_sources"
branch_labels = None
depends_on = None

description = "A stream carries what whoever set it up may read"
breaking = False

CHECKS = {
    "check_paused_because": "paused_because IN ('creator_gone', 'creator_lacks_permission')",
    "check_paused_is_not_enabled": "paused_because IS NULL OR NOT enabled",
}

# The audit trail shows who created existing streams. A stream whose creator is unknown or has left is paused by the
# worker, which reports it.
CREATORS = """
UPDATE outbound_streams SET created_by = users.id, created_by_label = users.name
FROM audit_logs JOIN users ON users.organization_id = audit_logs.organization_id AND users.id = audit_logs.user_id
WHERE audit_logs.organization_id = outbound_streams.organization_id AND audit_logs.action = 'outbound_stream.created'
  AND audit_logs.resource_type = 'outbound_stream' AND audit_logs.resource_id = outbound_streams.id
"""


def upgrade() -> None:
    op.add_column("outbound_streams", sa.Column("created_by", sa.Uuid(), nullable=True))
    op.add_column(
        "outbound_streams", sa.Column("created_by_label", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.add_column("outbound_streams", sa.Column("paused_because", sa.Text(), nullable=True))
    # Not a change by a user: the values are already in the audit trail.
    op.execute("ALTER TABLE outbound_streams DISABLE TRIGGER USER")
    op.execute(CREATORS)
    op.execute("ALTER TABLE outbound_streams ENABLE TRIGGER USER")
    op.execute(
        "ALTER TABLE outbound_streams ADD CONSTRAINT fk_outbound_streams_created_by"
        " FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)"
        " ON DELETE SET NULL (created_by) NOT VALID"
    )
    for name, rule in CHECKS.items():
        op.execute(f"ALTER TABLE outbound_streams ADD CONSTRAINT {name} CHECK ({rule}) NOT VALID")
    # Few rows, so the validation is fast.
    for name in ("fk_outbound_streams_created_by", *CHECKS):
        op.execute(
            f"-- squawk-ignore constraint-missing-not-valid\nALTER TABLE outbound_streams VALIDATE CONSTRAINT {name}"
        )


def downgrade() -> None:
    for column in ("paused_because", "created_by_label", "created_by"):
        op.drop_column("outbound_streams", column)
