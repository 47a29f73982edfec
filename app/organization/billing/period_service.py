"""Start of billing periods, which resets the usage."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.audit.actions import Action
from app.audit.record import name_action
from app.models import SubscriptionStatus
from app.organization.billing.queries import lock_subscription
from app.organization.billing.rules import period_at
from app.tenancy.organization_queries import lock_organization
from app.tenancy.quota_service import reset_usage


def start_period(organization_id: UUID, now: datetime) -> None:
    """Move to the period that contains `now` if the current one is over, and reset usage and warnings.

    Several missed periods are skipped in one step, because there is nothing left to count in them. A canceled
    subscription is left unchanged.
    """
    organization = lock_organization(organization_id)
    subscription = lock_subscription(organization_id)
    start, end = subscription.current_period_start, subscription.current_period_end
    if end > now or subscription.status == SubscriptionStatus.CANCELLED:
        return
    start, end = period_at(start, end, ZoneInfo(organization.timezone), now)
    used = reset_usage(organization_id)
    subscription.current_period_start, subscription.current_period_end = start, end
    why = {"reason": "billing_period_start", **used}
    name_action(Action.QUOTA_RESET, subscription, resource_type="subscription", metadata=why)
