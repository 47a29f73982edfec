"""Queries for signing in and for the account page."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Select, Text, Uuid, and_, cast, column, false, func, select, union
from sqlalchemy.dialects.postgresql import INET

from app.db.context import current_context, use_context
from app.db.transaction import own_transaction
from app.extensions import db
from app.models import (
    LoginAttempt,
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
from app.security.open_sessions import is_usable
from app.security.scope import unscoped, visible
from app.security.tokens import Token

#: No one works in more browsers at the same time; older sessions expire by themselves.
_MAX_SESSIONS = 100

_ACCOUNT_OWNER = unscoped(User, why="users sign in to their own account and have no scope before that")


@dataclass(frozen=True, slots=True)
class Account:
    """An account that can sign in: an active person with a password, in an active organization.

    An authentication by password stays valid while `password_changed_at` is the same.
    """

    organization_id: UUID
    organization_name: str
    user_id: UUID
    password_changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SuspendedAccount(Account):
    """An account that can't sign in because the person or the organization is suspended.

    `until` is the end of the person's suspension, if one is set.
    """

    organization_is_suspended: bool
    until: datetime | None
    timezone: str


@dataclass(frozen=True, slots=True)
class LinkHolder:
    """The person whose password a one-time link can set."""

    user_id: UUID
    email: str


def find_accounts(email: str) -> list[Account]:
    """Return the accounts of an address in all organizations, sorted by organization name; at most 20.

    Runs in its own transaction, because no organization is known yet.
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
    """Return the accounts of an address that are suspended, or whose organization is.

    Runs in its own transaction, like `find_accounts`.
    """
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
    """Return the role of platform staff inside other organizations, support or admin.

    `staff` has to be in their home organization.
    """
    mine = unscoped(select(PlatformStaff.role), why="platform staff look up their own role").where(
        PlatformStaff.organization_id == staff.organization_id, PlatformStaff.user_id == staff.user_id
    )
    return db.session.scalars(mine).one()


def has_second_factor(account: Account) -> bool:
    """Return whether signing in to this account requires a two-factor code.

    Runs in its own transaction, like `find_accounts`.
    """
    with use_context(replace(current_context(), organization_id=account.organization_id)), own_transaction() as session:
        user = session.get(_ACCOUNT_OWNER, (account.organization_id, account.user_id))
        return user is not None and user.mfa_secret is not None


def find_user_of(account: Account, *, lock: bool = False) -> User | None:
    """Return the user of an account while no one is signed in.

    Needs the account's organization in the context. With `lock`, the row is refreshed and locked until the transaction
    ends.
    """
    key = (account.organization_id, account.user_id)
    if not lock:
        return db.session.get(_ACCOUNT_OWNER, key)
    return db.session.get(_ACCOUNT_OWNER, key, with_for_update={"key_share": True}, populate_existing=True)


@dataclass(frozen=True, slots=True)
class EarlierSignIn:
    """A browser that a person has signed in with; `is_near` if recently and from the given network."""

    user_agent: str | None
    is_near: bool


def list_earlier_sign_ins(user: User, network: str | None, since: datetime) -> list[EarlierSignIn]:
    """Return the browsers of this person's sessions and sign-ins that are still known, each once.

    Those since `since` from `network` are near; None stands for requests without an IP address.
    """
    found = union(*(_browsers_in(table, user, network, since) for table in (UserSession, LoginAttempt)))
    return [EarlierSignIn(*row) for row in db.session.execute(found)]


def _browsers_in(
    table: type[UserSession | LoginAttempt], user: User, network: str | None, since: datetime
) -> Select[str | None, bool]:
    at = UserSession.last_seen_at if table is UserSession else LoginAttempt.created_at
    is_there = table.ip_address.is_(None) if network is None else table.ip_address.op("<<=")(cast(network, INET))
    is_near = and_(at > since, func.coalesce(is_there, false()))
    theirs = unscoped(
        select(table.user_agent, is_near), why="no signed-in user yet; the account's own earlier sign-ins"
    ).where(table.organization_id == user.organization_id, table.user_id == user.id)
    return theirs if table is UserSession else theirs.where(LoginAttempt.succeeded)


def is_platform_staff(user: User) -> bool:
    """Return whether this person belongs to the platform's staff."""
    staff = unscoped(select(PlatformStaff.user_id), why="no signed-in user yet; a fact about the account itself").where(
        PlatformStaff.organization_id == user.organization_id, PlatformStaff.user_id == user.id
    )
    return db.session.scalar(staff) is not None


def count_recovery_codes(user: User) -> int:
    """Return the number of this person's unused recovery codes."""
    left = unscoped(select(func.count(RecoveryCode.id)), why="count only, of the user's own codes").where(
        RecoveryCode.organization_id == user.organization_id,
        RecoveryCode.user_id == user.id,
        RecoveryCode.used_at.is_(None),
    )
    return db.session.scalar(left) or 0


def get_own_row(actor: Actor, *, lock: bool = False) -> User:
    """Return the actor's own row.

    With `lock`, it is refreshed and locked until the transaction ends.
    """
    mine = visible(User, actor).where(User.id == actor.user_id)
    if lock:
        mine = mine.with_for_update(key_share=True).execution_options(populate_existing=True)
    return db.session.scalars(mine).one()


def list_own_sessions(actor: Actor, now: datetime) -> list[UserSession]:
    """Return the actor's usable sessions, most recently seen first; at most _MAX_SESSIONS."""
    mine = (
        visible(UserSession, actor)
        .where(UserSession.user_id == actor.user_id, is_usable(now))
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        .limit(_MAX_SESSIONS)
    )
    return list(db.session.scalars(mine))


def has_link_since(user: User, moment: datetime) -> bool:
    """Return whether this person was issued a password link after `moment` that is still usable."""
    given = unscoped(
        select(PasswordReset.id), why="no signed-in user; existence check for the account's own link"
    ).where(
        PasswordReset.organization_id == user.organization_id,
        PasswordReset.user_id == user.id,
        PasswordReset.used_at.is_(None),
        PasswordReset.created_at > moment,
        PasswordReset.expires_at > func.now(),
    )
    return db.session.scalar(given.limit(1)) is not None


def find_link_holder(token: Token, now: datetime) -> LinkHolder | None:
    """Return the person whose password a link can set, or None if the link isn't usable.

    A link isn't usable while the account can't sign in anyway. Runs in its own transaction.
    """
    holder = (
        unscoped(select(User.id, User.email), why="no signed-in user; the link identifies the account")
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


def find_start_page(actor: Actor) -> str | None:
    """Return the path of the page that `actor` chose to start on; None without a choice, and for guests."""
    mine = visible(User, actor).with_only_columns(User.start_page).where(User.id == actor.reference_id)
    return db.session.scalar(mine)
