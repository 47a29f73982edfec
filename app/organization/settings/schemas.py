"""Record and input of an organization in the JSON API."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.declarations.input import Input, OneOf
from app.declarations.input_types import Hours
from app.declarations.record import Record, Timestamp
from app.models import WeekStart
from app.models.organizations import Language, OrganizationStatus
from app.organization.settings.rules import MAX_ZONE_LENGTH
from app.people.users.rules import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, MIN_NAME_LENGTH


class OrganizationRecord(Record):
    """The settings of an organization, and the limits of its plan."""

    id: UUID
    name: str
    slug: str
    status: OrganizationStatus
    timezone: str
    country: str
    currency: str
    language: Language
    week_start: WeekStart
    business_hours: dict[str, Any]
    billing_email: str | None
    require_mfa: bool
    appointment_minutes: int
    travel_minutes: int
    missed_call_sla_minutes: int
    rescue_window_days: int
    trash_days: int
    call_minutes_quota: int
    team_members_quota: int
    phone_numbers_quota: int
    storage_quota_bytes: int
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class OrganizationInput(Input):
    """The settings of an organization that can be changed; `business_hours` are those in which it takes calls."""

    name: Annotated[str, Field(min_length=MIN_NAME_LENGTH, max_length=MAX_NAME_LENGTH)]
    timezone: Annotated[str, Field(min_length=1, max_length=MAX_ZONE_LENGTH)]
    country: Annotated[str, Field(min_length=1, max_length=2)]
    currency: Annotated[str, Field(min_length=1, max_length=3)]
    language: OneOf[Language]
    week_start: OneOf[WeekStart]
    business_hours: Hours
    billing_email: Annotated[str | None, Field(max_length=MAX_EMAIL_LENGTH)]
    appointment_minutes: Annotated[int, Field(ge=15, le=480)]
    travel_minutes: Annotated[int, Field(ge=0, le=240)]
    missed_call_sla_minutes: Annotated[int, Field(ge=1, le=1440)]
    rescue_window_days: Annotated[int, Field(ge=1, le=90)]
    trash_days: Annotated[int, Field(ge=1, le=365)]

    def stored(self) -> dict[str, Any]:
        """Return the values by column, as pages store them: no address is None."""
        return {**self.values(), "billing_email": self.billing_email or None}
