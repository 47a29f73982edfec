"""Job queue: the schema of procrastinate 3.10."""

from pathlib import Path

from alembic import context, op

revision = "0006_job_queue"
down_revision = "0005_tasks_and_imports"
branch_labels = None
depends_on = None

description = "The job queue (procrastinate 3.10)"
breaking = False

SCHEMA = Path(__file__).resolve().parent.parent / "sql" / "procrastinate_3_10.sql"

GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE
  ON procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers TO app_rw;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO app_rw;
DO $$
DECLARE
  routine regprocedure;
BEGIN
  FOR routine IN SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'procrastinate%'
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO app_rw', routine);
  END LOOP;
END
$$;
"""

REMOVE = """
DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers CASCADE;
DO $$
DECLARE
  routine regprocedure;
BEGIN
  FOR routine IN SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'procrastinate%'
  LOOP
    EXECUTE format('DROP FUNCTION %s CASCADE', routine);
  END LOOP;
END
$$;
DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_event_type, procrastinate_job_status;
"""


def _execute(script: str) -> None:
    """Execute several statements at once through the driver; op.execute would interpret % as a parameter."""
    if context.is_offline_mode():
        op.execute(script.replace("%", "%%"))
    else:
        op.get_bind().connection.driver_connection.execute(script)


def upgrade() -> None:
    _execute(SCHEMA.read_text())
    _execute(GRANTS)


def downgrade() -> None:
    _execute(REMOVE)
