"""Import of staged analyses and transcripts into the tables of calls.

A row belongs to the call that it names, or to the one with its source and ID; a call that does not exist is created.
The newer result wins: an existing analysis newer than that of the file is not changed, and the row gets a warning. The
fingerprint of a row is stored with the records it was written to, so that importing the same file twice changes
nothing.
"""

import json
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import text

from app.data.imports.declared_service import given_columns, staged_table, staged_values
from app.data.imports.mapping_rules import Mapping
from app.data.imports.outcome_rules import Stored
from app.data.imports.overwrite_service import mark_protected
from app.data.imports.staging_service import (
    TAKEN,
    StagedRecords,
    affected,
    keep_before,
    keep_created,
    turn_away,
)
from app.db.ids import uuid7
from app.declarations.imported_fields import DeclaredFields
from app.extensions import db
from app.models import Call, CallAnalysis, CallTranscript
from app.work.analyses.import_calls_service import store_calls
from app.work.analyses.import_follow_up_service import store_follow_ups
from app.work.analyses.import_record_rules import AnalysisRecord
from app.work.analyses.import_rules import BY_RULE
from app.work.analyses.import_target_rules import FIELDS, AnalysisTarget
from app.work.calls.part_resource import CALL_ANALYSIS, CALL_TRANSCRIPT
from app.work.calls.resource import CALL

_JSON = frozenset({"turns", "objections", "pending_actions", "missed_opportunities", "evidence"})

ANALYSIS_FIELDS = DeclaredFields(CALL_ANALYSIS, BY_RULE, (*FIELDS, *CALL_ANALYSIS.imported))
# `id` is the call that a row belongs to, existing or to be created; `at` is the time of its result. `analysis_id` and
# `transcript_id` are set if the row is to write an analysis or a transcript, and `is_…_known` if it already exists.
STAGED_ANALYSES = staged_table(
    "staged_analyses",
    ANALYSIS_FIELDS,
    AnalysisRecord,
    {
        "fingerprint": "calls.external_fingerprint",
        "call": "calls.id",
        "turns": "speaker_labels",
        "risks": "sop_stages_missed",
    },
    filled={
        "id": "calls.id",
        "is_known": "false",
        "is_unchanged": "false",
        "changes_call": "false",
        "changes_card": "false",
        "changes_lead": "false",
        "is_analysis_known": "false",
        "is_transcript_known": "false",
    },
    later={
        "kept": "CAST(NULL AS text[])",
        "at": "calls.started_at",
        "analysis_id": "calls.id",
        "transcript_id": "calls.id",
        "card_id": "contact_card_id",
        "lead_id": "lead_id",
    },
    models=(Call, CallTranscript, CallAnalysis),
)
RESULTS = StagedRecords(STAGED_ANALYSES)
_TRANSCRIPTS = StagedRecords(STAGED_ANALYSES, "transcript_id", "is_transcript_known")
_ANALYSES = StagedRecords(STAGED_ANALYSES, "analysis_id", "is_analysis_known")

