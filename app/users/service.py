"""Writing people: made, given another role or password, their sessions ended.

`actor` is who does it; None is the system (a command, a job), which may do what an owner may.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, update

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.ids import uuid7
from app.db.transaction import refusals_in_words
from app.errors import Forbidden, LastOwner, QuotaExceeded
from app.extensions import db
from app.models import ApiKey, Organization, PasswordReset, RefreshToken, User, UserSession, UserStatus
from app.organizations.queries import lock_organization
from app.security.actor import Actor
from app.security.passwords import check_new_password, hash_password
from app.security.permissions import Permission, Role
from app.security.tokens import Token
from app.users import queries
from app.users.rules import (
    INVITED_LINK_LASTS,
    RESET_LINK_LASTS,
    EndReason,
    clean_name,
    clean_person,
    imported_address,
    is_downgrade,
    may_give,
    same_name,
)


@dataclass(frozen=True, slots=True)
class NewUser:
    """Somebody who was just made; `link` is the token to set a password with, when none was given."""

    user: User
    link: Token | None


def create_user(
    organization_id: UUID, *, email: str, name: str, role: Role, password: str | None = None, actor: Actor | None = None
) -> NewUser:
    """Make an active person. Without a password they get a link to set one, which is shown once.

    Raises ValidationFailed, Forbidden for a role above the actor's, QuotaExceeded when the plan's seats are taken, and
    Conflict when somebody has the address.
    """
    address, spelled_name = clean_person(email, name, password)
    _refuse_higher_role(actor, role)
    organization = lock_organization(organization_id)
    _check_seats(organization)
    user = User(
        organization_id=organization_id,
        id=uuid7(),
        email=address,
        name=spelled_name,
        role=role,
        status=UserStatus.ACTIVE,
        language=organization.language,
        password_hash=None if password is None else hash_password(password),
        password_changed_at=None if password is None else datetime.now(UTC),
    )
    with refusals_in_words():
        db.session.add(user)
    return NewUser(user, _issue_link(user, INVITED_LINK_LASTS) if password is None else None)


def create_imported_csrs(organization_id: UUID, names: Iterable[str]) -> dict[str, UUID]:
    """CSRs for the names of a file: inactive, without a password, outside the quota until somebody activates them.

    Returns ids by name. Spellings of one name are one person, and who is there already is not made again; a name that
    several people have is left out. Raises ValidationFailed for a name that is too short or too long.
    """
    names = list(names)
    organization = lock_organization(organization_id)
    present = queries.match_people(organization_id, names)
    missing = {same_name(name): name for name in names if name not in present.found and name not in present.ambiguous}
    taken = queries.taken_addresses(organization_id)
    made: dict[str, UUID] = {}
    for spelling, name in missing.items():
        user = _imported_csr(organization, name, taken)
        db.session.add(user)
        taken.add(user.email.lower())
        made[spelling] = user.id
    db.session.flush()
    return present.found | {name: made[same_name(name)] for name in names if same_name(name) in made}


def change_role(user: User, role: Role, *, actor: Actor | None = None) -> None:
    """Give another role; a downgrade ends all their sessions. It counts from their next request.

    Raises Forbidden when the role, or the person now, is above the actor; LastOwner when nobody else is an owner.
    """
    _refuse_higher_role(actor, role)
    lock_organization(user.organization_id)
    db.session.refresh(user, with_for_update=True)
    before = Role(user.role)
    _refuse_higher_role(actor, before)
    if role is before:
        return
    is_owner = before is Role.OWNER and user.status == UserStatus.ACTIVE
    if is_owner and not queries.has_owner_besides(user.organization_id, [user.id]):
        raise LastOwner(count=1)
    user.role = role
    user.version += 1
    name_action(Action.USER_ROLE_CHANGED, user)
    if is_downgrade(before, role):
        end_sessions(user, EndReason.ROLE_CHANGED)


def check_deletion(users: Sequence[User], actor: Actor | None) -> None:
    """Refuse to delete these people of one organization, which is locked, and so are they.

    Raises Forbidden for somebody above the actor, and LastOwner when no active owner would be left.
    """
    for user in users:
        _refuse_higher_role(actor, Role(user.role))
    is_owner = any(user.role == Role.OWNER and user.status == UserStatus.ACTIVE for user in users)
    if is_owner and not queries.has_owner_besides(users[0].organization_id, [user.id for user in users]):
        raise LastOwner(count=1)


def end_access(users: Sequence[User]) -> None:
    """End the sessions of people who were deleted, their links to set a password and the keys that they made."""
    for user in users:
        _use_up_links(user)
        end_sessions(user, EndReason.USER_DELETED)
        db.session.execute(
            update(ApiKey)
            .where(ApiKey.organization_id == user.organization_id, ApiKey.created_by == user.id)
            .where(ApiKey.revoked_at.is_(None))
            .values(revoked_at=func.now())
        )


def end_access_of_all(organization_id: UUID) -> None:
    """The same for everybody of an organization that was deleted."""
    for model, ended, more in (
        (UserSession, UserSession.revoked_at, {"revoked_reason": EndReason.ORGANIZATION_DELETED}),
        (RefreshToken, RefreshToken.revoked_at, {}),
        (ApiKey, ApiKey.revoked_at, {}),
        (PasswordReset, PasswordReset.used_at, {}),
    ):
        still_open = (model.organization_id == organization_id, ended.is_(None))
        db.session.execute(update(model).where(*still_open).values({ended.key: func.now(), **more}))


def issue_reset_link(user: User) -> Token:
    """A link to set a new password, which replaces those given before. The old password works until it is used."""
    return _issue_link(user, RESET_LINK_LASTS)


def set_password(user: User, password: str, *, except_for: UUID | None = None) -> None:
    """Change the password; sessions end, all but one if wanted, and links to set one are used up.

    Raises ValidationFailed.
    """
    check_new_password(password)
    user.password_hash = hash_password(password)
    user.password_changed_at = datetime.now(UTC)
    user.version += 1
    _use_up_links(user)
    end_sessions(user, EndReason.PASSWORD_CHANGED, except_for=except_for)


def end_sessions(user: User, reason: EndReason, *, except_for: UUID | None = None) -> int:
    """End this person's sessions, all but one if wanted; returns how many. Their next click leads to the sign-in.

    Clients of the API can get no new access with what they were given either.
    """
    ending = [session for session in queries.list_open_sessions(user) if session.id != except_for]
    for session in ending:
        session.revoked_at = datetime.now(UTC)
        session.revoked_reason = reason
        name_action(Action.SESSION_ENDED, session)
    db.session.execute(
        update(RefreshToken)
        .where(RefreshToken.organization_id == user.organization_id, RefreshToken.user_id == user.id)
        .where(RefreshToken.revoked_at.is_(None))
        .values(revoked_at=func.now())
    )
    return len(ending)


def _imported_csr(organization: Organization, name: str, taken: set[str]) -> User:
    return User(
        organization_id=organization.id,
        id=uuid7(),
        email=imported_address(name, organization.slug, taken),
        name=clean_name(name),
        role=Role.CSR,
        status=UserStatus.INACTIVE,
        language=organization.language,
    )


def _refuse_higher_role(actor: Actor | None, role: Role) -> None:
    if actor is None or may_give(actor.role, role):
        return
    raise Forbidden(
        required_permission=Permission.USERS_CHANGE_ROLE,
        required_role=role,
        current_role=actor.role,
        message=_l("Nobody can give or take a role above their own. Ask somebody who has it."),
    )


def _check_seats(organization: Organization) -> None:
    used = queries.count_team_members(organization.id)
    if used >= organization.team_members_quota:
        raise QuotaExceeded(
            limit=organization.team_members_quota,
            used=used,
            message=_l(
                "All %(limit)s seats of the plan are taken. Deactivate somebody, or choose a larger plan.",
                limit=organization.team_members_quota,
            ),
        )


def _issue_link(user: User, lasts: timedelta) -> Token:
    _use_up_links(user)
    token = Token.new(user.organization_id)
    db.session.add(
        PasswordReset(
            organization_id=user.organization_id,
            user_id=user.id,
            token_hash=token.digest,
            expires_at=datetime.now(UTC) + lasts,
        )
    )
    db.session.flush()
    return token


def _use_up_links(user: User) -> None:
    open_links = (PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
    db.session.execute(
        update(PasswordReset)
        .where(PasswordReset.organization_id == user.organization_id, *open_links)
        .values(used_at=func.now())
    )
