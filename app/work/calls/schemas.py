"""Records and inputs of calls in the JSON API, and of their notes, transcripts and analyses."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, field_validator

from app.amounts import exact_amount
from app.declarations.input import Id, Input, OneOf
from app.declarations.record import ApiAddress, CustomFields, Record, Timestamp
from app.models import (
    BookingStatus,
    CallOutcome,
    CallStatus,
    CallType,
    DecidedBy,
    Direction,
    HandledBy,
    NoteKind,
    Qualification,
    RecordSource,
    Sentiment,
    Severity,
)
from app.work.calls import conversation_rules, evidence_rules, rules

#: An amount without zeros at its end, except for cents.
Cost = Annotated[Decimal, AfterValidator(lambda cost: exact_amount(cost, rules.COST_DECIMALS))]


class CallRecord(Record):
    """A call; `number` is that of the other party.

    `duration_seconds` is the time they talked, None for a call that nobody answered. `wait_seconds` is the time until
    the answer; `waited_seconds` the time until the caller of an unanswered call hung up. `cost` is an amount in the
    organization's currency as text with two to five decimals: "0.50", "0.0085". `marketing_source` and `value` are
    those that call tracking assigns to the call.
    """

    id: UUID
    direction: Direction
    call_type: CallType
    status: CallStatus
    started_at: Timestamp
    answered_at: Timestamp | None
    ended_at: Timestamp | None
    duration_seconds: int | None
    wait_seconds: int | None
    waited_seconds: int | None
    number: str | None
    caller_number: str | None
    called_number: str | None
    phone_number_id: UUID | None
    contact_card_id: Annotated[UUID | None, Field(alias="contactId")]
    contact_name: str | None
    company_name: str | None
    lead_id: UUID | None
    missed_entry_id: Annotated[UUID | None, Field(alias="missedCallId")]
    topic: str | None
    csr_id: UUID | None
    csr_name: str | None
    handled_by: HandledBy
    handled_by_user_id: UUID | None
    handled_by_user_name: str | None
    assigned_rep_id: UUID | None
    assigned_rep_name: str | None
    outcome: CallOutcome | None
    booking_status: BookingStatus | None
    booking_status_reason: str | None
    booking_status_source: DecidedBy | None
    sentiment: Sentiment | None
    ai_confidence: int | None
    call_quality: int | None
    cost: Cost | None
    marketing_source: str | None
    tags: list[str]
    value: Decimal | None
    audio_url: ApiAddress | None
    source: RecordSource
    external_source: str | None
    external_id: str | None
    custom_fields: CustomFields
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class NoteRecord(Record):
    """A note about a call; `turn` and `parent_id` belong to coaching: what it is about, and what it answers."""

    id: UUID
    call_id: UUID
    kind: NoteKind
    body: str
    user_id: UUID | None
    user_name: str | None
    turn: int | None
    parent_id: UUID | None
    done_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class TurnRecord(Record):
    """One speaker's turn; `start` and `end` are seconds from the start of the recording."""

    speaker: str
    text: str
    start: float | None
    end: float | None


class TranscriptRecord(Record):
    """The transcript of a call; an analysis counts the turns from 0."""

    id: UUID
    call_id: UUID
    transcript_text: str
    speaker_labels: list[TurnRecord]
    language: str
    confidence_score: float | None
    created_at: Timestamp
    updated_at: Timestamp

    @field_validator("speaker_labels", mode="before")
    @classmethod
    def _read_turns(cls, labels: object) -> Sequence[conversation_rules.Turn]:
        return conversation_rules.read_turns(labels)


class ObjectionRecord(Record):
    """An objection of the caller, in their words (`text`)."""

    category: str
    quote: Annotated[str, Field(alias="text")]
    severity: Severity | None
    turn: int | None
    start: float | None


class AnalysisRecord(Record):
    """The analysis of a call; objects in its lists are as the analysis sent them."""

    id: UUID
    call_id: UUID
    summary: str | None
    qualification_status: Qualification | None
    sentiment_score: float | None
    objections: list[ObjectionRecord]
    objection_severity: Severity | None
    sop_compliance_score: float | None
    sop_stages_completed: list[str]
    sop_stages_missed: list[str]
    pending_actions: list[dict[str, Any]]
    missed_opportunities: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    confidence: float | None
    model: str | None
    analysed_at: Timestamp
    created_at: Timestamp
    updated_at: Timestamp

    @field_validator("objections", mode="before")
    @classmethod
    def _read_objections(cls, stored: object) -> Sequence[evidence_rules.Finding]:
        return evidence_rules.read_objections(stored)

    @field_validator("pending_actions", "missed_opportunities", "evidence", mode="before")
    @classmethod
    def _read_objects(cls, stored: object) -> list[Any]:
        return list(evidence_rules.items_of(stored))


class OutcomeInput(Input):
    """The outcome of a call; None if it is unknown."""

    outcome: OneOf[CallOutcome | None]


class BookingStatusInput(Input):
    """The booking status of a call, and the reason, which overruling a status requires."""

    booking_status: OneOf[BookingStatus]
    reason: Annotated[
        str | None, Field(min_length=rules.MIN_REASON_CHARACTERS, max_length=rules.MAX_REASON_CHARACTERS)
    ] = None


class CreditInput(Input):
    """The CSR to whom a call is credited; None for no one."""

    csr_id: Id | None


class NoteInput(Input):
    """The text of a note."""

    body: Annotated[str, Field(min_length=1, max_length=rules.MAX_NOTE_CHARACTERS)]


class NewNoteInput(NoteInput):
    """A new note, which can be coaching."""

    is_coaching: bool = False