_FIND_CALLS = """
    UPDATE staged_analyses SET id = calls.id, is_known = true, card_id = contact_card_id, lead_id = calls.lead_id,
      at = coalesce(staged_analyses.analysed_at, staged_analyses.ended_at, staged_analyses.started_at, calls.ended_at,
        calls.started_at)
    FROM calls
    WHERE calls.organization_id = :organization AND {is_meant}
"""
_FIND_NAMED = text(_FIND_CALLS.format(is_meant="calls.id = staged_analyses.call"))
_FIND_BY_SOURCE = text(
    _FIND_CALLS.format(
        is_meant="staged_analyses.call IS NULL AND calls.external_source = staged_analyses.external_source"
        " AND calls.external_id = staged_analyses.external_id"
    )
)
_TIME_OTHERS = text("UPDATE staged_analyses SET at = coalesce(analysed_at, ended_at, started_at) WHERE NOT is_known")
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
_SIMPLE = "".join(f", {name}" for name in ANALYSIS_FIELDS.columns.values())
# A row writes its transcript if it has one, and its analysis if that contains any result. A newer existing analysis is
# left unchanged, and so is its transcript.
_FIND_WRITTEN = text(f"""
    UPDATE staged_analyses SET
      is_unchanged = coalesce(
        staged.fingerprint IN (analysis.external_fingerprint, script.external_fingerprint), false
      ),
      is_analysis_known = analysis.id IS NOT NULL, is_transcript_known = script.id IS NOT NULL,
      analysis_id = CASE
        WHEN analysis.analysed_at > staged.at OR NOT finds_something THEN NULL
        ELSE coalesce(analysis.id, new_uuid7())
      END,
      transcript_id = CASE
        WHEN staged.transcript_text = '' OR (script.id IS NOT NULL AND analysis.analysed_at > staged.at) THEN NULL
        ELSE coalesce(script.id, new_uuid7())
      END
    FROM (
      SELECT *, num_nonnulls(summary, sentiment, sentiment_score, topic, booking_status, qualification_status,
          primary_intent, sop_compliance_score, confidence{_SIMPLE}) > 0
        OR objections <> '[]' OR pending_actions <> '[]' OR missed_opportunities <> '[]' OR evidence <> '[]'
        OR cardinality(sop_stages_completed || sop_stages_missed || risks) > 0 AS finds_something
      FROM staged_analyses
    ) staged
    LEFT JOIN call_analyses analysis ON analysis.organization_id = :organization AND analysis.call_id = staged.id
    LEFT JOIN call_transcripts script ON script.organization_id = :organization AND script.call_id = staged.id
    WHERE staged_analyses.line = staged.line
""")  # noqa: S608 - names from code; values are bound
_REMARK_OLDER = text("""
    INSERT INTO staged_errors (line, column_name, value, reason, is_remark)
    SELECT line, :column, NULL, :reason, true FROM staged_analyses
    WHERE is_analysis_known AND analysis_id IS NULL AND NOT is_unchanged AND EXISTS (
      SELECT FROM call_analyses newer
      WHERE newer.organization_id = :organization AND newer.call_id = staged_analyses.id
        AND newer.analysed_at > staged_analyses.at
    )
""")
_DROP_UNCHANGED = text(
    "DELETE FROM staged_analyses WHERE is_unchanged OR (is_known AND num_nonnulls(analysis_id, transcript_id) = 0)"
)

_TRANSCRIPT_COLUMNS = ("transcript_text", "speaker_labels", "language", "external_fingerprint")
_UPDATE_TRANSCRIPTS = text("""
    UPDATE call_transcripts SET transcript_text = staged.transcript_text, speaker_labels = turns,
      language = coalesce(staged.language, call_transcripts.language), external_fingerprint = fingerprint
    FROM staged_analyses staged
    WHERE call_transcripts.organization_id = :organization AND call_transcripts.id = transcript_id
      AND is_transcript_known
""")
_INSERT_TRANSCRIPTS = text("""
    INSERT INTO call_transcripts (organization_id, id, call_id, transcript_text, speaker_labels, language,
      external_fingerprint)
    SELECT :organization, transcript_id, id, transcript_text, turns, coalesce(language, 'en'), fingerprint
    FROM staged_analyses WHERE transcript_id IS NOT NULL AND NOT is_transcript_known ORDER BY id
""")

#: Columns of an analysis by the target of the file that provides them. Columns the file doesn't provide are unchanged.
_GIVES: dict[str, tuple[str, ...]] = {
    "qualification_status": ("qualification_status",),
    AnalysisTarget.SENTIMENT_SCORE: ("sentiment_score",),
    AnalysisTarget.SENTIMENT_OF_FIVE: ("sentiment_score",),
    AnalysisTarget.OBJECTIONS: ("objections", "objection_severity"),
    AnalysisTarget.SOP_SCORE: ("sop_compliance_score",),
    AnalysisTarget.STAGES_COMPLETED: ("sop_stages_completed",),
    AnalysisTarget.STAGES_MISSED: ("sop_stages_missed",),
    AnalysisTarget.PENDING_ACTIONS: ("pending_actions",),
    AnalysisTarget.SUMMARY: ("summary",),
    AnalysisTarget.MISSED_OPPORTUNITIES: ("missed_opportunities",),
    AnalysisTarget.DETAIL: ("evidence",),
    AnalysisTarget.CONFIDENCE: ("confidence",),
    AnalysisTarget.MODEL: ("model",),
    **given_columns(ANALYSIS_FIELDS),
}
_FOUND = tuple(dict.fromkeys(name for names in _GIVES.values() for name in names))
_INSERT_ANALYSES = text(f"""
    INSERT INTO call_analyses (organization_id, id, call_id, {", ".join(_FOUND)}, analysed_at, external_fingerprint)
    SELECT :organization, analysis_id, id, {", ".join(_FOUND)}, at, fingerprint
    FROM staged_analyses WHERE analysis_id IS NOT NULL AND NOT is_analysis_known ORDER BY id
""")  # noqa: S608 - names from code; values are bound
_COUNT_NEW = text("""
    SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new)
    FROM (
      SELECT NOT is_known OR NOT (is_analysis_known OR is_transcript_known) AS is_new FROM staged_analyses
    ) rows
""")


