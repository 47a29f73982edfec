"""An analysis with its transcript, as read from a file or from a provider's result."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from app.data.imports.record_rules import RowError
from app.models import BookingStatus, Qualification, Sentiment, Severity

#: A turn {speaker, start, end, text}, an objection {category, text, severity}, and so on, as stored in the tables.
Item = dict[str, Any]


class AnalysisRecord(NamedTuple):
    """Analysis and transcript of one call. Times are timezone-aware and in UTC, `call` is the ID of an existing call.

    The lists are those of `call_analyses` and `call_transcripts`. For the fingerprints see
    `record_rules.with_fingerprint`; the result of a provider has none. `fields` holds the fields of the resource that
    need no rule. Missing values are None, "" or empty.

    Only the result of a provider has the ID of its task, and the confidence of the transcript, 0 to 1.
    """

    line: int
    fingerprint: bytes | None
    external_source: str
    external_id: str
    call: UUID | None
    started_at: datetime | None
    ended_at: datetime | None
    duration_seconds: int | None
    transcript_text: str
    turns: tuple[Item, ...]
    language: str | None
    summary: str | None
    topic: str | None
    sentiment: Sentiment | None
    sentiment_score: Decimal | None
    booking_status: BookingStatus | None
    qualification_status: Qualification | None
    primary_intent: str | None
    risks: tuple[str, ...]
    objections: tuple[Item, ...]
    objection_severity: Severity | None
    pending_actions: tuple[Item, ...]
    missed_opportunities: tuple[Item, ...]
    evidence: tuple[Item, ...]
    sop_compliance_score: Decimal | None
    sop_stages_completed: tuple[str, ...]
    sop_stages_missed: tuple[str, ...]
    confidence: Decimal | None
    model: str | None
    analysed_at: datetime | None
    remarks: tuple[RowError, ...]
    fields: Mapping[str, Any]
    task_id: str | None = None
    transcript_confidence: Decimal | None = None
