"""Sign-up: an organization that its owner creates."""

from app.db.ids import uuid7
from app.people.sign_in.service import switch_context
from app.platform.organizations.onboarding_service import prepare
from app.platform.organizations.schemas import SignUpInput
from app.platform.organizations.service import (
    DEFAULT_COUNTRY,
    DEFAULT_TIMEZONE,
    NewOrganization,
    create_organization,
)


def sign_up(given: SignUpInput) -> NewOrganization:
    """Create an organization with its owner, who can sign in at once.

    Raises ValidationFailed, and Conflict if the URL name is taken. The request continues in the new organization.
    """
    organization_id = uuid7()
    switch_context(organization_id=organization_id, actor_label=given.name)
    made = create_organization(
        organization_id,
        name=given.organization_name,
        slug=given.slug,
        owner_email=given.email,
        owner_name=given.name,
        owner_password=given.password,
        timezone=given.timezone or DEFAULT_TIMEZONE,
        country=given.country or DEFAULT_COUNTRY,
    )
    prepare(made.organization)
    return made
