"""An organization's settings changed by programs, several in one request."""

from uuid import UUID

from app.models import Organization
from app.organization.settings.profile_service import change_settings
from app.organization.settings.schemas import OrganizationInput
from app.security.actor import Actor


def change_organization(actor: Actor, _organization_id: UUID, given: OrganizationInput, version: int) -> Organization:
    """Change settings. Raises the errors of `change_settings`."""
    return change_settings(actor, given.stored(), version=version)
