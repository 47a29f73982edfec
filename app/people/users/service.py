"""Creation, role changes, deactivation and activation of people.

`actor` None is the system (a command, a job), which can do what an owner can.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.reason_rules import clean_reason
from app.audit.record import name_action
from app.db.ids import uuid7
from app.db.transaction import translated_integrity_errors
from app.declarations.events import OwnerAdded, raise_event
from app.errors import Conflict, LastOwner, TokenInvalid
from app.extensions import db
from app.models import Organization, User, UserStatus
from app.people.users import queries
from app.people.users.access_service import end_access, follow_rights, issue_link
from app.people.users.notices import ACCESS_CHANGED, ACCOUNT
from app.people.users.open_work_queries import OpenWork, list_open_work
from app.people.users.rules import (
    INVITED_LINK_LIFETIME,
    Rights,
    clean_name,
    clean_person,
    end_reason_of,
    imported_address,
    name_key,
)
from app.security.actor import Actor
from app.security.key_identity import find_key_actor
from app.security.matrix import PLATFORM_PERMISSIONS
from app.security.passwords import hash_password
from app.security.permissions import Permission, Role, role_label
from app.security.rank_rules import refuse_higher_role
from app.security.session_rules import EndReason, end_sentence
from app.security.tokens import Token
from app.tenancy.notification_service import notify_all
from app.tenancy.organization_queries import lock_organization
from app.tenancy.quota_rules import QuotaKind
from app.tenancy.quota_service import refuse_over_quota, warn_of_quotas

_KEY_CHANGED = _l("The permissions of this API key have just been changed. Try again.")
_ROLE_ABOVE = _l("You can’t give or remove a role above your own. Ask someone who has it.")


@dataclass(frozen=True, slots=True)
class NewUser:
    """A person who was just created; `link` is the token to set a password with, if none was passed."""

    user: User
    link: Token | None


def create_user(
    organization_id: UUID, *, email: str, name: str, role: Role, password: str | None = None, actor: Actor | None = None
) -> NewUser:
    """Create an active person; without a password, a link to set one is issued.

    Raises ValidationFailed, Forbidden for a role above the actor's, QuotaExceeded if the plan's seats are taken, and
    Conflict if another person has the address.
    """
    address, spelled_name = clean_person(email, name, password)
    refuse_higher_role(actor, role, Permission.USERS_CHANGE_ROLE, _ROLE_ABOVE)
    organization = lock_organization(organization_id)
    refuse_over_quota(organization_id, QuotaKind.TEAM_MEMBERS)
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
    with translated_integrity_errors():
        db.session.add(user)
    if role is Role.OWNER and queries.has_other_owner(organization_id, [user.id]):
        raise_event(OwnerAdded(user.id, user.name))
    warn_of_quotas(organization_id, [QuotaKind.TEAM_MEMBERS])
    return NewUser(user, issue_link(user, INVITED_LINK_LIFETIME) if password is None else None)


def create_imported_people(organization_id: UUID, names: Iterable[str], role: Role) -> dict[str, UUID]:
    """Create inactive people for the names of a file, and return ids by name.

    They have no password, and don't count toward the quota until they are activated. Spellings of one name are one
    person, and existing people aren't created again; a name that several people have is omitted. Raises
    ValidationFailed for a name that is too short or too long.
    """
    names = list(names)
    organization = lock_organization(organization_id)
    present = queries.match_people(organization_id, names, role)
    missing = {name_key(name): name for name in names if name not in present.found and name not in present.ambiguous}
    taken = queries.taken_addresses(organization_id)
    made: dict[str, UUID] = {}
    for spelling, name in missing.items():
        user = _imported(organization, name, role, taken)
        db.session.add(user)
        taken.add(user.email.lower())
        made[spelling] = user.id
    db.session.flush()
    return present.found | {name: made[name_key(name)] for name in names if name_key(name) in made}


def change_role(user: User, role: Role, *, actor: Actor | None = None, reason: str | None = None) -> None:
    """Change a person's role, with effect from their next request; their extra permissions stay.

    A downgrade ends all their sessions, and the API keys with more permissions than they have now. `reason` is recorded
    in the audit trail. Raises Forbidden if the new role is above the actor's or they can't make someone an owner,
    LastOwner for the only active owner, and the errors of `lock_person`.
    """
    refuse_higher_role(actor, role, Permission.USERS_CHANGE_ROLE, _ROLE_ABOVE)
    if actor is not None and role is Role.OWNER:
        actor.requires(Permission.USERS_GRANT_OWNER)
    user = lock_person(user, actor, Permission.USERS_CHANGE_ROLE)
    before = Role(user.role)
    if role is before:
        return
    refuse_to_take_last_owner([user])
    granted = queries.grants_of_user(user)
    user.role = role
    name_action(Action.USER_ROLE_CHANGED, user, metadata={"reason": reason} if reason else None)
    follow_rights(user, Rights(before, granted), Rights(role, granted), EndReason.ROLE_CHANGED)
    if role is Role.OWNER:
        raise_event(OwnerAdded(user.id, user.name))
    notify_all(ACCESS_CHANGED, [user], _l("Your role is now %(role)s.", role=role_label(role)), ACCOUNT)


def deactivate(user: User, reason: str, *, actor: Actor | None = None) -> list[OpenWork]:
    """Deactivate a person from their next request on, and return the open work that they leave.

    Their past work remains in their name, and their seat becomes free. A person who is inactive already is left
    unchanged. Raises ValidationFailed without a reason, LastOwner for the only active owner, and the errors of
    `lock_person`.
    """
    why = clean_reason(reason)
    user = lock_person(user, actor, Permission.USERS_DEACTIVATE)
    if user.status != UserStatus.INACTIVE:
        refuse_to_take_last_owner([user])
        user.status, user.deactivated_at, user.deactivation_reason = UserStatus.INACTIVE, datetime.now(UTC), why
        user.suspended_until = user.suspension_reason = None
        name_action(Action.USER_DEACTIVATED, user)
        end_access([user], EndReason.USER_DEACTIVATED)
    return list_open_work(actor, user.id, datetime.now(UTC))


def activate(user: User, *, actor: Actor | None = None) -> None:
    """Reactivate an inactive person with the password they had; imported people have none and need a link.

    Raises QuotaExceeded if the plan's seats are taken, and the errors of `lock_person`.
    """
    user = lock_person(user, actor, Permission.USERS_DEACTIVATE)
    if user.status != UserStatus.INACTIVE:
        return
    refuse_over_quota(user.organization_id, QuotaKind.TEAM_MEMBERS)
    user.status, user.deactivated_at, user.deactivation_reason = UserStatus.ACTIVE, None, None
    name_action(Action.USER_ACTIVATED, user)
    if user.role == Role.OWNER:
        raise_event(OwnerAdded(user.id, user.name))
    warn_of_quotas(user.organization_id, [QuotaKind.TEAM_MEMBERS])


def lock_person(user: User, actor: Actor | None, permission: Permission) -> User:
    """Return the person, refreshed and locked together with their organization until the transaction ends.

    The organization is locked because its people are counted. Raises Forbidden for a person above the actor, who uses
    `permission`; NotFound if they were deleted; and TokenInvalid if the actor has been demoted in the meantime.
    """
    lock_organization(user.organization_id)
    refuse_stale_rights(actor)
    held = queries.lock_user(user.organization_id, user.id)
    refuse_higher_role(actor, Role(held.role), permission)
    return held


def refuse_stale_rights(actor: Actor | None) -> None:
    """Raise TokenInvalid if the actor has fewer rights now than when this request began.

    Call it under the organization's lock: the person who changed the rights held it before, and has ended the actor's
    session. Of two admins who demote each other, the second is no longer an admin. A key loses rights with its creator.
    Guests are skipped, because their rights are defined in their home organization.
    """
    if actor is None or actor.home is not None:
        return
    if actor.ceiling is not None:
        key = find_key_actor(actor.ceiling.id)
        if key is None or key.role is not actor.role or not actor.permissions <= key.permissions:
            raise TokenInvalid(_KEY_CHANGED)
        return
    now = queries.find_rights(actor.organization_id, actor.user_id)
    if now is None:
        raise TokenInvalid(end_sentence(None))
    reason = end_reason_of(Rights(actor.role, actor.granted - PLATFORM_PERMISSIONS), now)
    if reason is not None:
        raise TokenInvalid(end_sentence(reason))


def check_deletion(users: Sequence[User], actor: Actor | None) -> None:
    """Raise if these people of one organization can't be deleted.

    The people and their organization must be locked already. Raises Forbidden for a person above the actor,
    TokenInvalid if the actor has been demoted in the meantime, and LastOwner if no active owner would be left.
    """
    refuse_stale_rights(actor)
    for user in users:
        refuse_higher_role(actor, Role(user.role), Permission.USERS_DELETE)
    refuse_to_take_last_owner(users)


def _imported(organization: Organization, name: str, role: Role, taken: set[str]) -> User:
    return User(
        organization_id=organization.id,
        id=uuid7(),
        email=imported_address(name, organization.slug, taken),
        name=clean_name(name),
        role=role,
        status=UserStatus.INACTIVE,
        language=organization.language,
    )


def refuse_own_account(actor: Actor, user: User) -> None:
    """Raise Conflict if the actor is the person."""
    if user.id == actor.user_id:
        raise Conflict(None, _l("You can’t deactivate, suspend or delete yourself. Ask another admin or owner."))


def refuse_to_take_last_owner(users: Sequence[User]) -> None:
    """Raise LastOwner if no active owner would be left without these people.

    Call it under the organization's lock.
    """
    is_owner = any(user.role == Role.OWNER and user.status == UserStatus.ACTIVE for user in users)
    if is_owner and not queries.has_other_owner(users[0].organization_id, [user.id for user in users]):
        raise LastOwner(count=1)
