"""Calls, their transcripts and analyses, and the notes about them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from app.models.calls import (
    BookingStatus,
    CallOutcome,
    CallStatus,
    CallType,
    Direction,
    HandledBy,
    NoteKind,
    RecordSource,
    Sentiment,
    Severity,
)
from app.models.disputes import DisputeKind, DisputeStatus
from app.models.leads import DecidedBy, Qualification
from app.models.recordings import Consent, RecordingStatus
from demo.rows.base import Deletable, TenantRow


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow(TenantRow):
    table: ClassVar[str] = "calls"
    contact_card_id: UUID | None = None
    lead_id: UUID | None = None
    phone_number_id: UUID | None = None
    missed_entry_id: UUID | None = None
    caller_number: str | None
    called_number: str | None
    direction: Direction
    call_type: CallType
    status: CallStatus
    handled_by: HandledBy = HandledBy.NONE
    handled_by_user_id: UUID | None = None
    csr_id: UUID | None = None
    assigned_rep_id: UUID | None = None
    started_at: datetime
    ended_at: datetime | None = None
    answered_at: datetime | None = None
    duration_seconds: int = 0
    waited_seconds: int | None = None
    outcome: CallOutcome | None = None
    booking_status: BookingStatus | None = None
    booking_status_reason: str | None = None
    booking_status_source: DecidedBy | None = None
    sentiment: Sentiment | None = None
    ai_confidence: int | None = None
    call_quality: int | None = None
    audio_url: str | None = None
    source: RecordSource = RecordSource.SYSTEM
    topic: str | None = None
    cost: Decimal | None = None
    marketing_source: str | None = None
    tags: list[str] = field(default_factory=list)
    value: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptRow(TenantRow):
    """Transcript of a call; `speaker_labels` is a list of turns {speaker, start, end, text}."""

    table: ClassVar[str] = "call_transcripts"
    call_id: UUID
    transcript_text: str
    speaker_labels: list[dict[str, Any]]
    language: str = "en"
    confidence_score: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisRow(TenantRow):
    """Analysis of a call; `conversations.analysis` describes the shapes of the lists."""

    table: ClassVar[str] = "call_analyses"
    call_id: UUID
    qualification_status: Qualification | None
    sentiment_score: Decimal
    objections: list[dict[str, Any]]
    objection_severity: Severity | None
    sop_compliance_score: Decimal
    sop_stages_completed: list[str]
    sop_stages_missed: list[str]
    pending_actions: list[dict[str, Any]]
    summary: str
    missed_opportunities: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    confidence: Decimal
    analysed_at: datetime
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow(Deletable):
    """A person's note about a call."""

    table: ClassVar[str] = "call_notes"
    call_id: UUID
    user_id: UUID
    kind: NoteKind
    body: str
    turn: int | None = None
    parent_id: UUID | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeRow(TenantRow):
    """A CSR's dispute of the booking status of a call, or of who booked an appointment."""

    table: ClassVar[str] = "booking_disputes"
    kind: DisputeKind = DisputeKind.BOOKING_STATUS
    call_id: UUID | None = None
    appointment_id: UUID | None = None
    raised_by: UUID
    raised_by_label: str
    from_status: BookingStatus | None = None
    to_status: BookingStatus | None = None
    from_csr_id: UUID | None = None
    to_csr_id: UUID | None = None
    reason: str
    status: DisputeStatus = DisputeStatus.OPEN
    decided_by: UUID | None = None
    decided_by_label: str | None = None
    decided_at: datetime | None = None
    decision_note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRow(Deletable):
    """A rep's recording of an appointment."""

    table: ClassVar[str] = "recording_sessions"
    appointment_id: UUID
    sales_rep_id: UUID
    call_id: UUID | None = None
    status: RecordingStatus
    consent: Consent
    storage_key: str | None = None
    audio_bytes: int | None = None
    content_type: str | None = None
    started_at: datetime
    ended_at: datetime | None = None
    duration_seconds: int | None = None
