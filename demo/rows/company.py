"""Rows of a company other than people and calls, such as phone numbers, knowledge items and calendars."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from app.models.access import StaffRole
from app.models.ai_configs import AssistantVoice
from app.models.billing import CostKind, InvoiceStatus, PlanCode, SubscriptionStatus
from app.models.calendar import CalendarColor, EventStatus
from app.models.exports import ExportStatus
from app.models.knowledge import NoteTemplateKind
from app.models.organizations import Language
from app.models.phone_numbers import NumberProvider, NumberPurpose
from app.models.targets import TargetMetric
from app.security.permissions import Role
from demo.rows.base import Deletable, TenantRow


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRow(TenantRow):
    """A member of the platform's staff."""

    table: ClassVar[str] = "platform_staff"
    user_id: UUID
    role: StaffRole


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRow(TenantRow):
    """An invitation; the loader adds a token that no one knows."""

    table: ClassVar[str] = "invitations"
    email: str
    name: str
    role: Role
    invited_by: UUID
    invited_by_label: str
    expires_at: datetime
    accepted_at: datetime | None = None
    revoked_at: datetime | None = None
    user_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow(Deletable):
    """A phone number of the company."""

    table: ClassVar[str] = "phone_numbers"
    number: str
    provider: NumberProvider
    display_name: str
    forwarding_number: str | None
    is_active: bool
    purpose: NumberPurpose


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedRow(TenantRow):
    """A blocked phone number."""

    table: ClassVar[str] = "blocked_numbers"
    number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeRow(Deletable):
    """A question that callers ask, with its answer."""

    table: ClassVar[str] = "knowledge_items"
    question: str
    answer: str
    category: str
    language: str = Language.ENGLISH
    is_active: bool = True
    usage_count: int
    last_used_at: datetime | None
    confirmed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTemplateRow(Deletable):
    """A template for notes."""

    table: ClassVar[str] = "note_templates"
    name: str
    body: str
    kind: NoteTemplateKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTypeRow(Deletable):
    """A service that the company offers, and its duration."""

    table: ClassVar[str] = "service_types"
    name: str
    minutes: int
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRow(Deletable):
    """A target value of a metric for a month; without a person it is the company's."""

    table: ClassVar[str] = "targets"
    metric: TargetMetric
    user_id: UUID | None
    month: date
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRow(TenantRow):
    """A calendar; without an owner it is shared."""

    table: ClassVar[str] = "calendars"
    name: str
    owner_user_id: UUID | None
    color: CalendarColor


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow(Deletable):
    """An event in a calendar."""

    table: ClassVar[str] = "events"
    type: str
    title: str
    description: str | None = None
    start_at: datetime
    end_at: datetime
    timezone: str
    location: str | None = None
    organizer_id: UUID
    calendar_id: UUID
    status: EventStatus = EventStatus.CONFIRMED
    created_by: UUID
    created_by_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendeeRow(TenantRow):
    """An attendee of an event."""

    table: ClassVar[str] = "event_attendees"
    event_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRow(Deletable):
    """The subscription of the company."""

    table: ClassVar[str] = "subscriptions"
    plan: PlanCode
    status: SubscriptionStatus
    current_period_start: datetime
    current_period_end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRow(TenantRow):
    """The paid or open invoice of a month."""

    table: ClassVar[str] = "invoices"
    number: str
    amount: Decimal
    currency: str
    status: InvoiceStatus
    period_start: datetime
    period_end: datetime
    issued_at: datetime
    paid_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRow(TenantRow):
    """Cost of one kind of usage on a day."""

    table: ClassVar[str] = "usage_costs"
    occurred_at: datetime
    kind: CostKind
    quantity: Decimal
    unit_cost: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRow(TenantRow):
    """Monthly budget for a kind of usage."""

    table: ClassVar[str] = "budgets"
    kind: CostKind
    monthly_amount: Decimal
    hard_stop: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistantRow(TenantRow):
    """Assistant settings of the company."""

    table: ClassVar[str] = "ai_configs"
    assistant_name: str
    greeting: str
    voice: AssistantVoice
    business_hours: dict[str, list[list[str]]]
    escalation_number: str
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewRow(TenantRow):
    """A saved view: filters of a list under a name."""

    table: ClassVar[str] = "saved_views"
    user_id: UUID
    page: str
    name: str
    query: str
    is_shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRow(TenantRow):
    """An exported file, which has since been removed."""

    table: ClassVar[str] = "exports"
    kind: str
    status: ExportStatus
    filters: dict[str, Any] = field(default_factory=dict)
    rows_total: int
    row_count: int
    started_at: datetime
    finished_at: datetime
    expires_at: datetime
    requested_by: UUID
    requested_by_label: str
