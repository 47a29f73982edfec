"""Jobs wait for storage, late recordings are found, and what follows a gap is a recording of its own."""

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0152_waiting_for_storage"
down_revision = "0151_activity_in_the_trail"
branch_labels = None
depends_on = None

description = "Jobs wait for storage, and no part of a recording is dropped"
breaking = False

_REFERENCE = "fk_recording_sessions_split_from_id"
_CHECKS = {
    "check_failure": "failure IN ('too_large', 'unknown_format', 'damaged', 'took_too_long', 'not_prepared')",
    "check_split_from_another": "split_from_id <> id",
}
_OLD_FAILURES = "failure IN ('too_large', 'unknown_format', 'damaged', 'took_too_long')"
_OF_JOBS = "check_job_storage_failures_positive"
_SPLIT, _UNPREPARED = "uq_recording_sessions_split_from_id", "idx_recording_sessions_unprepared"
# Defined in the app: app/work/recordings/rules.py.
LATE = """
CREATE OR REPLACE FUNCTION organizations_with_late_recordings() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT DISTINCT organization_id FROM recording_sessions
  WHERE status IN ('uploaded', 'processing') AND deleted_at IS NULL AND updated_at <= now() - interval '1 hour'
$$
"""


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that rows can be written in the meantime.
    with op.get_context().autocommit_block():
        op.execute(
            f"-- squawk-ignore ban-drop-constraint\n"
            f"ALTER TABLE recording_sessions DROP CONSTRAINT IF EXISTS {_REFERENCE}"
        )
        op.execute(
            f"ALTER TABLE recording_sessions ADD CONSTRAINT {_REFERENCE} "
            "FOREIGN KEY (organization_id, appointment_id, consent, split_from_id) "
            "REFERENCES recording_sessions (organization_id, appointment_id, consent, id) "
            "ON DELETE SET NULL (split_from_id) NOT VALID"
        )
        for name in (_REFERENCE, *_CHECKS):
            op.execute(
                f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE recording_sessions VALIDATE CONSTRAINT {name}"
            )
        op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE jobs VALIDATE CONSTRAINT {_OF_JOBS}")
        _build(_SPLIT, "UNIQUE INDEX", "(organization_id, split_from_id) WHERE split_from_id IS NOT NULL")
        _build(
            _UNPREPARED,
            "INDEX",
            "(organization_id, updated_at) WHERE status IN ('uploaded', 'processing') AND deleted_at IS NULL",
        )


def downgrade() -> None:
    # Their jobs can be retried, as far as the previous version knows.
    op.execute("UPDATE recording_sessions SET status = 'processing', failure = NULL WHERE failure = 'not_prepared'")
    op.drop_constraint(_REFERENCE, "recording_sessions")
    with op.get_context().autocommit_block():
        for name in (_SPLIT, _UNPREPARED):
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute("DROP FUNCTION organizations_with_late_recordings()")
    for name in _CHECKS:
        op.drop_constraint(name, "recording_sessions")
    op.execute(f"ALTER TABLE recording_sessions ADD CONSTRAINT check_failure CHECK ({_OLD_FAILURES})")
    for column in ("split_from_id", "delayed_at"):
        op.drop_column("recording_sessions", column)
    op.drop_constraint(_OF_JOBS, "jobs")
    op.drop_column("jobs", "storage_failures")


def _at_once() -> None:
    op.execute("ALTER TABLE recording_sessions ADD COLUMN split_from_id uuid, ADD COLUMN delayed_at timestamptz")
    op.execute("-- squawk-ignore ban-drop-constraint\nALTER TABLE recording_sessions DROP CONSTRAINT check_failure")
    for name, condition in _CHECKS.items():
        op.execute(f"ALTER TABLE recording_sessions ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")
    op.add_column("jobs", sa.Column("storage_failures", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.execute(f"ALTER TABLE jobs ADD CONSTRAINT {_OF_JOBS} CHECK (storage_failures >= 0) NOT VALID")
    op.execute(LATE)
    op.execute("REVOKE EXECUTE ON FUNCTION organizations_with_late_recordings() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION organizations_with_late_recordings() TO app_jobs")


def _build(name: str, kind: str, of: str) -> None:
    # An interrupted run can have left it half built.
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute(f"CREATE {kind} CONCURRENTLY IF NOT EXISTS {name} ON recording_sessions {of}")
