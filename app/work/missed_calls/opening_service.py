"""Opening and closing entries of the missed-call queue for calls that were created or changed.

A missed or voicemail inbound CSR call within the last `rescue_window_days` opens an entry; older calls don't. All
missed calls of a contact up to the next answered one share an entry, which refers to the first of them. Its deadline is
counted in business hours. Spam and calls from blocked numbers open no entry. A call that rings opens none, and one that
turns out to have been answered closes its own.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import column, insert, table, text

from app.declarations.events import CallsChanged
from app.extensions import db
from app.models import Organization
from app.security.scope import unscoped
from app.work.missed_calls.rules import sla_due_at

#: Most calls that are passed to a statement; more are put into a temporary table.
_MAX_PASSED = 1_000
_PASSED = "calls.id = ANY(:calls)"
_IN_TABLE = "calls.id IN (SELECT id FROM changed_calls)"
# During an import, the statistics of the tables are from before it, when they may have been empty. Joined as the
# planner likes, each recent call would be compared with each changed one, so these have a key to be looked up by, and
# a contact's calls are looked up, too.
_CREATE_TABLE = text("CREATE TEMPORARY TABLE changed_calls (id uuid PRIMARY KEY) ON COMMIT DROP")
_changed_calls = table("changed_calls", column("id"))
# An import and the events of providers, which can be about the same caller, open one entry.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('missed calls:' || :organization, 0))")
_CLOSE_ANSWERED = """
    UPDATE missed_call_entries SET status = 'answered_later', resolved_at = answered.started_at
    FROM (
      SELECT entries.id, min(calls.started_at) AS started_at
      FROM calls
      JOIN missed_call_entries entries ON entries.organization_id = :organization
        AND entries.contact_card_id = calls.contact_card_id AND entries.status IN ('open', 'claimed')
        AND entries.first_missed_at < calls.started_at
      WHERE calls.organization_id = :organization AND {changed}
        AND calls.direction = 'inbound' AND calls.status = 'completed'
      GROUP BY entries.id
    ) answered
    WHERE missed_call_entries.organization_id = :organization AND missed_call_entries.id = answered.id
"""
# A later missed call that shares the entry still waits.
_CLOSE_CORRECTED = """
    UPDATE missed_call_entries entries SET status = 'answered_later', resolved_at = calls.started_at
    FROM calls
    WHERE calls.organization_id = :organization AND {changed} AND calls.status = 'completed'
      AND entries.organization_id = :organization AND entries.call_id = calls.id
      AND entries.status IN ('open', 'claimed')
      AND NOT EXISTS (
        SELECT FROM calls later
        WHERE later.organization_id = :organization AND later.missed_entry_id = entries.id
          AND later.status IN ('missed', 'voicemail')
      )
"""
# A person's missed calls with the same next answered call share an entry. Calls without a contact each have their own.
# Most columns are only passed on, and thus as text.
_FIND_MISSED = """
    SELECT array_agg(call_id)::text AS call_ids, array_agg(contact_card_id)::text AS contact_ids,
      array_agg(started_at)::text AS missed_at, array_agg(answered_at)::text AS answered_at,
      array_agg(first_call_id)::text AS first_call_ids,
      array_agg(call_id) FILTER (WHERE call_id = first_call_id) AS first_ids,
      array_agg(started_at) FILTER (WHERE call_id = first_call_id) AS first_missed_at
    FROM (
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
        WHERE calls.organization_id = :organization AND {changed}
          AND calls.direction = 'inbound' AND calls.call_type = 'csr_call' AND calls.status IN ('missed', 'voicemail')
          AND calls.outcome IS DISTINCT FROM 'spam' AND calls.started_at >= :since AND calls.missed_entry_id IS NULL
          AND NOT EXISTS (
            SELECT FROM missed_call_entries entries
            WHERE entries.organization_id = :organization AND entries.call_id = calls.id
          )
          AND NOT EXISTS (
            SELECT FROM blocked_numbers blocked
            WHERE blocked.organization_id = :organization AND blocked.number = calls.caller_number
          )
      ) missed
    ) numbered
