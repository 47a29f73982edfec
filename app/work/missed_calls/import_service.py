"""Opening and closing entries of the missed-call queue after an import.

A missed or voicemail inbound CSR call within the last `rescue_window_days` opens an entry; older calls don't. All
missed calls of a contact up to the next answered one share an entry, which refers to the first of them. Its deadline is
counted in business hours. Spam and calls from blocked numbers open no entry.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from app.declarations.events import CallsImported
from app.extensions import db
from app.models import Organization
from app.work.missed_calls.rules import sla_due_at

_CLOSE_ANSWERED = text("""
    UPDATE missed_call_entries SET status = 'answered_later', resolved_at = answered.started_at
    FROM (
      SELECT entries.id, min(calls.started_at) AS started_at
      FROM import_rows imported
      JOIN calls ON calls.organization_id = :organization AND calls.id = imported.record_id
      JOIN missed_call_entries entries ON entries.organization_id = :organization
        AND entries.contact_card_id = calls.contact_card_id AND entries.status IN ('open', 'claimed')
        AND entries.first_missed_at < calls.started_at
      WHERE imported.organization_id = :organization AND imported.import_id = :import
        AND imported.resource = 'call' AND imported.effect = 'created'
        AND calls.direction = 'inbound' AND calls.status = 'completed'
      GROUP BY entries.id
    ) answered
    WHERE missed_call_entries.organization_id = :organization AND missed_call_entries.id = answered.id
""")
# A person's missed calls with the same next answered call share an entry. Calls without a contact each have their own.
# The statistics of the tables are from before the import, when they may have been empty: joined as the planner likes,
# each recent call would be compared with each row of the file. So a call's row and its contact's calls are looked up.
_FIND_MISSED = text("""
    CREATE TEMPORARY TABLE staged_missed ON COMMIT DROP AS
    SELECT missed.*, first_value(missed.call_id) OVER (
      PARTITION BY coalesce(missed.contact_card_id, missed.call_id), missed.answered_at
      ORDER BY missed.started_at, missed.call_id
    ) AS first_call_id
    FROM (
      SELECT calls.id AS call_id, calls.contact_card_id, calls.started_at, (
        SELECT min(later.started_at)
        FROM (
          SELECT started_at, direction, status FROM calls theirs
          WHERE theirs.organization_id = :organization AND theirs.contact_card_id = calls.contact_card_id
            AND theirs.started_at > calls.started_at
          OFFSET 0
        ) later
        WHERE later.direction = 'inbound' AND later.status = 'completed'
      ) AS answered_at
      FROM calls
      WHERE calls.organization_id = :organization
        AND calls.direction = 'inbound' AND calls.call_type = 'csr_call' AND calls.status IN ('missed', 'voicemail')
        AND calls.outcome IS DISTINCT FROM 'spam' AND calls.started_at >= :since AND calls.missed_entry_id IS NULL
        AND (
          SELECT imported.effect FROM import_rows imported
          WHERE imported.organization_id = :organization AND imported.import_id = :import
            AND imported.resource = 'call' AND imported.record_id = calls.id
        ) = 'created'
        AND NOT EXISTS (
          SELECT FROM blocked_numbers blocked
          WHERE blocked.organization_id = :organization AND blocked.number = calls.caller_number
        )
    ) missed
""")
_FIND_FIRST = text("SELECT call_id, started_at FROM staged_missed WHERE call_id = first_call_id")
_OPEN = text("""
    INSERT INTO missed_call_entries (
      organization_id, id, call_id, contact_card_id, status, first_missed_at, sla_due_at, resolved_at
    )
    SELECT :organization, new_uuid7(), call_id, contact_card_id,
      CASE WHEN answered_at IS NULL THEN 'open' ELSE 'answered_later' END,
      started_at, due.due_at, answered_at
    FROM staged_missed JOIN unnest(CAST(:call_ids AS uuid[]), CAST(:due_ats AS timestamptz[])) due (call_id, due_at)
      USING (call_id)
    WHERE NOT (answered_at IS NULL AND EXISTS (
      SELECT FROM missed_call_entries entries
      WHERE entries.organization_id = :organization AND entries.contact_card_id = staged_missed.contact_card_id
        AND entries.status IN ('open', 'claimed') AND entries.first_missed_at >= :since
    ))
    ORDER BY started_at
""")
_JOIN = text("""
    UPDATE calls SET missed_entry_id = entries.id
    FROM staged_missed JOIN missed_call_entries entries ON entries.organization_id = :organization AND (
      entries.call_id = staged_missed.first_call_id
      OR (staged_missed.answered_at IS NULL AND entries.contact_card_id = staged_missed.contact_card_id
          AND entries.status IN ('open', 'claimed') AND entries.first_missed_at >= :since)
    )
    WHERE calls.organization_id = :organization AND calls.id = staged_missed.call_id AND entries.call_id <> calls.id
""")


def open_missed_entries(imported: CallsImported) -> None:
    """Open entries for the missed calls that an import created, and close those answered since."""
    organization_id = imported.organization_id
    of_import = {"organization": organization_id, "import": imported.import_id}
    organization = db.session.get_one(Organization, organization_id)
    since = datetime.now(UTC) - timedelta(days=organization.rescue_window_days)
    db.session.execute(_CLOSE_ANSWERED, of_import)
    db.session.execute(_FIND_MISSED, {**of_import, "since": since})
    first = db.session.execute(_FIND_FIRST).all()
    db.session.execute(
        _OPEN,
        {
            "organization": organization_id,
            "since": since,
            "call_ids": [row.call_id for row in first],
            "due_ats": [_due_at(row.started_at, organization) for row in first],
        },
    )
    db.session.execute(_JOIN, {"organization": organization_id, "since": since})


def _due_at(missed_at: datetime, organization: Organization) -> datetime:
    return sla_due_at(
        missed_at, organization.missed_call_sla_minutes, organization.business_hours, organization.timezone
    )
