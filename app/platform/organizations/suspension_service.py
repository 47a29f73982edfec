"""Closing an organization for a while, and opening it again: nothing of it goes, and what comes in is kept."""

from datetime import UTC, datetime
from uuid import UUID

from app.audit.actions import Action
from app.audit.reason_rules import clean_reason
from app.audit.record import name_action
from app.models import OrganizationStatus
from app.platform.organizations.tenant_switch import working_in
from app.security.actor import Actor
from app.tenancy.organization_queries import lock_organization


def suspend(staff: Actor, organization_id: UUID, *, reason: str) -> None:
    """Let nobody in, from their next request on; calls and webhooks go on being stored.

    Said again it changes the reason. Raises ValidationFailed without one, Conflict for the platform's own, NotFound.
    """
    why = clean_reason(reason)
    with working_in(staff, organization_id):
        organization = lock_organization(organization_id)
        if organization.suspended_at is None:
            organization.suspended_at = datetime.now(UTC)
        organization.status, organization.suspension_reason = OrganizationStatus.SUSPENDED, why
        name_action(Action.ORGANIZATION_SUSPENDED, organization)


def let_back(staff: Actor, organization_id: UUID) -> None:
    """Let its people in again; one that is not suspended stays as it is. Raises NotFound."""
    with working_in(staff, organization_id):
        organization = lock_organization(organization_id)
        if organization.status == OrganizationStatus.SUSPENDED:
            organization.status, organization.suspended_at, organization.suspension_reason = (
                OrganizationStatus.ACTIVE,
                None,
                None,
            )
            name_action(Action.ORGANIZATION_LET_BACK, organization)
