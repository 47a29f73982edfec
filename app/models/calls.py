"""Calls and what belongs to them: notes, transcripts and analyses."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Base,
    SoftDeleted,
    TenantRow,
    Versioned,
    e164,
    length,
    one_of,
    soft_delete,
    tenant_fk,
    tenant_table,
)
from app.models.contacts import Imported, imported_once
from app.models.leads import DecidedBy, Qualification


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CallType(StrEnum):
    CSR_CALL = "csr_call"
    SALES_CALL = "sales_call"
    VISIT_CALL = "visit_call"


class CallStatus(StrEnum):
    ACTIVE = "active"
    COMPLETED = "completed"
    MISSED = "missed"
    VOICEMAIL = "voicemail"
    FAILED = "failed"


class HandledBy(StrEnum):
    HUMAN = "human"
    AI = "ai"
    NONE = "none"


class CallOutcome(StrEnum):
    RESOLVED = "resolved"
    FOLLOW_UP = "follow_up"
    TRANSFERRED = "transferred"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    SPAM = "spam"


class BookingStatus(StrEnum):
    BOOKED = "booked"
    NOT_BOOKED = "not_booked"
    SERVICE_NOT_OFFERED = "service_not_offered"


class Sentiment(StrEnum):
    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class RecordSource(StrEnum):
    """What brought a row into being: a person, the product itself, or a provider."""

    USER = "user"
    SYSTEM = "system"
    EXTERNAL = "external"


class NoteKind(StrEnum):
    NOTE = "note"
    COACHING = "coaching"


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


NEWEST_FIRST = (text("started_at DESC"), text("id DESC"))


class Call(TenantRow, Versioned, Imported, Base):
    """One call. Ringing is started_at → answered_at, talk is answered_at → ended_at (duration_seconds)."""

    __tablename__ = "calls"
    __table_args__ = (
        # Calls hold an organization back from being purged by accident; everything else goes with it.
        ForeignKeyConstraint(["organization_id"], ["organizations.id"], ondelete="RESTRICT"),
        tenant_fk("contact_card_id", "contact_cards", "RESTRICT"),
        tenant_fk("lead_id", "leads"),
        tenant_fk("missed_entry_id", "missed_call_entries", use_alter=True),
        tenant_fk("handled_by_user_id", "users"),
        tenant_fk("csr_id", "users"),
        tenant_fk("assigned_rep_id", "users"),
        *imported_once("calls"),
        one_of("direction", Direction),
        one_of("call_type", CallType),
        one_of("status", CallStatus),
        one_of("handled_by", HandledBy),
        one_of("outcome", CallOutcome),
        one_of("booking_status", BookingStatus),
        one_of("booking_status_source", DecidedBy),
        one_of("sentiment", Sentiment),
        one_of("source", RecordSource),
        e164("caller_number"),
        e164("called_number"),
        length("topic", 100),
        length("booking_status_reason", 500, 3),
        CheckConstraint("duration_seconds >= 0", name="check_duration_positive"),
        CheckConstraint("duration_seconds <= 86400", name="check_duration_one_day"),
        CheckConstraint("ai_confidence BETWEEN 0 AND 100", name="check_ai_confidence_range"),
        CheckConstraint("call_quality BETWEEN 1 AND 5", name="check_call_quality_range"),
        CheckConstraint("ended_at > started_at", name="check_end_after_start"),
        CheckConstraint("answered_at >= started_at", name="check_answer_after_start"),
        CheckConstraint("cost >= 0", name="check_cost_positive"),
        Index("uq_calls_callrail_call_id", "organization_id", "callrail_call_id", unique=True),
        Index("uq_calls_twilio_sid", "organization_id", "twilio_sid", unique=True),
        Index("uq_calls_vapi_call_id", "organization_id", "vapi_call_id", unique=True),
        Index("idx_calls_org_date", "organization_id", *NEWEST_FIRST),
        Index("idx_calls_caller_date", "organization_id", "caller_number", text("started_at DESC")),
        Index("idx_calls_outcome_date", "organization_id", "outcome", *NEWEST_FIRST),
        Index("idx_calls_handled_by", "organization_id", "handled_by", "handled_by_user_id"),
        Index(
            "idx_calls_sentiment",
            "organization_id",
            "sentiment",
            *NEWEST_FIRST,
            postgresql_where=text("sentiment IS NOT NULL"),
        ),
        Index("idx_calls_csr_date", "organization_id", "csr_id", *NEWEST_FIRST),
        Index("idx_calls_handler_date", "organization_id", "handled_by_user_id", *NEWEST_FIRST),
        Index("idx_calls_rep_date", "organization_id", "assigned_rep_id", *NEWEST_FIRST),
        Index("idx_calls_status_date", "organization_id", "status", *NEWEST_FIRST),
        Index(
            "idx_calls_booking_date",
            "organization_id",
            "booking_status",
            *NEWEST_FIRST,
            postgresql_where=text("booking_status IS NOT NULL"),
        ),
        Index("idx_calls_topic_date", "organization_id", "topic", *NEWEST_FIRST),
        Index("idx_calls_contact", "organization_id", "contact_card_id", *NEWEST_FIRST),
        Index("idx_calls_lead", "organization_id", "lead_id", postgresql_where=text("lead_id IS NOT NULL")),
        # The leads spoken to in a period; by their leads' index, every call of every lead would be read.
        Index(
            "idx_calls_leads_spoken_to",
            "organization_id",
            "started_at",
            postgresql_include=["lead_id", "csr_id"],
            postgresql_where=text("lead_id IS NOT NULL AND call_type = 'csr_call' AND status = 'completed'"),
        ),
        Index(
            "idx_calls_missed_entry",
            "organization_id",
            "missed_entry_id",
            postgresql_where=text("missed_entry_id IS NOT NULL"),
        ),
        Index(
            "idx_calls_numbers",
            "organization_id",
            "started_at",
            postgresql_include=[
                "csr_id", "status", "call_type", "direction", "answered_at", "duration_seconds", "outcome",
                "booking_status", "call_quality", "topic", "lead_id",
            ],
        ),
    )  # fmt: skip

    contact_card_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    missed_entry_id: Mapped[UUID | None]
    caller_number: Mapped[str | None]
    called_number: Mapped[str | None]
    direction: Mapped[str]
    call_type: Mapped[str]
    status: Mapped[str]
    handled_by: Mapped[str] = mapped_column(server_default=HandledBy.NONE)
    handled_by_user_id: Mapped[UUID | None]
    csr_id: Mapped[UUID | None]
    assigned_rep_id: Mapped[UUID | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    duration_seconds: Mapped[int | None]
    outcome: Mapped[str | None]
    booking_status: Mapped[str | None]
    booking_status_reason: Mapped[str | None]
    booking_status_source: Mapped[str | None]
    sentiment: Mapped[str | None]
    ai_confidence: Mapped[int | None] = mapped_column(SmallInteger)
    call_quality: Mapped[int | None] = mapped_column(SmallInteger)
    audio_url: Mapped[str | None]
    callrail_call_id: Mapped[str | None]
    twilio_sid: Mapped[str | None]
    vapi_call_id: Mapped[str | None]
    source: Mapped[str] = mapped_column(server_default=RecordSource.EXTERNAL)
    topic: Mapped[str | None]
    cost: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))


class CallNote(TenantRow, Versioned, SoftDeleted, Base):
    """What a person wrote about a call. Coaching is seen by its author, the call's CSR, and managers upwards."""

    __tablename__ = "call_notes"
    __table_args__ = tenant_table(
        tenant_fk("call_id", "calls", "CASCADE"),
        tenant_fk("user_id", "users", "CASCADE"),
        *soft_delete("call_notes"),
        one_of("kind", NoteKind),
        length("body", 5000),
        Index("idx_call_notes_call", "organization_id", "call_id", "created_at"),
        Index("idx_call_notes_user", "organization_id", "user_id"),
    )

    call_id: Mapped[UUID]
    user_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(server_default=NoteKind.NOTE)
    body: Mapped[str]


