"""The queries that say who asks: one for everybody, one more for a guest of the platform."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, or_, select

from app.db.kept_statements import KeptStatement
from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.models import Organization, PlatformStaff, User, UserPermission, UserSession
from app.models.users import GRANT_COUNTS
from app.security.tokens import Token

#: Made once, not with every request.
_GRANTED = (
    select(UserPermission.permission)
    .where(UserPermission.organization_id == UserSession.organization_id)
    .where(UserPermission.user_id == UserSession.user_id, GRANT_COUNTS)
    .correlate(UserSession)
    .scalar_subquery()
)
_SESSION = (
    select(
        UserSession.id.label("session_id"),
        UserSession.last_seen_at,
        UserSession.expires_at,
        UserSession.revoked_at,
        UserSession.revoked_reason,
        User.id.label("user_id"),
        User.name,
        User.email,
        User.role,
        User.is_active,
        or_(User.deleted_at.is_not(None), Organization.deleted_at.is_not(None)).label("is_deleted"),
        User.language,
        User.theme,
        User.density,
        User.shortcuts_enabled,
        User.avatar_key,
        Organization.name.label("organization_name"),
        Organization.slug.label("organization_slug"),
        Organization.status.label("organization_status"),
        Organization.timezone,
        Organization.week_start,
        Organization.country,
        Organization.require_mfa,
        UserSession.mfa_passed_at,
        UserSession.entered_organization_id,
        UserSession.viewing_user_id,
        UserSession.viewing_since,
        User.mfa_secret.is_not(None).label("has_second_factor"),
        PlatformStaff.role.label("staff_role"),
        func.array(_GRANTED).label("granted"),
    )
    .join(User, (User.organization_id == UserSession.organization_id) & (User.id == UserSession.user_id))
    .join(Organization, Organization.id == UserSession.organization_id)
    .outerjoin(
        PlatformStaff,
        (PlatformStaff.organization_id == UserSession.organization_id) & (PlatformStaff.user_id == UserSession.user_id),
    )
    .where(UserSession.organization_id == bindparam("organization_id"), UserSession.token_hash == bindparam("digest"))
    .execution_options(**{INCLUDE_DELETED: True})
)

_KEPT_SESSION = KeptStatement(_SESSION)


def find_session(token: Token) -> Row[*tuple[Any, ...]] | None:
    """A session with its person, their organization and extra permissions, in one query.

    Ended sessions too, and those of people who were deleted: their browser is told why. None for a token nobody was
    given. Needs the token's organization in the context.
    """
    found = _KEPT_SESSION.rows(organization_id=token.organization_id, digest=token.digest)
    return found[0] if found else None


def find_entered_organization(organization_id: UUID) -> Row[*tuple[Any, ...]] | None:
    """What a visitor's pages need of an organization that the context has been turned to; None for a deleted one."""
    facts = select(
        Organization.name,
        Organization.slug,
        Organization.timezone,
        Organization.week_start,
        Organization.country,
        Organization.require_mfa,
    )
    return db.session.execute(facts.where(Organization.id == organization_id)).one_or_none()
