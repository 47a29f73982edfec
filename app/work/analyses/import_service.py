"""Import of staged analyses and transcripts into the tables of calls.

The fingerprint of a row is stored with the records it was written to, so that importing the same file twice changes
nothing. A row that is older than the stored analysis gets a warning.
"""

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import text

from app.data.imports.mapping_rules import Mapping
from app.data.imports.outcome_rules import Stored
from app.data.imports.staging_service import TAKEN, turn_away
from app.extensions import db
from app.work.analyses.import_target_rules import AnalysisTarget
from app.work.analyses.store_service import (
    STAGED_ANALYSES,
    drop_unchanged,
    find_calls,
    find_written,
    store_staged,
)

_REFUSE_UNKNOWN = text("""
    INSERT INTO staged_errors
    SELECT line, CASE WHEN call IS NULL THEN :id_column ELSE :call_column END, coalesce(call::text, external_id),
      CASE WHEN call IS NULL THEN :no_start ELSE :no_call END
    FROM staged_analyses WHERE NOT is_known AND (call IS NOT NULL OR started_at IS NULL)
""")
_REFUSE_REPEATED = text("""
    INSERT INTO staged_errors (line, column_name, value, reason, kind)
    SELECT line, :column, coalesce(call::text, external_id), replace(:reason, '{line}', first::text), :kind
    FROM (
      SELECT line, call, external_id,
        min(line) OVER (PARTITION BY CASE WHEN is_known THEN id::text ELSE 'new ' || external_id END) AS first
      FROM staged_analyses
    ) numbered
    WHERE line > first
""")
_REMARK_OLDER = text("""
    INSERT INTO staged_errors (line, column_name, value, reason, is_remark)
    SELECT line, :column, NULL, :reason, true FROM staged_analyses
    WHERE is_analysis_known AND analysis_id IS NULL AND NOT is_unchanged AND EXISTS (
      SELECT FROM call_analyses newer
      WHERE newer.organization_id = :organization AND newer.call_id = staged_analyses.id
        AND newer.analysed_at > staged_analyses.at
    )
""")


def check_analyses(organization_id: UUID, _import_id: UUID, mapping: Mapping, _create_users: bool) -> None:
    """Reject rows whose call can be neither found nor created, and rows for the same call as an earlier row."""
    find_calls(organization_id)
    id_column, call_column = (mapping.column_of(target) for target in (AnalysisTarget.EXTERNAL_ID, AnalysisTarget.CALL))
    turn_away(
        STAGED_ANALYSES,
        _REFUSE_UNKNOWN,
        id_column=id_column,
        call_column=call_column,
        no_start=_("There’s no call with this ID, and the row has no call time."),
        no_call=_("There’s no call with this ID."),
    )
    reason = _("Line {line} already covers this call.")
    turn_away(STAGED_ANALYSES, _REFUSE_REPEATED, column=call_column or id_column, reason=reason, kind=TAKEN)


def settle_analyses(organization_id: UUID, _import_id: UUID, mapping: Mapping) -> int:
    """Match the staged rows with existing records, and drop rows that are unchanged or outdated.

    Returns the number of rows that were dropped.
    """
    find_calls(organization_id)
    find_written(organization_id)
    older = _("A newer result already exists and was kept.")
    column = mapping.column_of(AnalysisTarget.ANALYSED_AT)
    db.session.execute(_REMARK_OLDER, {"organization": organization_id, "column": column, "reason": older})
    return drop_unchanged()


def store_analyses(organization_id: UUID, import_id: UUID, mapping: Mapping) -> Stored:
    """Write the settled rows, and return how many were created and updated."""
    return store_staged(organization_id, mapping.given, mapping.overwrite, import_id).rows
