"""Next attempt to reach a missed caller; one call at a time for users who call from their own phone."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0053_queue_worked"
down_revision = "0052_found_and_named"
branch_labels = None
depends_on = None

description = "The queue of missed calls says when somebody is to be tried again"
breaking = False

_ON = "uq_calls_on_by_person"
_JOBS = import_module("migrations.versions.0008_jobs")

# Outbound calls without a result also belong to the queue: most of them are callbacks.
DUE = _JOBS.MISSED_CALLS_DUE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
    "\n$$\n",
    """
  UNION
  SELECT organization_id FROM calls
  WHERE status = 'active' AND direction = 'outbound' AND source = 'user' AND started_at <= now() - interval '1 hour'
$$
""",
)


def upgrade() -> None:
    once(revision, _at_once)
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_ON}")
        op.create_index(
            _ON,
            "calls",
            ["organization_id", "handled_by_user_id"],
            unique=True,
            postgresql_where=sa.text("status = 'active' AND direction = 'outbound' AND source = 'user'"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def _at_once() -> None:
    op.execute(DUE)
    op.add_column("missed_call_entries", sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.execute(_JOBS.MISSED_CALLS_DUE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_ON}")
    op.drop_column("missed_call_entries", "next_attempt_at")
