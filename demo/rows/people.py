"""Companies, the people who work there and the people who call."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from app.models.contacts import ContactSource
from app.models.users import UserStatus
from app.security.permissions import Role
from demo.rows.base import Deletable, Row, TenantRow


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationRow(Row):
    """A company; the loader adds a webhook key."""

    table: ClassVar[str] = "organizations"
    name: str
    slug: str
    timezone: str
    business_hours: dict[str, list[list[str]]]
    billing_email: str
    call_minutes_quota: int
    team_members_quota: int
    phone_numbers_quota: int
    storage_quota_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow(TenantRow):
    """Usage of a company in its billing period."""

    table: ClassVar[str] = "organization_usage"
    used_minutes: int
    used_storage_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow(Deletable):
    """A user of the company; the loader adds a password."""

    table: ClassVar[str] = "users"
    email: str
    name: str
    role: Role
    manager_id: UUID | None
    status: UserStatus = UserStatus.ACTIVE
    deactivated_at: datetime | None = None
    deactivation_reason: str | None = None
    email_verified_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow(Deletable):
    """A household or business that called; without a name until a person has spoken with them."""

    table: ClassVar[str] = "contact_cards"
    primary_phone: str
    email: str | None = None
    company_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    address_line_1: str | None = None
    address_line_2: str | None = None
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
    sms_opt_out_at: datetime | None = None
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactNoteRow(Deletable):
    """A person's note about a contact."""

    table: ClassVar[str] = "contact_notes"
    contact_card_id: UUID
    user_id: UUID
    author_label: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRow(Deletable):
    """A phone number of a contact."""

    table: ClassVar[str] = "contact_phones"
    phone: str
    contact_card_id: UUID
