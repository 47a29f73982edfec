"""Only calls that nobody answered have a wait before hanging up."""

from alembic import op

from migrations.support import once

revision = "0130_waits_of_the_unanswered"
down_revision = "0129_marketing_of_calls"
branch_labels = None
depends_on = None

description = "Answered calls have no wait before hanging up"
breaking = False

_CHECK = "check_waited_unanswered"


def upgrade() -> None:
    once(revision, _add)
    with op.get_context().autocommit_block():
        op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE calls VALIDATE CONSTRAINT {_CHECK}")


def downgrade() -> None:
    op.drop_constraint(_CHECK, "calls")


def _add() -> None:
    op.execute(
        f"ALTER TABLE calls ADD CONSTRAINT {_CHECK} CHECK (waited_seconds IS NULL OR status <> 'completed') NOT VALID"
    )
