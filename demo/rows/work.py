"""Results of calls: leads, appointments, the missed-call queue, tasks."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from app.models.appointments import AppointmentOutcome, AppointmentStatus
from app.models.calls import (
    RecordSource,
)
from app.models.contacts import ContactSource
from app.models.leads import DecidedBy, LeadStage, Qualification
from app.models.messages import Channel, MessageDirection, MessageStatus
from app.models.missed_calls import AttemptBy, AttemptKind, AttemptResult, EntryStatus, RescuedBy
from app.models.pending_actions import PendingActionCategory, PendingActionStatus
from app.models.tasks import AssignedTo, TaskPriority, TaskStatus
from app.security.permissions import Role
from demo.rows.base import Deletable, TenantRow


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRow(Deletable):
    """A possible sale to a contact."""

    table: ClassVar[str] = "leads"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentRow(Deletable):
    table: ClassVar[str] = "appointments"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow(TenantRow):
    """A missed caller in the queue."""

    table: ClassVar[str] = "missed_call_entries"
    call_id: UUID
    contact_card_id: UUID | None
    lead_id: UUID | None
    status: EntryStatus = EntryStatus.OPEN
    first_missed_at: datetime
    sla_due_at: datetime
    claimed_by: UUID | None = None
    claim_expires_at: datetime | None = None
    attempts: int = 0
    first_attempt_seconds: int | None = None
    last_attempt_at: datetime | None = None
    next_attempt_at: datetime | None = None
    resolved_at: datetime | None = None
    rescued_by: RescuedBy | None = None
    rescued_by_user_id: UUID | None = None
    rescue_call_id: UUID | None = None
    rescue_appointment_id: UUID | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    outcome_note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow(Deletable):
    """A task for an assignee."""

    table: ClassVar[str] = "tasks"
    title: str
    description: str | None = None
    status: TaskStatus
    priority: TaskPriority
    assigned_to_type: AssignedTo
    assigned_to_user_id: UUID | None
    due_at: datetime | None
    snoozed_until: datetime | None = None
    completed_at: datetime | None
    category: str
    contact_card_id: UUID | None
    call_id: UUID | None
    appointment_id: UUID | None = None
    pending_action_id: UUID | None = None
    source: RecordSource
    created_by: UUID | None = None
    created_by_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingActionRow(Deletable):
    """A suggested task, found by an analysis; it has the status of the task created from it."""

    table: ClassVar[str] = "pending_actions"
    contact_card_id: UUID
    call_id: UUID | None
    appointment_id: UUID | None = None
    assigned_to_type: AssignedTo
    assigned_to_user_id: UUID | None
    category: PendingActionCategory
    raw_text: str
    due_at: datetime | None
    status: PendingActionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow(TenantRow):
    """An attempt to reach a missed caller."""

    table: ClassVar[str] = "missed_call_attempts"
    entry_id: UUID
    user_id: UUID | None
    kind: AttemptKind
    by: AttemptBy
    at: datetime
    result: AttemptResult
    call_id: UUID | None = None
    message_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow(TenantRow):
    """A text or an email."""

    table: ClassVar[str] = "messages"
    channel: Channel
    direction: MessageDirection = MessageDirection.OUTBOUND
    to_address: str
    from_address: str | None
    subject: str | None = None
    body: str
    template: str
    status: MessageStatus
    receiver_id: UUID | None = None
    receiver_role: Role | None = None
    error_code: str | None = None
    cost: Decimal | None = None
    contact_card_id: UUID | None = None
    appointment_id: UUID | None = None
    missed_entry_id: UUID | None = None
    dedupe_key: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRow(TenantRow):
    """A notification for one user."""

    table: ClassVar[str] = "notifications"
    user_id: UUID
    kind: str
    text: str
    link: str
    read_at: datetime | None
    told_at: datetime
    about_type: str | None
    about_id: UUID | None
