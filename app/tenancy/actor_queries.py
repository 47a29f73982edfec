"""Actors of jobs: the person or API key that requested a job, with their current rights."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.db.context import current_context
from app.errors import NotFound
from app.extensions import db
from app.models import Organization, OrganizationStatus, User, UserPermission
from app.models.users import GRANT_COUNTS
from app.security.actor import Actor
from app.security.key_identity import find_key_actor
from app.security.matrix import grants_of
from app.security.permissions import Role
from app.security.scope import unscoped


def get_job_actor() -> Actor:
    """Return the actor for the person or API key in the context, with their current rights.

    Their rights at the time of the request don't matter. Raises NotFound if they no longer exist or are no longer
    active, or if their organization is not active. A key ends with its creator, like everywhere.
    """
    context = current_context()
    if context.api_key_id is not None:
        key = find_key_actor(context.api_key_id)
        if key is None or key.lacks_second_factor:
            raise NotFound("api_key", context.api_key_id, _l("The API key that requested this no longer works."))
        return key
    asker = find_person(context.actor_id)
    if asker is None or not asker.is_organization_active:
        raise NotFound("user", context.actor_id, _l("The account that requested this is no longer active."))
    return asker.actor


@dataclass(frozen=True, slots=True)
class Person:
    """A person for whom the app works, with their current rights, and whether their organization is active."""

    actor: Actor
    is_organization_active: bool


def find_person(user_id: UUID | None) -> Person | None:
    """Return the user with this id in the context's organization; None if deleted or no longer active."""
    granted = (
        unscoped(
            select(func.array_agg(UserPermission.permission)),
            why="permissions of the same user, read together with the role",
        )
        .where(UserPermission.organization_id == User.organization_id, UserPermission.user_id == User.id)
        .where(GRANT_COUNTS)
        .scalar_subquery()
    )
    columns = select(User, Organization, granted.label("granted"))
    person = (
        unscoped(columns, why="builds the actor that scopes depend on; the job provides the user's ID")
        .join(Organization, Organization.id == User.organization_id)
        .where(User.organization_id == current_context().organization_id, User.id == user_id)
    )
    found = db.session.execute(person).one_or_none()
    if found is None or not found.User.is_active:
        return None
    user, organization = found.User, found.Organization
    return Person(_actor(user, organization, found.granted or ()), organization.status == OrganizationStatus.ACTIVE)


def actor_of_the_whole() -> Actor:
    """Return an actor without a user, with the rights of an executive, for jobs that compute figures.

    The actor sees what executives of the context's organization see.
    """
    organization = db.session.get_one(Organization, current_context().organization_id)
    return Actor(
        organization_id=organization.id,
        user_id=UUID(int=0),
        name="",
        email="",
        role=Role.EXEC,
        organization_name=organization.name,
        organization_slug=organization.slug,
        timezone=organization.timezone,
        week_start=organization.week_start,
    )


def _actor(user: User, organization: Organization, granted: Iterable[str]) -> Actor:
    return Actor(
        organization_id=organization.id,
        user_id=user.id,
        name=user.name,
        email=user.email,
        role=Role(user.role),
        granted=grants_of(granted),
        organization_name=organization.name,
        organization_slug=organization.slug,
        timezone=organization.timezone,
        week_start=organization.week_start,
        country=organization.country,
        language=user.language,
    )
