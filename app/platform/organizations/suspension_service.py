"""Suspension and reactivation of an organization: its data remains, and incoming data is still stored."""

from datetime import UTC, datetime
from uuid import UUID

from app.audit.actions import Action
from app.audit.reason_rules import clean_reason
from app.audit.record import name_action
from app.extensions import db
from app.models import OrganizationStatus
from app.platform.organizations.tenant_switch import working_in
from app.security.actor import Actor
from app.tenancy.organization_queries import lock_organization


def suspend(staff: Actor, organization_id: UUID, *, reason: str) -> None:
    """Suspend an organization: its people are denied access, but calls and webhooks are still stored.

    It takes effect with the next request. A repeated call changes the reason. Raises ValidationFailed without a reason,
    NotFound, and the errors of `working_in`.
    """
    why = clean_reason(reason)
    with working_in(staff, organization_id):
        organization = lock_organization(organization_id)
        if organization.suspended_at is None:
            organization.suspended_at = datetime.now(UTC)
        organization.status, organization.suspension_reason = OrganizationStatus.SUSPENDED, why
        if db.session.is_modified(organization):
            name_action(Action.ORGANIZATION_SUSPENDED, organization)


def let_back(staff: Actor, organization_id: UUID) -> None:
    """Reactivate the organization; one that is not suspended is left unchanged.

    Raises NotFound, and the errors of `working_in`.
    """
    with working_in(staff, organization_id):
        organization = lock_organization(organization_id)
        if organization.status == OrganizationStatus.SUSPENDED:
            organization.status, organization.suspended_at, organization.suspension_reason = (
                OrganizationStatus.ACTIVE,
                None,
                None,
            )
            name_action(Action.ORGANIZATION_LET_BACK, organization)
