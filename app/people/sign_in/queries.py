"""Reading what signing in and the account page need."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Text, Uuid, column, func, select

from app.db.context import current_context, use_context
from app.db.transaction import own_transaction
from app.extensions import db
from app.models import (
    Organization,
    OrganizationStatus,
    PasswordReset,
    PlatformStaff,
    RecoveryCode,
    User,
    UserSession,
    UserStatus,
)
from app.security.actor import Actor
from app.security.scope import unscoped, visible
from app.security.session_rules import IDLE_LIFETIME
from app.security.tokens import Token

#: Nobody works in more browsers at once; what is beyond is old and ends by itself.
_MAX_SESSIONS = 100

_ACCOUNT_OWNER = unscoped(User, why="somebody signs in to their own account, and is nobody until then")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in: an active person with a password, of an active organization.

    What a password has opened holds while `password_changed_at` is the same.
    """

    organization_id: UUID
    organization_name: str
    user_id: UUID
    password_changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SuspendedAccount(Account):
    """Somebody who may not, for a while: themselves, until `until` where that is known, or their organization."""

    organization_is_suspended: bool
    until: datetime | None
    timezone: str


@dataclass(frozen=True, slots=True)
class LinkHolder:
    """Whose password a one-time link may set."""

    user_id: UUID
    email: str


def find_accounts(email: str) -> list[Account]:
    """The accounts of an address in all organizations, by the organization's name; at most 20.

    In a transaction of its own, because no organization is known yet.
    """
    accounts = func.find_accounts(email).table_valued(
        column("organization_id", Uuid),
        column("organization_name", Text),
        column("user_id", Uuid),
        column("password_changed_at", DateTime(timezone=True)),
    )
    with own_transaction() as session:
        return [Account(*row) for row in session.execute(select(accounts))]


def find_suspended_accounts(email: str) -> list[SuspendedAccount]:
    """Those that would be among them, were they or their organizations not suspended."""
    accounts = func.find_suspended_accounts(email).table_valued(
        column("organization_id", Uuid),
        column("organization_name", Text),
        column("user_id", Uuid),
        column("password_changed_at", DateTime(timezone=True)),
        column("organization_is_suspended", Boolean),
        column("suspended_until", DateTime(timezone=True)),
        column("timezone", Text),
    )
    with own_transaction() as session:
        return [SuspendedAccount(*row) for row in session.execute(select(accounts))]


def get_staff_role(staff: Actor) -> str:
    """What `staff`, who is at home and one of the platform's people, is elsewhere: support or admin."""
    mine = unscoped(select(PlatformStaff.role), why="whoever is on the platform's staff asks about themselves").where(
        PlatformStaff.organization_id == staff.organization_id, PlatformStaff.user_id == staff.user_id
    )
    return db.session.scalars(mine).one()


def has_second_factor(account: Account) -> bool:
    """Whether signing in to this account takes a code; in a transaction of its own, like `find_accounts`."""
    with use_context(replace(current_context(), organization_id=account.organization_id)), own_transaction() as session:
        user = session.get(_ACCOUNT_OWNER, (account.organization_id, account.user_id))
        return user is not None and user.mfa_secret is not None


def find_user_of(account: Account, *, lock: bool = False) -> User | None:
    """Whose account this is, while nobody is signed in; needs the account's organization in the context.

    With `lock` read anew and held until the transaction ends.
    """
    key = (account.organization_id, account.user_id)
    if not lock:
        return db.session.get(_ACCOUNT_OWNER, key)
    return db.session.get(_ACCOUNT_OWNER, key, with_for_update={"key_share": True}, populate_existing=True)


def count_recovery_codes(user: User) -> int:
    """How many of this person's recovery codes are left."""
    left = unscoped(select(func.count(RecoveryCode.id)), why="asked by that person for their own page").where(
        RecoveryCode.organization_id == user.organization_id,
        RecoveryCode.user_id == user.id,
        RecoveryCode.used_at.is_(None),
    )
    return db.session.scalar(left) or 0


def get_own_row(actor: Actor, *, lock: bool = False) -> User:
    """The row of whoever acts; with `lock` read anew and held until the transaction ends."""
    mine = visible(User, actor).where(User.id == actor.user_id)
    if lock:
        mine = mine.with_for_update(key_share=True).execution_options(populate_existing=True)
    return db.session.scalars(mine).one()


def list_own_sessions(actor: Actor, now: datetime) -> list[UserSession]:
    """Where this person is signed in, last seen first."""
    mine = (
        visible(UserSession, actor)
        .where(UserSession.user_id == actor.user_id, UserSession.revoked_at.is_(None))
        .where(UserSession.expires_at > now, UserSession.last_seen_at > now - IDLE_LIFETIME)
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        .limit(_MAX_SESSIONS)
    )
    return list(db.session.scalars(mine))


def has_link_since(user: User, moment: datetime) -> bool:
    """Whether this person was given a link to set a password after `moment` that can be used."""
    given = unscoped(select(PasswordReset.id), why="somebody asks for their own link, and is nobody until then").where(
        PasswordReset.organization_id == user.organization_id,
        PasswordReset.user_id == user.id,
        PasswordReset.used_at.is_(None),
        PasswordReset.created_at > moment,
        PasswordReset.expires_at > func.now(),
    )
    return db.session.scalar(given.limit(1)) is not None


def find_link_holder(token: Token, now: datetime) -> LinkHolder | None:
    """Whom a link to set a password is for, while it can be used; in a transaction of its own, like `find_accounts`.

    It cannot while nobody may sign in with that account anyway.
    """
    holder = (
        unscoped(select(User.id, User.email), why="whoever has the link is nobody yet, and the link is of one person")
        .join(
            PasswordReset,
            (PasswordReset.organization_id == User.organization_id) & (PasswordReset.user_id == User.id),
        )
        .join(Organization, Organization.id == User.organization_id)
        .where(PasswordReset.organization_id == token.organization_id, PasswordReset.token_hash == token.digest)
        .where(User.status == UserStatus.ACTIVE, Organization.status == OrganizationStatus.ACTIVE)
        .where(PasswordReset.used_at.is_(None), PasswordReset.expires_at > now)
    )
    with use_context(replace(current_context(), organization_id=token.organization_id)), own_transaction() as session:
        found = session.execute(holder).one_or_none()
    return LinkHolder(found.id, found.email) if found else None
