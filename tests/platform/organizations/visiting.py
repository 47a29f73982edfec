"""Helper for entering an organization as platform staff."""

from app.models import Organization
from tests.support.client import Client
from tests.support.pages import Page

WHY = "They have asked for help with imports"


def enter(client: Client, organization: Organization, status: int = 303, reason: str = WHY) -> Page:
    """Submit the form that enters the organization."""
    return client.post(f"/organizations/{organization.id}/enter", {"reason": reason}, status=status)
