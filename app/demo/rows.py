"""Rows of the demonstration companies, one class a table; a field is the column of the same name.

Columns that are left out keep the table's default. Times are aware and in UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from app.models.appointments import AppointmentOutcome, AppointmentStatus
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
from app.models.contacts import ContactSource
from app.models.leads import DecidedBy, LeadStage, Qualification
from app.models.missed_calls import EntryStatus, RescuedBy
from app.models.tasks import AssignedTo, TaskPriority, TaskStatus
from app.security.permissions import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationRow:
    """A company; who loads the rows gives it a webhook key."""

    table: ClassVar[str] = "organizations"
    id: UUID
    name: str
    slug: str
    timezone: str
    business_hours: dict[str, list[list[str]]]
    billing_email: str
    call_minutes_quota: int
    team_members_quota: int
    phone_numbers_quota: int
    storage_quota_bytes: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """What a company has used in its billing period."""

    table: ClassVar[str] = "organization_usage"
    organization_id: UUID
    id: UUID
    used_minutes: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """A person who works there; who loads the rows gives them a password."""

    table: ClassVar[str] = "users"
    organization_id: UUID
    id: UUID
    email: str
    name: str
    role: Role
    manager_id: UUID | None
    email_verified_at: datetime
    last_seen_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """A household or business that called. Without a name until somebody has spoken with them."""

    table: ClassVar[str] = "contact_cards"
    organization_id: UUID
    id: UUID
    primary_phone: str
    email: str | None = None
    company_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    address_line_1: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str = "US"
    source: ContactSource
    property_snapshot: dict[str, Any] = field(default_factory=dict)
    last_call_summary: str | None = None
    primary_intent: str | None = None
    risks: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    timezone: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRow:
    """A number that finds its card."""

    table: ClassVar[str] = "contact_phones"
    organization_id: UUID
    id: UUID
    phone: str
    contact_card_id: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRow:
    """A chance of a job."""

    table: ClassVar[str] = "leads"
    organization_id: UUID
    id: UUID
    contact_card_id: UUID
    stage: LeadStage = LeadStage.NEW
    qualification_status: Qualification | None = None
    qualification_source: DecidedBy | None = None
    source: ContactSource
    csr_id: UUID | None = None
    assigned_rep_id: UUID | None = None
    last_activity_at: datetime
    closed_at: datetime | None = None
    won_at: datetime | None = None
    dead_reason: str | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """A call."""

    table: ClassVar[str] = "calls"
    organization_id: UUID
    id: UUID
    contact_card_id: UUID | None = None
    lead_id: UUID | None = None
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
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptRow:
    """What was said: `speaker_labels` is a list of turns {speaker, start, end, text}."""

    table: ClassVar[str] = "call_transcripts"
    organization_id: UUID
    id: UUID
    call_id: UUID
    transcript_text: str
    speaker_labels: list[dict[str, Any]]
    language: str = "en"
    confidence_score: Decimal
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisRow:
    """What an analysis says of it; the shapes of the lists are told in `conversations.analysis`."""

    table: ClassVar[str] = "call_analyses"
    organization_id: UUID
    id: UUID
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
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """What a person wrote about a call."""

    table: ClassVar[str] = "call_notes"
    organization_id: UUID
    id: UUID
    call_id: UUID
    user_id: UUID
    kind: NoteKind
    body: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentRow:
    """A visit."""

    table: ClassVar[str] = "appointments"
    organization_id: UUID
    id: UUID
    contact_card_id: UUID
    lead_id: UUID | None
    csr_id: UUID | None
    sales_rep_id: UUID | None
    source_call_id: UUID | None
    service_type: str
    scheduled_start_at: datetime
    scheduled_end_at: datetime
    timezone: str
    booked_at: datetime
    status: AppointmentStatus = AppointmentStatus.SCHEDULED
    outcome: AppointmentOutcome = AppointmentOutcome.OPEN
    deal_value: Decimal | None = None
    lost_reason: str | None = None
    address_line_1: str | None
    city: str | None
    state: str | None
    zip: str | None
    country: str = "US"
    notes: str | None = None
    cancelled_reason: str | None = None
    completed_at: datetime | None = None
    outcome_at: datetime | None = None
    created_by: UUID | None
    created_by_label: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """A person in the missed-call queue."""

    table: ClassVar[str] = "missed_call_entries"
    organization_id: UUID
    id: UUID
    call_id: UUID
    contact_card_id: UUID | None
    lead_id: UUID | None
    status: EntryStatus = EntryStatus.OPEN
    first_missed_at: datetime
    sla_due_at: datetime
    claimed_by: UUID | None = None
    claim_expires_at: datetime | None = None
    attempts: int = 0
    last_attempt_at: datetime | None = None
    resolved_at: datetime | None = None
    rescued_by: RescuedBy | None = None
    rescued_by_user_id: UUID | None = None
    rescue_call_id: UUID | None = None
    rescue_appointment_id: UUID | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    outcome_note: str | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """Something somebody has to do."""

    table: ClassVar[str] = "tasks"
    organization_id: UUID
    id: UUID
    title: str
    description: str | None = None
    status: TaskStatus
    priority: TaskPriority
    assigned_to_type: AssignedTo
    assigned_to_user_id: UUID | None
    due_at: datetime | None
    completed_at: datetime | None
    category: str
    contact_card_id: UUID | None
    call_id: UUID | None
    appointment_id: UUID | None = None
    source: RecordSource
    created_by: UUID | None = None
    created_by_label: str = ""
    created_at: datetime


Row = (
    OrganizationRow
    | UsageRow
    | UserRow
    | ContactRow
    | PhoneRow
    | LeadRow
    | CallRow
    | TranscriptRow
    | AnalysisRow
    | NoteRow
    | AppointmentRow
    | EntryRow
    | TaskRow
)
