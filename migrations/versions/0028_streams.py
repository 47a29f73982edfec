"""Streaming of the audit trail."""

import sqlalchemy as sa
from alembic import op

from migrations.support import audit

revision = "0028_streams"
down_revision = "0027_retention"
branch_labels = None
depends_on = None

description = "The audit trail is streamed"
breaking = False

COLUMNS = {
    "delivery_id": sa.Uuid(),
    "until_pos": sa.BigInteger(),
    "until_id": sa.Uuid(),
    "next_try_at": sa.DateTime(timezone=True),
    "failing_since": sa.DateTime(timezone=True),
    "tested_at": sa.DateTime(timezone=True),
    "test_error": sa.Text(),
}
#: Not changes by a user: the progress of the delivery.
BEFORE = ("sent_pos", "sent_id", "last_sent_at", "attempts", "last_error")
CHECKS = {
    "check_test_error_length": "char_length(test_error) BETWEEN 1 AND 1000",
    "check_delivery": "num_nonnulls(delivery_id, until_pos, until_id) IN (0, 3)",
}

DUE = """
CREATE FUNCTION organizations_with_streams() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT DISTINCT organization_id FROM outbound_streams WHERE enabled
$$
"""


def _audit(*ignored: str) -> None:
    op.execute("DROP TRIGGER audit ON outbound_streams")
    audit("outbound_streams", "outbound_stream", ignored=ignored, redacted=("secret",))


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("outbound_streams", sa.Column(name, kind, nullable=True))
    for name, rule in CHECKS.items():
        op.create_check_constraint(name, "outbound_streams", rule, postgresql_not_valid=True)
        # Few rows, so the validation is fast.
        op.execute(
            f"-- squawk-ignore constraint-missing-not-valid\nALTER TABLE outbound_streams VALIDATE CONSTRAINT {name}"
        )
    _audit(*BEFORE, *COLUMNS)
    op.execute(DUE)
    op.execute("GRANT EXECUTE ON FUNCTION organizations_with_streams() TO app_jobs")


def downgrade() -> None:
    op.execute("DROP FUNCTION organizations_with_streams()")
    _audit(*BEFORE)
    for name in CHECKS:
        op.drop_constraint(name, "outbound_streams", type_="check")
    for name in reversed(COLUMNS):
        op.drop_column("outbound_streams", name)