"""
_STAGED = """
    unnest(
      CAST(:call_ids AS uuid[]), CAST(:contact_ids AS uuid[]), CAST(:missed_at AS timestamptz[]),
      CAST(:answered_at AS timestamptz[]), CAST(:first_call_ids AS uuid[])
    ) staged (call_id, contact_card_id, started_at, answered_at, first_call_id)
"""
_OPEN = text(f"""
    INSERT INTO missed_call_entries (
      organization_id, id, call_id, contact_card_id, status, first_missed_at, sla_due_at, resolved_at
    )
    SELECT :organization, new_uuid7(), staged.call_id, staged.contact_card_id,
      CASE WHEN staged.answered_at IS NULL THEN 'open' ELSE 'answered_later' END,
      staged.started_at, due.due_at, staged.answered_at
    FROM {_STAGED} JOIN unnest(CAST(:first_ids AS uuid[]), CAST(:due_ats AS timestamptz[])) due (call_id, due_at)
      USING (call_id)
    WHERE NOT (staged.answered_at IS NULL AND EXISTS (
      SELECT FROM missed_call_entries entries
      WHERE entries.organization_id = :organization AND entries.contact_card_id = staged.contact_card_id
        AND entries.status IN ('open', 'claimed') AND entries.first_missed_at >= :since
    ))
    ORDER BY staged.started_at
""")  # noqa: S608 - a constant of this module
_JOIN = text(f"""
    UPDATE calls SET missed_entry_id = entries.id
    FROM {_STAGED} JOIN missed_call_entries entries ON entries.organization_id = :organization AND (
      entries.call_id = staged.first_call_id
      OR (staged.answered_at IS NULL AND entries.contact_card_id = staged.contact_card_id
          AND entries.status IN ('open', 'claimed') AND entries.first_missed_at >= :since)
    )
    WHERE calls.organization_id = :organization AND calls.id = staged.call_id AND entries.call_id <> calls.id
""")  # noqa: S608


def update_entries(changed: CallsChanged) -> None:
    """Open entries for those of the calls that were missed, and close those that were answered since."""
    organization = db.session.get_one(Organization, changed.organization_id)
    since = datetime.now(UTC) - timedelta(days=organization.rescue_window_days)
    values: dict[str, Any] = {"organization": organization.id, "since": since}
    first = unscoped(changed.call_ids.limit(_MAX_PASSED + 1), why="the calls of the event, as it selects them")
    values["calls"] = db.session.scalars(first).all()
    if not values["calls"]:
        return
    condition = _PASSED
    if len(values["calls"]) > _MAX_PASSED:
        del values["calls"]
        condition = _IN_TABLE
        db.session.execute(_CREATE_TABLE)
        db.session.execute(insert(_changed_calls).from_select(["id"], changed.call_ids))
    db.session.execute(_ALONE, {"organization": str(organization.id)})
    for statement in (_CLOSE_ANSWERED, _CLOSE_CORRECTED):
        db.session.execute(text(statement.format(changed=condition)), values)
    missed = db.session.execute(text(_FIND_MISSED.format(changed=condition)), values).one()
    if missed.call_ids is not None:
        _open(organization, {"since": since, **missed._mapping})


def _open(organization: Organization, missed: Mapping[str, Any]) -> None:
    due_ats = [_due_at(missed_at, organization) for missed_at in missed["first_missed_at"]]
    values = {"organization": organization.id, **missed}
    db.session.execute(_OPEN, {**values, "due_ats": due_ats})
    db.session.execute(_JOIN, values)


def _due_at(missed_at: datetime, organization: Organization) -> datetime:
    return sla_due_at(
        missed_at, organization.missed_call_sla_minutes, organization.business_hours, organization.timezone
    )
