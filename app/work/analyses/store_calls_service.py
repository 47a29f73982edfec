"""Calls that staged analyses belong to: existing calls are updated, missing ones are created."""

from uuid import UUID

from sqlalchemy import text

from app.data.imports.staging_service import StagedRecords, StagedTable, keep_before, keep_created
from app.extensions import db
from app.work.calls.resource import CALL

# A booking status set by a user is not overwritten.
_CALL_COLUMNS = ("sentiment", "topic", "ai_confidence", "booking_status", "booking_status_source")
# Confidence is stored as 0 to 1 on an analysis, and in percent on a call.
_CONFIDENCE = "CAST(round(staged.confidence * 100) AS smallint)"
_OF_CALLS = f"""
    CASE WHEN 'sentiment' = ANY (kept) THEN calls.sentiment ELSE coalesce(staged.sentiment, calls.sentiment) END,
    CASE WHEN 'topic' = ANY (kept) THEN calls.topic ELSE coalesce(staged.topic, calls.topic) END,
    CASE WHEN 'ai_confidence' = ANY (kept) THEN calls.ai_confidence
      ELSE coalesce({_CONFIDENCE}, calls.ai_confidence) END,
    CASE WHEN staged.booking_status IS NULL OR booking_status_source = 'user' THEN calls.booking_status
      ELSE staged.booking_status END,
    CASE WHEN staged.booking_status IS NULL OR booking_status_source = 'user' THEN booking_status_source
      ELSE 'analysis' END
"""
_FIND_CHANGED_CALLS = text(f"""
    UPDATE staged_analyses staged SET changes_call = true
    FROM calls
    WHERE calls.organization_id = :organization AND calls.id = staged.id AND is_known AND analysis_id IS NOT NULL
      AND ({", ".join(f"calls.{name}" for name in _CALL_COLUMNS)}) IS DISTINCT FROM ({_OF_CALLS})
""")  # noqa: S608 - names from code; values are bound
_UPDATE_CALLS = text(f"""
    UPDATE calls SET ({", ".join(_CALL_COLUMNS)}, version) = ROW ({_OF_CALLS}, calls.version + 1)
    FROM staged_analyses staged
    WHERE calls.organization_id = :organization AND calls.id = staged.id AND changes_call
""")  # noqa: S608 - names from code; values are bound
# How long the caller waited is unknown, and no user is credited with the call.
_INSERT_CALLS = text(f"""
    INSERT INTO calls (organization_id, id, direction, call_type, status, handled_by, started_at, answered_at,
      is_wait_unknown, ended_at, duration_seconds, sentiment, topic, ai_confidence, booking_status,
      booking_status_source, external_source, external_id)
    SELECT :organization, id, 'inbound', 'csr_call', 'completed', 'human', started_at, started_at, true, ended_at,
      duration_seconds, sentiment, topic, {_CONFIDENCE}, booking_status,
      CASE WHEN booking_status IS NOT NULL THEN 'analysis' END, external_source, external_id
    FROM staged_analyses staged WHERE NOT is_known ORDER BY id
""")  # noqa: S608 - names from code; values are bound


def store_calls(organization_id: UUID, import_id: UUID | None, staged: StagedTable) -> None:
    """Update or create the calls of the staged rows."""
    here = {"organization": organization_id}
    db.session.execute(_FIND_CHANGED_CALLS, here)
    changed = StagedRecords(staged, "id", "changes_call")
    keep_before(organization_id, import_id, CALL.name, changed, "calls", _CALL_COLUMNS)
    db.session.execute(_UPDATE_CALLS, here)
    db.session.execute(_INSERT_CALLS, here)
    keep_created(organization_id, import_id, CALL.name, StagedRecords(staged))
