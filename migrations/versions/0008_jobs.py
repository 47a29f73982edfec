"""Job records: dead letters, the schedule, figures of the queue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import create_tenant_table

revision = "0008_jobs"
down_revision = "0007_audit_seals"
branch_labels = None
depends_on = None

description = "Records of jobs: their dead letters, the schedule, what the queue has to tell"
breaking = False

# Jobs that wait during the upgrade were stored with all their data, which is moved to their record.
MOVE_INTO_RECORDS = """
WITH waiting AS MATERIALIZED (
  SELECT id AS number, new_uuid7() AS job_id, (args -> 'context' ->> 'organization_id')::uuid AS organization_id,
         task_name, args, lock, attempts
  FROM procrastinate_jobs WHERE status IN ('todo', 'doing')
), moved AS (
  INSERT INTO jobs (organization_id, id, name, arguments, context, language, one_by_one, asked_by_label, tries)
  SELECT organization_id, job_id, task_name, args -> 'arguments', args -> 'context', args ->> 'language', lock,
         coalesce(args -> 'context' ->> 'actor_label', ''), attempts
  FROM waiting WHERE organization_id IN (SELECT id FROM organizations)
)
UPDATE procrastinate_jobs
SET args = jsonb_build_object('organization_id', waiting.organization_id, 'job_id', waiting.job_id)
FROM waiting WHERE procrastinate_jobs.id = waiting.number
"""
MOVE_BACK = """
UPDATE procrastinate_jobs
SET args = jsonb_build_object(
  'context', jobs.context || jsonb_build_object('organization_id', jobs.organization_id),
  'language', jobs.language, 'arguments', jobs.arguments
)
FROM jobs
WHERE jobs.organization_id = (args ->> 'organization_id')::uuid AND jobs.id = (args ->> 'job_id')::uuid
"""

ORGANIZATION_ZONES = """
CREATE FUNCTION organization_zones() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT DISTINCT timezone FROM organizations WHERE deleted_at IS NULL AND status = 'active'
$$
"""

# One record per job and organization: a waiting or running job takes the place of the next one, so nothing piles up,
# and the second of two workers finds `scheduled_for` already set. A run without a sign of life for a day is lost. One
# that was due in the future comes from a wrong clock and does not prevent others.
SCHEDULE_JOBS = """
CREATE FUNCTION schedule_jobs(job_name text, queue text, zone text, due timestamptz, chosen uuid[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  numbers bigint[];
BEGIN
  WITH wanted AS (
    INSERT INTO jobs (organization_id, id, name, language, asked_at, scheduled_for)
    SELECT id, new_uuid7(), job_name, language, clock_timestamp(), due
    FROM organizations
    WHERE timezone = zone AND deleted_at IS NULL AND status = 'active' AND created_at < due
      AND (chosen IS NULL OR id = ANY (chosen))
    ORDER BY id
    ON CONFLICT (organization_id, name) WHERE scheduled_for IS NOT NULL
    DO UPDATE SET status = 'waiting', language = EXCLUDED.language, asked_at = EXCLUDED.asked_at,
                  scheduled_for = EXCLUDED.scheduled_for, tries = 0, next_try_at = NULL, finished_at = NULL,
                  progress_done = 0, progress_total = NULL
      WHERE (jobs.scheduled_for < EXCLUDED.scheduled_for
          OR jobs.scheduled_for > greatest(EXCLUDED.scheduled_for, clock_timestamp() + interval '1 hour'))
        AND (jobs.status NOT IN ('waiting', 'running') OR jobs.updated_at < clock_timestamp() - interval '1 day')
    RETURNING organization_id, id
  )
  SELECT procrastinate_defer_jobs_v1(array_agg(
    ROW(queue, job_name, -10, NULL, NULL, jsonb_build_object('organization_id', organization_id, 'job_id', id), NULL)
      ::procrastinate_job_to_defer_v1
  )) INTO numbers FROM wanted HAVING count(*) > 0;
  RETURN coalesce(cardinality(numbers), 0);
END
$$
"""

MISSED_CALLS_DUE = """
CREATE FUNCTION organizations_with_missed_calls_due() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT DISTINCT entries.organization_id
  FROM missed_call_entries AS entries JOIN organizations ON organizations.id = entries.organization_id
  WHERE entries.status IN ('open', 'claimed')
    AND (entries.claim_expires_at <= now()
      OR entries.first_missed_at <= now() - make_interval(days => organizations.rescue_window_days))
$$
"""

# The lag is how long the longest-waiting job has been due.
QUEUE_NUMBERS = """
CREATE FUNCTION queue_numbers(queue text, OUT waiting bigint, OUT running bigint, OUT failed bigint,
                              OUT lag_seconds double precision, OUT workers bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing'),
         (SELECT count(*) FROM jobs WHERE status = 'failed'),
         coalesce(greatest(0, extract(epoch FROM now() - min(coalesce(scheduled_at, (
           SELECT min(at) FROM procrastinate_events WHERE job_id = queued.id
         ))) FILTER (WHERE status = 'todo'))), 0)::double precision,
         (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '20 seconds')
  FROM procrastinate_jobs AS queued WHERE queue_name = queue AND status IN ('todo', 'doing')
$$
"""

#: Functions with their signature and the role that can execute them.
FUNCTIONS = (
    (ORGANIZATION_ZONES, "organization_zones()", "app_jobs"),
    (SCHEDULE_JOBS, "schedule_jobs(text, text, text, timestamptz, uuid[])", "app_jobs"),
    (MISSED_CALLS_DUE, "organizations_with_missed_calls_due()", "app_jobs"),
    (QUEUE_NUMBERS, "queue_numbers(text)", "app_rw"),
)


def _jobs() -> None:
    create_tenant_table(
        "jobs",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("arguments", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("context", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("one_by_one", sa.Text()),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("asked_by_label", sa.Text(), server_default="", nullable=False),
        sa.Column("scheduled_for", sa.DateTime(timezone=True)),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True)),
        sa.Column("progress_done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("progress_total", sa.Integer()),
        sa.Column("error", sa.Text()),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("status IN ('waiting', 'running', 'done', 'failed', 'dismissed')", name="check_status"),
        sa.CheckConstraint("language IN ('en', 'ru', 'uz')", name="check_language"),
        sa.CheckConstraint("char_length(error) BETWEEN 1 AND 1000", name="check_error_length"),
        sa.CheckConstraint(r"name ~ '^[a-z_]+\.[a-z_]+$'", name="check_job_name_format"),
        sa.CheckConstraint("tries >= 0", name="check_job_tries_positive"),
        sa.CheckConstraint("progress_done >= 0 AND progress_total >= 0", name="check_job_progress_positive"),
        sa.CheckConstraint(
            "(status IN ('done', 'failed', 'dismissed')) = (finished_at IS NOT NULL)", name="check_job_finished_at"
        ),
    )
    newest_first = [sa.literal_column("asked_at DESC"), sa.literal_column("id DESC")]
    op.create_index("idx_jobs_asked", "jobs", ["organization_id", *newest_first])
    op.create_index("idx_jobs_status", "jobs", ["organization_id", "status", *newest_first])
    op.create_index("idx_jobs_name", "jobs", ["organization_id", "name", *newest_first])
    op.create_index(
        "idx_jobs_failed", "jobs", ["organization_id", "finished_at"], postgresql_where=sa.text("status = 'failed'")
    )
    op.create_index(
        "uq_jobs_schedule",
        "jobs",
        ["organization_id", "name"],
        unique=True,
        postgresql_where=sa.text("scheduled_for IS NOT NULL"),
    )


def upgrade() -> None:
    _jobs()
    op.execute(MOVE_INTO_RECORDS)
    for function, signature, role in FUNCTIONS:
        op.execute(function)
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {role}")


def downgrade() -> None:
    for _function, signature, _role in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute(MOVE_BACK)
    op.drop_table("jobs")
