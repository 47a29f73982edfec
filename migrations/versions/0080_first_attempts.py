"""Seconds of business hours until the first attempt to reach a missed caller."""

from alembic import op

from migrations.support import audit, once

revision = "0080_first_attempts"
down_revision = "0079_loudness"
branch_labels = None
depends_on = None

description = "An entry of the queue knows after how many seconds of business hours it was first tried"
breaking = False

POSITIVE = "check_first_attempt_seconds"
# By the organization's current hours, because previous ones are not stored. A company without hours counts as always
# open.
BACKFILL = """
WITH tried AS (
  SELECT entries.organization_id, entries.id, entries.first_missed_at AS since, organizations.timezone AS zone,
    organizations.business_hours AS hours, least(coalesce(first.at, entries.last_attempt_at), now()) AS until
  FROM missed_call_entries entries JOIN organizations ON organizations.id = entries.organization_id
  LEFT JOIN LATERAL (
    SELECT min(attempts.at) AS at FROM missed_call_attempts attempts
    WHERE attempts.organization_id = entries.organization_id AND attempts.entry_id = entries.id
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
    once(revision, _column)
    # Outside a transaction, so that the queue can be worked during the update.
    with op.get_context().autocommit_block():
        op.execute(BACKFILL)
        op.execute(
            f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE missed_call_entries VALIDATE CONSTRAINT {POSITIVE}"
        )


def _column() -> None:
    op.execute("ALTER TABLE missed_call_entries ADD COLUMN first_attempt_seconds integer")
    op.execute(
        f"ALTER TABLE missed_call_entries ADD CONSTRAINT {POSITIVE} CHECK (first_attempt_seconds >= 0) NOT VALID"
    )
    op.execute("DROP TRIGGER audit ON missed_call_entries")
    audit("missed_call_entries", "missed_call_entry", ignored=("claim_expires_at", "first_attempt_seconds"))


def downgrade() -> None:
    op.execute("DROP TRIGGER audit ON missed_call_entries")
    audit("missed_call_entries", "missed_call_entry", ignored=("claim_expires_at",))
    op.execute("ALTER TABLE missed_call_entries DROP COLUMN first_attempt_seconds")