def staged_columns(record: AnalysisRecord) -> tuple[object, ...]:
    """Return a row for `STAGED_ANALYSES`.

    IDs are generated from the time of the call, so that the order of the primary key is chronological.
    """
    in_json = {name: json.dumps(getattr(record, name), allow_nan=False) for name in _JSON}
    made_id = uuid7(record.started_at) if record.started_at else uuid7()
    return (made_id, *(False,) * 7, *staged_values(STAGED_ANALYSES, record, **in_json))


def check_analyses(organization_id: UUID, _import_id: UUID, mapping: Mapping, _create_users: bool) -> None:
    """Reject rows whose call can be neither found nor created, and rows for the same call as an earlier row."""
    _find_calls(organization_id)
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
    here = {"organization": organization_id}
    _find_calls(organization_id)
    db.session.execute(_FIND_WRITTEN, here)
    older = _("A newer result already exists and was kept.")
    column = mapping.column_of(AnalysisTarget.ANALYSED_AT)
    db.session.execute(_REMARK_OLDER, {**here, "column": column, "reason": older})
    return affected(_DROP_UNCHANGED)


def store_analyses(organization_id: UUID, import_id: UUID, mapping: Mapping) -> Stored:
    """Write the settled rows, and return how many were created and updated.

    A row counts as created if its call is new or had neither an analysis nor a transcript, and otherwise as updated.
    """
    mark_protected(organization_id, CALL.name, RESULTS, "calls", mapping.overwrite)
    created, updated = db.session.execute(_COUNT_NEW).one()
    store_calls(organization_id, import_id, STAGED_ANALYSES)
    _store_transcripts(organization_id, import_id)
    _store_analyses(organization_id, import_id, mapping)
    store_follow_ups(organization_id, import_id, STAGED_ANALYSES)
    return Stored(created, updated)


def _find_calls(organization_id: UUID) -> None:
    for statement in (_FIND_NAMED, _FIND_BY_SOURCE):
        db.session.execute(statement, {"organization": organization_id})
    db.session.execute(_TIME_OTHERS)


def _store_transcripts(organization_id: UUID, import_id: UUID) -> None:
    here = {"organization": organization_id}
    keep_before(organization_id, import_id, CALL_TRANSCRIPT.name, _TRANSCRIPTS, "call_transcripts", _TRANSCRIPT_COLUMNS)
    db.session.execute(_UPDATE_TRANSCRIPTS, here)
    db.session.execute(_INSERT_TRANSCRIPTS, here)
    keep_created(organization_id, import_id, CALL_TRANSCRIPT.name, _TRANSCRIPTS)


def _store_analyses(organization_id: UUID, import_id: UUID, mapping: Mapping) -> None:
    here = {"organization": organization_id}
    given = tuple(dict.fromkeys(name for target in _GIVES if target in mapping.given for name in _GIVES[target]))
    columns = (*given, "analysed_at", "external_fingerprint")
    keep_before(organization_id, import_id, CALL_ANALYSIS.name, _ANALYSES, "call_analyses", columns)
    values = "".join(f"{name} = staged.{name}, " for name in given)
    # An analysis that has become newer in the meantime is left unchanged.
    update = text(f"""
        UPDATE call_analyses SET {values} analysed_at = at, external_fingerprint = fingerprint
        FROM staged_analyses staged
        WHERE call_analyses.organization_id = :organization AND call_analyses.id = analysis_id AND is_analysis_known
          AND call_analyses.analysed_at <= at
    """)  # noqa: S608 - names from code; values are bound
    db.session.execute(update, here)
    db.session.execute(_INSERT_ANALYSES, here)
    keep_created(organization_id, import_id, CALL_ANALYSIS.name, _ANALYSES)
