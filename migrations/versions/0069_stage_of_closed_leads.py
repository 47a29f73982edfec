"""A lead is closed if and only if it is dead or won."""

from alembic import op

from migrations.support import once

revision = "0069_stage_of_closed_leads"
down_revision = "0068_events_listed"
branch_labels = None
depends_on = None

description = "Stage, end and win of a lead cannot contradict each other"
breaking = False

CHECK = "check_lead_closed"
CONDITION = "(closed_at IS NOT NULL) = (stage = 'dead' OR won_at IS NOT NULL) AND (won_at IS NULL OR stage = 'booked')"
# Won leads stay won; leads closed otherwise are dead.
MENDED = f"""
UPDATE leads SET
  stage = CASE WHEN won_at IS NOT NULL THEN 'booked' ELSE 'dead' END,
  closed_at = coalesce(closed_at, won_at, last_activity_at),
  version = version + 1
WHERE NOT ({CONDITION})
"""


def upgrade() -> None:
    once(revision, _for_what_comes)
    # Outside a transaction, so that leads can be changed during validation.
    with op.get_context().autocommit_block():
        op.execute(MENDED)
        op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE leads VALIDATE CONSTRAINT {CHECK}")


def _for_what_comes() -> None:
    op.execute(f"ALTER TABLE leads ADD CONSTRAINT {CHECK} CHECK ({CONDITION}) NOT VALID")


def downgrade() -> None:
    op.execute(f"ALTER TABLE leads DROP CONSTRAINT {CHECK}")
