"""Calls at an appointment are credited to no CSR."""

from alembic import op

revision = "0018_visits_are_nobodys_call"
down_revision = "0017_metrics"
branch_labels = None
depends_on = None

description = "A visit is credited to no CSR"
breaking = False

CHECK = "check_visit_without_csr"


def upgrade() -> None:
    # Outside a transaction, so that calls can be stored during the update. Leftovers of an interrupted run are created
    # again.
    with op.get_context().autocommit_block():
        op.execute("UPDATE calls SET csr_id = NULL WHERE call_type = 'visit_call' AND csr_id IS NOT NULL")
        op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE calls DROP CONSTRAINT IF EXISTS {CHECK}")
        op.execute(
            f"ALTER TABLE calls ADD CONSTRAINT {CHECK} CHECK (call_type <> 'visit_call' OR csr_id IS NULL) NOT VALID"
        )
        op.execute(f"ALTER TABLE calls VALIDATE CONSTRAINT {CHECK}")


def downgrade() -> None:
    op.drop_constraint(CHECK, "calls")
