"""Interrupted recordings are continued by another one; discarded ones can be restored for a while."""

from alembic import op

from migrations.support import once

revision = "0101_recordings_that_go_on"
down_revision = "0100_texts_that_wait"
branch_labels = None
depends_on = None

description = "Interrupted recordings can be continued, and discarding one can be undone"
breaking = False

_REFERENCE = "fk_recording_sessions_continues_id"
_CHECKS = {
    "check_continues_another": "continues_id <> id",
    "check_discarded_of_failed": "discarded_at IS NULL OR status = 'failed'",
}
_OF_VISIT = "uq_recording_sessions_of_visit"
_CONTINUED, _DISCARDED = "uq_recording_sessions_continues_id", "idx_recording_sessions_discarded"
# Defined in the app: app/work/recordings/rules.py.
DUE = """
CREATE OR REPLACE FUNCTION organizations_with_discarded_recordings() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT DISTINCT organization_id FROM recording_sessions
  WHERE discarded_at <= now() - interval '15 minutes' AND storage_key IS NOT NULL
$$
"""


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that recordings can be written in the meantime.
    with op.get_context().autocommit_block():
        _refer()
        for name in (_REFERENCE, *_CHECKS):
            op.execute(
                f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE recording_sessions VALIDATE CONSTRAINT {name}"
            )
        _build(_CONTINUED, "UNIQUE INDEX", "(organization_id, continues_id) WHERE continues_id IS NOT NULL")
        _build(
            _DISCARDED,
            "INDEX",
            "(organization_id, discarded_at) WHERE discarded_at IS NOT NULL AND storage_key IS NOT NULL",
        )


def downgrade() -> None:
    op.drop_constraint(_REFERENCE, "recording_sessions")
    with op.get_context().autocommit_block():
        for name in (_OF_VISIT, _CONTINUED, _DISCARDED):
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute("DROP FUNCTION organizations_with_discarded_recordings()")
    for name in _CHECKS:
        op.drop_constraint(name, "recording_sessions")
    for column in ("discarded_at", "continues_id"):
        op.drop_column("recording_sessions", column)


def _at_once() -> None:
    op.execute("ALTER TABLE recording_sessions ADD COLUMN continues_id uuid, ADD COLUMN discarded_at timestamptz")
    for name, condition in _CHECKS.items():
        op.execute(f"ALTER TABLE recording_sessions ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")
    op.execute(DUE)
    op.execute("REVOKE EXECUTE ON FUNCTION organizations_with_discarded_recordings() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION organizations_with_discarded_recordings() TO app_jobs")


def _refer() -> None:
    """Add the reference to another recording of the same appointment under the same consent."""
    op.execute(
        f"-- squawk-ignore ban-drop-constraint\nALTER TABLE recording_sessions DROP CONSTRAINT IF EXISTS {_REFERENCE}"
    )
    _build(_OF_VISIT, "UNIQUE INDEX", "(organization_id, appointment_id, consent, id)")
    op.execute(
        f"ALTER TABLE recording_sessions ADD CONSTRAINT {_REFERENCE} "
        "FOREIGN KEY (organization_id, appointment_id, consent, continues_id) "
        "REFERENCES recording_sessions (organization_id, appointment_id, consent, id) "
        "ON DELETE SET NULL (continues_id) NOT VALID"
    )


def _build(name: str, kind: str, of: str) -> None:
    # An interrupted run can have left it half built.
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute(f"CREATE {kind} CONCURRENTLY IF NOT EXISTS {name} ON recording_sessions {of}")
