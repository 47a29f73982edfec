"""Creation of a complete organization."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.db.transaction import translated_integrity_errors
from app.extensions import db
from app.models import Organization, OrganizationUsage, Plan, PlanCode, Subscription
from app.organization.billing.rules import first_period
from app.organization.settings.rules import checked_settings
from app.people.users.service import NewUser, create_user
from app.security.permissions import Role
from app.security.tokens import Token

DEFAULT_TIMEZONE = "America/New_York"
DEFAULT_COUNTRY = "US"


@dataclass(frozen=True, slots=True)
class NewOrganization:
    """A newly created organization with its owner; `link` lets them set their password."""

    organization: Organization
    owner: NewUser

    @property
    def link(self) -> Token | None:
        """The owner's link to set a password, shown only once; None if a password was passed."""
        return self.owner.link


def create_organization(
    organization_id: UUID,
    *,
    name: str,
    slug: str,
    owner_email: str,
    owner_name: str,
    timezone: str = DEFAULT_TIMEZONE,
    country: str = DEFAULT_COUNTRY,
    plan: PlanCode = PlanCode.STARTER,
    owner_password: str | None = None,
) -> NewOrganization:
    """Create an organization with its usage, subscription, quotas and owner, in one transaction.

    `organization_id` is a new id, and must be that of the context: row-level security prevents writes for any other
    organization. Raises ValidationFailed, and Conflict if the URL name (`slug`) is taken.
    """
    checked_settings({"timezone": timezone, "country": country})
    quotas = db.session.get_one(Plan, plan)
    organization = Organization(
        id=organization_id,
        name=" ".join(name.split()),
        slug=slug,
        timezone=timezone,
        country=country,
        call_minutes_quota=quotas.call_minutes,
        team_members_quota=quotas.team_members,
        phone_numbers_quota=quotas.phone_numbers,
        storage_quota_bytes=quotas.storage_bytes,
        webhook_key=secrets.token_urlsafe(32),
    )
    with translated_integrity_errors():
        db.session.add(organization)
    db.session.add(OrganizationUsage(organization_id=organization_id))
    db.session.add(_first_month(organization_id, plan, ZoneInfo(timezone)))
    owner = create_user(organization_id, email=owner_email, name=owner_name, role=Role.OWNER, password=owner_password)
    return NewOrganization(organization, owner)


def _first_month(organization_id: UUID, plan: PlanCode, zone: ZoneInfo) -> Subscription:
    start, end = first_period(datetime.now(UTC), zone)
    return Subscription(organization_id=organization_id, plan=plan, current_period_start=start, current_period_end=end)