class CallTranscript(TenantRow, Base):
    """`speaker_labels` is a list of turns {speaker, start, end, text}; start and end in seconds."""

    __tablename__ = "call_transcripts"
    __table_args__ = tenant_table(
        tenant_fk("call_id", "calls", "CASCADE"),
        UniqueConstraint("organization_id", "call_id", name="uq_call_transcripts_call_id"),
        Index("uq_call_transcripts_task", "organization_id", "shunya_task_id", unique=True),
        CheckConstraint("confidence_score BETWEEN 0 AND 1", name="check_confidence_score_range"),
        CheckConstraint("jsonb_typeof(speaker_labels) = 'array'", name="check_speaker_labels"),
    )

    call_id: Mapped[UUID]
    transcript_text: Mapped[str]
    speaker_labels: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    language: Mapped[str] = mapped_column(server_default="en")
    confidence_score: Mapped[Decimal | None] = mapped_column(Numeric(4, 3))
    shunya_task_id: Mapped[str | None]


class CallAnalysis(TenantRow, Base):
    """What the analysis found. objections: [{category, text, severity, turn, start}]; evidence points into turns."""

    __tablename__ = "call_analyses"
    __table_args__ = tenant_table(
        tenant_fk("call_id", "calls", "CASCADE"),
        # With the score, whose mean then reads none of the long texts beside it.
        UniqueConstraint(
            "organization_id",
            "call_id",
            name="uq_call_analyses_call_id",
            postgresql_include=["sop_compliance_score"],
        ),
        Index("uq_call_analyses_task", "organization_id", "shunya_task_id", unique=True),
        one_of("qualification_status", Qualification),
        one_of("objection_severity", Severity),
        CheckConstraint("sentiment_score BETWEEN -1 AND 1", name="check_sentiment_score_range"),
        CheckConstraint("sop_compliance_score BETWEEN 0 AND 100", name="check_sop_compliance_score_range"),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="check_confidence_range"),
        CheckConstraint("jsonb_typeof(objections) = 'array'", name="check_objections"),
    )

    call_id: Mapped[UUID]
    qualification_status: Mapped[str | None]
    sentiment_score: Mapped[Decimal | None] = mapped_column(Numeric(4, 3))
    objections: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    objection_severity: Mapped[str | None]
    sop_compliance_score: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    sop_stages_completed: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    sop_stages_missed: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    pending_actions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    summary: Mapped[str | None]
    missed_opportunities: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    confidence: Mapped[Decimal | None] = mapped_column(Numeric(4, 3))
    shunya_task_id: Mapped[str | None]
    analysed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    model: Mapped[str | None]
