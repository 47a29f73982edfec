"""Storage of staged analyses and transcripts in the tables of calls, from a file or from a provider.

A row belongs to the call that it names, or to the one with its source and ID; a call that does not exist is created.
The newer result wins: an existing analysis newer than the staged one is not changed.
"""

import json
from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from app.data.imports.declared_service import given_columns, staged_table, staged_values
from app.data.imports.outcome_rules import Stored
from app.data.imports.overwrite_service import Overwrite, mark_protected
from app.data.imports.staging_service import StagedRecords, affected, keep_before, keep_created
from app.db.ids import uuid7
from app.declarations.imported_fields import DeclaredFields
from app.extensions import db
from app.models import Call, CallAnalysis, CallTranscript
from app.work.analyses.import_record_rules import AnalysisRecord
from app.work.analyses.import_rules import BY_RULE
from app.work.analyses.import_target_rules import FIELDS, AnalysisTarget
from app.work.analyses.store_calls_service import store_calls
from app.work.analyses.store_follow_up_service import Created, store_follow_ups
from app.work.calls.part_resource import CALL_ANALYSIS, CALL_TRANSCRIPT
from app.work.calls.resource import CALL


class StoredAnalyses(NamedTuple):
    """The numbers of rows that were stored, and the actions and tasks created from them without an import.

    A row counts as created if its call is new or had neither an analysis nor a transcript, and otherwise as updated.
    """

    rows: Stored
    follow_ups: Sequence[Created]


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
        "transcript_confidence": "confidence_score",
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
_DROP_UNCHANGED = text(
    "DELETE FROM staged_analyses WHERE is_unchanged OR (is_known AND num_nonnulls(analysis_id, transcript_id) = 0)"
)

_TRANSCRIPT_COLUMNS = ("transcript_text", "speaker_labels", "language", "external_fingerprint")
_UPDATE_TRANSCRIPTS = text("""
    UPDATE call_transcripts SET transcript_text = staged.transcript_text, speaker_labels = turns,
      language = coalesce(staged.language, call_transcripts.language), external_fingerprint = fingerprint,
      confidence_score = coalesce(transcript_confidence, confidence_score),
      shunya_task_id = coalesce(task_id, shunya_task_id)
    FROM staged_analyses staged
    WHERE call_transcripts.organization_id = :organization AND call_transcripts.id = transcript_id
      AND is_transcript_known
""")
_INSERT_TRANSCRIPTS = text("""
    INSERT INTO call_transcripts (organization_id, id, call_id, transcript_text, speaker_labels, language,
      confidence_score, shunya_task_id, external_fingerprint)
    SELECT :organization, transcript_id, id, transcript_text, turns, coalesce(language, 'en'), transcript_confidence,
      task_id, fingerprint
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
    INSERT INTO call_analyses (organization_id, id, call_id, {", ".join(_FOUND)}, analysed_at, shunya_task_id,
      external_fingerprint)
    SELECT :organization, analysis_id, id, {", ".join(_FOUND)}, at, task_id, fingerprint
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


def find_calls(organization_id: UUID) -> None:
    """Find the calls of the staged rows, and the time of each result."""
    for statement in (_FIND_NAMED, _FIND_BY_SOURCE):
        db.session.execute(statement, {"organization": organization_id})
    db.session.execute(_TIME_OTHERS)


def find_written(organization_id: UUID) -> None:
    """Find the transcripts and analyses that the staged rows write."""
    db.session.execute(_FIND_WRITTEN, {"organization": organization_id})


def drop_unchanged() -> int:
    """Drop the rows that write nothing, and return their number."""
    return affected(_DROP_UNCHANGED)


def store_staged(
    organization_id: UUID, targets: Collection[str], overwrite: Overwrite, import_id: UUID | None = None
) -> StoredAnalyses:
    """Write the rows that were found to write something.

    `targets` are those that the rows provide. With an import, the changes are recorded so that they can be undone.
    """
    mark_protected(organization_id, CALL.name, RESULTS, "calls", overwrite)
    created, updated = db.session.execute(_COUNT_NEW).one()
    store_calls(organization_id, import_id, STAGED_ANALYSES)
    _store_transcripts(organization_id, import_id)
    _store_analyses(organization_id, import_id, targets)
    follow_ups = store_follow_ups(organization_id, import_id, STAGED_ANALYSES)
    return StoredAnalyses(Stored(created, updated), follow_ups)


def _store_transcripts(organization_id: UUID, import_id: UUID | None) -> None:
    here = {"organization": organization_id}
    keep_before(organization_id, import_id, CALL_TRANSCRIPT.name, _TRANSCRIPTS, "call_transcripts", _TRANSCRIPT_COLUMNS)
    db.session.execute(_UPDATE_TRANSCRIPTS, here)
    db.session.execute(_INSERT_TRANSCRIPTS, here)
    keep_created(organization_id, import_id, CALL_TRANSCRIPT.name, _TRANSCRIPTS)


def _store_analyses(organization_id: UUID, import_id: UUID | None, targets: Collection[str]) -> None:
    here = {"organization": organization_id}
    names = tuple(dict.fromkeys(name for target in _GIVES if target in targets for name in _GIVES[target]))
    columns = (*names, "analysed_at", "external_fingerprint")
    keep_before(organization_id, import_id, CALL_ANALYSIS.name, _ANALYSES, "call_analyses", columns)
    values = "".join(f"{name} = staged.{name}, " for name in names)
    # An analysis that has become newer in the meantime is left unchanged.
    update = text(f"""
        UPDATE call_analyses SET {values} analysed_at = at, external_fingerprint = fingerprint,
          shunya_task_id = coalesce(task_id, shunya_task_id)
        FROM staged_analyses staged
        WHERE call_analyses.organization_id = :organization AND call_analyses.id = analysis_id AND is_analysis_known
          AND call_analyses.analysed_at <= at
    """)  # noqa: S608 - names from code; values are bound
    db.session.execute(update, here)
    db.session.execute(_INSERT_ANALYSES, here)
    keep_created(organization_id, import_id, CALL_ANALYSIS.name, _ANALYSES)
