"""Comparison of staged calls with the calls of all sources, before any of them is stored."""

from uuid import UUID

from sqlalchemy import text

from app.data.imports.mapping_rules import Mapping
from app.declarations.importable import Overlap
from app.extensions import db
from app.work.calls.import_target_rules import CallTarget

# Unchanged rows say what they said before, whatever has been edited here since.
_KNOWN = text("""
    SELECT count(*) AS known,
      count(*) FILTER (
        WHERE NOT staged.is_unchanged AND (
          abs(extract(epoch FROM staged.started_at - calls.started_at)) > 60
          OR staged.caller_number <> calls.caller_number
        )
      ) AS different
    FROM staged_calls staged
    JOIN calls ON calls.organization_id = :organization AND calls.id = staged.id
    WHERE staged.is_known
""")
_BY_ID = """
    calls.external_id = staged.external_id
    AND date_trunc('minute', calls.started_at) = date_trunc('minute', staged.started_at)
"""
_BY_CONTENT = """
    calls.started_at = staged.started_at
    AND calls.caller_number IS NOT DISTINCT FROM staged.caller_number
    AND calls.called_number IS NOT DISTINCT FROM staged.called_number
    AND calls.duration_seconds IS NOT DISTINCT FROM staged.duration_seconds
    AND coalesce(staged.caller_number, staged.called_number) IS NOT NULL
"""


def overlap_of_calls(organization_id: UUID, mapping: Mapping) -> Overlap:
    """Return how the checked rows in `staged_calls` overlap with existing calls.

    Calls of other sources are the same if they have the id and the start, to the minute; without ids, if they have the
    start, both numbers and the duration.
    """
    known, different = db.session.execute(_KNOWN, {"organization": organization_id}).one()
    has_ids = mapping.column_of(CallTarget.EXTERNAL_ID) is not None
    elsewhere = text(f"""
        SELECT calls.external_source, count(DISTINCT staged.line)
        FROM staged_calls staged
        JOIN calls ON calls.organization_id = :organization AND {_BY_ID if has_ids else _BY_CONTENT}
          AND calls.external_source <> staged.external_source
        WHERE NOT staged.is_known
        GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1
    """)  # noqa: S608 - conditions from code; values are bound
    other = db.session.execute(elsewhere, {"organization": organization_id}).one_or_none()
    return Overlap(known, different, *(other or (None, 0)))
