"""A text counts as an attempt once it is sent, and belongs to its missed caller."""

from alembic import op

from migrations.support import once

revision = "0100_texts_that_wait"
down_revision = "0099_takers_of_suggested_tasks"
branch_labels = None
depends_on = None

description = "A text counts as a try once it is sent; until then it can be cancelled"
breaking = False

_STATUSES = ("queued", "sent", "delivered", "undelivered", "failed")
_REFERENCE = "fk_messages_missed_entry_id"
_OF_ATTEMPTS, _OF_ENTRIES = "uq_missed_attempts_message", "idx_messages_missed_entry"

# The missed caller of each waiting text: until now only its attempt knew.
LINK = """
UPDATE messages SET missed_entry_id = attempts.entry_id
FROM missed_call_attempts attempts
WHERE messages.organization_id = attempts.organization_id AND messages.id = attempts.message_id
  AND messages.status = 'queued' AND messages.missed_entry_id IS NULL
"""
# A failed call is not an attempt. A caller without attempts is due by the deadline again; one who was also called keeps
# the time of the next attempt. A message with several attempts keeps its first one.
RECOUNT = """
WITH gone AS (
  DELETE FROM missed_call_attempts attempts USING messages
  WHERE messages.organization_id = attempts.organization_id AND messages.id = attempts.message_id
    AND (messages.status = 'queued' OR EXISTS (
      SELECT FROM missed_call_attempts earlier
      WHERE earlier.organization_id = attempts.organization_id AND earlier.message_id = attempts.message_id
        AND (earlier.at, earlier.id) < (attempts.at, attempts.id)
    ))
  RETURNING attempts.organization_id, attempts.entry_id, attempts.id
), made AS (
  SELECT entry.organization_id, entry.entry_id, count(attempts.id) AS tries, min(attempts.at) AS first,
    max(attempts.at) AS last
  FROM (SELECT DISTINCT organization_id, entry_id FROM gone) entry
  LEFT JOIN missed_call_attempts attempts ON attempts.organization_id = entry.organization_id
    AND attempts.entry_id = entry.entry_id AND attempts.result <> 'failed'
    AND NOT EXISTS (
      SELECT FROM gone WHERE gone.organization_id = attempts.organization_id AND gone.id = attempts.id
    )
  GROUP BY entry.organization_id, entry.entry_id
)
UPDATE missed_call_entries entries SET
  attempts = made.tries,
  first_attempt_seconds = NULL,
  last_attempt_at = made.last,
  next_attempt_at = CASE WHEN made.tries > 0 THEN entries.next_attempt_at END,
  version = version + 1
FROM made WHERE entries.organization_id = made.organization_id AND entries.id = made.entry_id
"""
# As counted by 0080, without the failed calls.
FIRST_ATTEMPTS = """
WITH tried AS (
  SELECT entries.organization_id, entries.id, entries.first_missed_at AS since, organizations.timezone AS zone,
    organizations.business_hours AS hours, least(coalesce(first.at, entries.last_attempt_at), now()) AS until
  FROM missed_call_entries entries JOIN organizations ON organizations.id = entries.organization_id
  LEFT JOIN LATERAL (
    SELECT min(attempts.at) AS at FROM missed_call_attempts attempts
    WHERE attempts.organization_id = entries.organization_id AND attempts.entry_id = entries.id AND attempts.result <> 'failed'
  ) first ON true
  WHERE entries.attempts > 0 AND entries.first_attempt_seconds IS NULL
), passed AS (
  SELECT tried.organization_id, tried.id, sum(extract(epoch FROM greatest(
    least(tried.until, (day + (span ->> 1)::interval) AT TIME ZONE tried.zone)
    - greatest(tried.since, (day + (span ->> 0)::interval) AT TIME ZONE tried.zone), interval '0'))) AS seconds
  FROM tried,
    generate_series(date_trunc('day', tried.since AT TIME ZONE tried.zone), tried.until AT TIME ZONE tried.zone,
                    interval '1 day') AS day,
    jsonb_array_elements(coalesce(tried.hours -> trim(to_char(day, 'day')), '[]')) AS span
  GROUP BY tried.organization_id, tried.id
)
UPDATE missed_call_entries entries SET first_attempt_seconds = CASE
  WHEN EXISTS (SELECT FROM jsonb_each(tried.hours) days WHERE jsonb_array_length(days.value) > 0)
  THEN coalesce(passed.seconds, 0)
  ELSE greatest(coalesce(extract(epoch FROM tried.until - tried.since), 0), 0)
END
FROM tried LEFT JOIN passed ON passed.organization_id = tried.organization_id AND passed.id = tried.id
WHERE entries.organization_id = tried.organization_id AND entries.id = tried.id
"""


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that users can keep writing and calling.
    with op.get_context().autocommit_block():
        for name in (_REFERENCE, "check_status"):
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE messages VALIDATE CONSTRAINT {name}")
        _build(_OF_ENTRIES, "INDEX", "messages (organization_id, missed_entry_id) WHERE missed_entry_id IS NOT NULL")
        of_message = "missed_call_attempts (organization_id, message_id) WHERE message_id IS NOT NULL"
        _build(_OF_ATTEMPTS, "UNIQUE INDEX", of_message)
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS idx_missed_attempts_message")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        of_message = "missed_call_attempts (organization_id, message_id) WHERE message_id IS NOT NULL"
        _build("idx_missed_attempts_message", "INDEX", of_message)
        for name in (_OF_ATTEMPTS, _OF_ENTRIES):
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    # Earlier releases support no canceled messages: those not sent have failed.
    op.execute("UPDATE messages SET status = 'failed', error_code = 'cancelled' WHERE status = 'cancelled'")
    _say_statuses(_STATUSES)
    op.execute("ALTER TABLE messages VALIDATE CONSTRAINT check_status")
    op.drop_constraint(_REFERENCE, "messages")
    op.drop_column("messages", "missed_entry_id")


def _at_once() -> None:
    """Add the column and recount in one transaction, so that no attempt is made in between."""
    op.execute("ALTER TABLE messages ADD COLUMN missed_entry_id uuid")
    op.execute(
        f"ALTER TABLE messages ADD CONSTRAINT {_REFERENCE} FOREIGN KEY (organization_id, missed_entry_id) "
        "REFERENCES missed_call_entries (organization_id, id) ON DELETE SET NULL (missed_entry_id) NOT VALID"
    )
    _say_statuses((*_STATUSES, "cancelled"))
    op.execute("LOCK TABLE missed_call_attempts IN SHARE ROW EXCLUSIVE MODE")
    for statement in (LINK, RECOUNT, FIRST_ATTEMPTS):
        op.execute(statement)


def _say_statuses(statuses: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{status}'" for status in statuses)
    op.execute("-- squawk-ignore ban-drop-constraint\nALTER TABLE messages DROP CONSTRAINT IF EXISTS check_status")
    op.execute(f"ALTER TABLE messages ADD CONSTRAINT check_status CHECK (status IN ({listed})) NOT VALID")


def _build(name: str, kind: str, on: str) -> None:
    # An interrupted run can have left it half built.
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute(f"CREATE {kind} CONCURRENTLY IF NOT EXISTS {name} ON {on}")
