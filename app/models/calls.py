"""Calls and the notes about them."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKeyConstraint, Index, Numeric, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import (
    Base,
    SoftDeleted,
    TenantRow,
    Versioned,
    caller,
    length,
    one_of,
    soft_delete_constraints,
    tenant_fk,
    tenant_table,
)
from app.models.contacts import Imported, imported_once
from app.models.leads import DecidedBy


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
    """Origin of a row: a person, the app itself, or a provider."""

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
#: Contacts and leads are looked up in these indexes by person, without reading the table.
_ABOUT = ("contact_card_id", "lead_id")


class Call(TenantRow, Versioned, Imported, Base):
    """A call.

    It rings from `started_at` to `answered_at`; the talk lasts from then to `ended_at` (`duration_seconds`).
    """

    #: The recording is added later and deleted earlier than the call.
    unversioned = frozenset({"audio_url"})

    __tablename__ = "calls"
    __table_args__ = (
        # Calls prevent an organization from being purged by accident; all other rows are deleted with it.
        ForeignKeyConstraint(["organization_id"], ["organizations.id"], ondelete="RESTRICT"),
        tenant_fk("contact_card_id", "contact_cards", "RESTRICT"),
        tenant_fk("lead_id", "leads"),
        tenant_fk("phone_number_id", "phone_numbers"),
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
        caller("caller_number"),
        caller("called_number"),
        length("topic", 100),
        length("booking_status_reason", 500, 3),
        length("marketing_source", 100),
        CheckConstraint("cardinality(tags) <= 20", name="check_tags_count"),
        CheckConstraint(r"array_to_string(tags, chr(10)) !~ '[^\n]{41}'", name="check_tags_length"),
        CheckConstraint("value >= 0", name="check_value_positive"),
        CheckConstraint("duration_seconds >= 0", name="check_duration_positive"),
        CheckConstraint("duration_seconds <= 86400", name="check_duration_one_day"),
        CheckConstraint("ai_confidence BETWEEN 0 AND 100", name="check_ai_confidence_range"),
        CheckConstraint("call_quality BETWEEN 1 AND 5", name="check_call_quality_range"),
        CheckConstraint("ended_at > started_at", name="check_end_after_start"),
        CheckConstraint("answered_at >= started_at", name="check_answer_after_start"),
        CheckConstraint("cost >= 0", name="check_cost_positive"),
        CheckConstraint("waited_seconds >= 0", name="check_waited_positive"),
        CheckConstraint("waited_seconds IS NULL OR status <> 'completed'", name="check_waited_unanswered"),
        CheckConstraint("call_type <> 'visit_call' OR csr_id IS NULL", name="check_visit_without_csr"),
        # Most calls have none of these ids and are therefore not in the index.
        *(
            Index(
                f"uq_calls_{name}",
                "organization_id",
                name,
                unique=True,
                postgresql_where=text(f"{name} IS NOT NULL"),
            )
            for name in ("callrail_call_id", "twilio_sid", "vapi_call_id")
        ),
        Index("idx_calls_org_date", "organization_id", *NEWEST_FIRST),
        Index("idx_calls_created", "organization_id", "created_at"),
        Index("idx_calls_caller_date", "organization_id", "caller_number", text("started_at DESC")),
        # Used only by the database function `numbers_ending`.
        Index(
            "idx_calls_caller_ending",
            "organization_id",
            text('"right"(caller_number, 4)'),
            "caller_number",
            postgresql_where=text("caller_number IS NOT NULL"),
        ),
        Index(
            "idx_calls_called_out", "organization_id", "called_number", postgresql_where=text("direction = 'outbound'")
        ),
        Index("idx_calls_outcome_date", "organization_id", "outcome", *NEWEST_FIRST),
        Index(
            "idx_calls_sentiment",
            "organization_id",
            "sentiment",
            *NEWEST_FIRST,
            postgresql_where=text("sentiment IS NOT NULL"),
        ),
        Index("idx_calls_csr_date", "organization_id", "csr_id", *NEWEST_FIRST, postgresql_include=_ABOUT),
        Index(
            "idx_calls_handler_date",
            "organization_id",
            "handled_by_user_id",
            *NEWEST_FIRST,
            postgresql_include=_ABOUT,
        ),
        Index(
            "idx_calls_rep_date",
            "organization_id",
            "assigned_rep_id",
            *NEWEST_FIRST,
            postgresql_include=_ABOUT,
            postgresql_where=text("assigned_rep_id IS NOT NULL"),
        ),
        # No page uses it; others rely on the name (decision 66).
        Index("idx_calls_handled_by", "organization_id", "handled_by", "handled_by_user_id"),
        Index("idx_calls_status_date", "organization_id", "status", *NEWEST_FIRST),
        Index(
            "idx_calls_booking_date",
            "organization_id",
            "booking_status",
            *NEWEST_FIRST,
            postgresql_where=text("booking_status IS NOT NULL"),
        ),
        Index("idx_calls_topic_date", "organization_id", "topic", *NEWEST_FIRST),
        Index(
            "idx_calls_source_date",
            "organization_id",
            "marketing_source",
            *NEWEST_FIRST,
            postgresql_where=text("marketing_source IS NOT NULL"),
        ),
        Index("idx_calls_contact", "organization_id", "contact_card_id", *NEWEST_FIRST),
        Index("idx_calls_lead", "organization_id", "lead_id", postgresql_where=text("lead_id IS NOT NULL")),
        # Leads with a conversation in a period; the index by lead would read every call of every lead.
        Index(
            "idx_calls_leads_spoken_to",
            "organization_id",
            "started_at",
            postgresql_include=["lead_id", "csr_id"],
            postgresql_where=text("lead_id IS NOT NULL AND call_type = 'csr_call' AND status = 'completed'"),
        ),
        # For the reps' figures, which need only a fraction of the calls.
        Index(
            "idx_calls_sales",
            "organization_id",
            "started_at",
            postgresql_include=["id", "assigned_rep_id", "call_type"],
            postgresql_where=text("call_type IN ('sales_call', 'visit_call')"),
        ),
        Index(
            "idx_calls_phone_number",
            "organization_id",
            "phone_number_id",
            postgresql_where=text("phone_number_id IS NOT NULL"),
        ),
        # A person who calls on their own phone is in only one call at a time.
        Index(
            "uq_calls_on_by_person",
            "organization_id",
            "handled_by_user_id",
            unique=True,
            postgresql_where=text("status = 'active' AND direction = 'outbound' AND source = 'user'"),
        ),
        # Few calls are active: those of which a provider reports nothing anymore are ended.
        Index("idx_calls_active", "organization_id", "started_at", postgresql_where=text("status = 'active'")),
        Index(
            "idx_calls_missed_entry",
            "organization_id",
            "missed_entry_id",
            postgresql_where=text("missed_entry_id IS NOT NULL"),
        ),
        Index(
            "idx_calls_measured",
            "organization_id",
            "started_at",
            postgresql_include=[
                "id", "csr_id", "status", "call_type", "direction", "answered_at", "duration_seconds", "outcome",
                "booking_status", "call_quality", "topic", "lead_id", "is_wait_unknown", "waited_seconds",
            ],
        ),
    )  # fmt: skip

    contact_card_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    phone_number_id: Mapped[UUID | None]
    missed_entry_id: Mapped[UUID | None]
    caller_number: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    called_number: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
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
    #: Set if a file states that a call was answered, but not when: `answered_at` is then its start.
    is_wait_unknown: Mapped[bool] = mapped_column(server_default=text("false"))
    duration_seconds: Mapped[int | None]
    outcome: Mapped[str | None]
    booking_status: Mapped[str | None]
    booking_status_reason: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    booking_status_source: Mapped[str | None]
    sentiment: Mapped[str | None]
    ai_confidence: Mapped[int | None] = mapped_column(SmallInteger)
    call_quality: Mapped[int | None] = mapped_column(SmallInteger)
    audio_url: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    callrail_call_id: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    twilio_sid: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    vapi_call_id: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    source: Mapped[str] = mapped_column(server_default=RecordSource.EXTERNAL)
    topic: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    #: Phone systems charge fractions of a cent (decision 83).
    cost: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))
    #: From the start to the caller's hanging up; only known for calls that nobody answered.
    waited_seconds: Mapped[int | None]
    marketing_source: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), info=holds.MENTIONS)
    #: Given by call tracking: what the call is worth, in the organization's currency.
    value: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))


class CallNote(TenantRow, Versioned, SoftDeleted, Base):
    """A person's note about a call.

    Coaching notes are visible to their author, the call's CSR, and managers and above; they can refer to a turn of the
    transcript, counted from 0, and have replies with their id as `parent_id`.
    """

    __tablename__ = "call_notes"
    __table_args__ = tenant_table(
        tenant_fk("call_id", "calls", "CASCADE"),
        tenant_fk("user_id", "users", "CASCADE"),
        # A reply is about the same call; a trigger ensures that the parent is coaching and not itself a reply.
        ForeignKeyConstraint(
            ["organization_id", "call_id", "parent_id"],
            ["call_notes.organization_id", "call_notes.call_id", "call_notes.id"],
            ondelete="CASCADE",
        ),
        *soft_delete_constraints("call_notes"),
        one_of("kind", NoteKind),
        length("body", 5000),
        CheckConstraint("turn BETWEEN 0 AND 4999", name="check_turn_range"),
        CheckConstraint(
            "kind = 'coaching' OR (turn IS NULL AND parent_id IS NULL AND done_at IS NULL)",
            name="check_coached_at_turn",
        ),
        CheckConstraint("parent_id IS NULL OR (turn IS NULL AND done_at IS NULL)", name="check_answers_have_no_turn"),
        Index("uq_call_notes_of_call", "organization_id", "call_id", "id", unique=True),
        Index("idx_call_notes_call", "organization_id", "call_id", "created_at"),
        Index("idx_call_notes_user", "organization_id", "user_id"),
        # The coaching of a person's day.
        Index(
            "idx_call_notes_coaching",
            "organization_id",
            "created_at",
            "id",
            postgresql_where=text("kind = 'coaching' AND parent_id IS NULL AND deleted_at IS NULL"),
        ),
        Index(
            "idx_call_notes_parent",
            "organization_id",
            "parent_id",
            postgresql_where=text("parent_id IS NOT NULL"),
        ),
    )

    call_id: Mapped[UUID]
    user_id: Mapped[UUID | None]
    author_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    kind: Mapped[str] = mapped_column(server_default=NoteKind.NOTE)
    body: Mapped[str] = mapped_column(info=holds.MENTIONS)
    turn: Mapped[int | None]
    parent_id: Mapped[UUID | None]
    done_at: Mapped[datetime | None]
