"""An organization's settings changed by programs, several in one request."""

from uuid import UUID

from app.models import Organization
from app.organization.settings.profile_service import change_settings
from app.organization.settings.schemas import OrganizationInput
from app.security.actor import Actor
from app.security.confirmation import require_confirmation
from app.tenancy.organization_queries import get_own_organization


def change_organization(actor: Actor, _organization_id: UUID, given: OrganizationInput, version: int) -> Organization:
    """Change settings.

    Raises ReauthenticationRequired if deleted items would stay in the trash for another time, and the errors of
    `change_settings`.
    """
    if given.trash_days != get_own_organization(actor).trash_days:
        require_confirmation(actor)
    return change_settings(actor, given.stored(), version=version)
