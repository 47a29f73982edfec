"""Queries for the sign-in of API clients, before a person is known, and for their session."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from sqlalchemy import Select, select

from app.db.context import Context, current_context, use_context
from app.db.transaction import own_transaction
from app.extensions import db
from app.models import Organization, RefreshToken, User, UserSession
from app.people.sign_in.queries import Account, find_accounts
from app.security.actor import Actor
from app.security.rows import held
from app.security.scope import unscoped, visible
from app.security.tokens import Token


@dataclass(frozen=True, slots=True)
class OrganizationOfAccount:
    """An organization in which a person has an account, for their choice of one."""

    id: UUID
    name: str
    slug: str


def list_organizations_of(accounts: Sequence[Account]) -> list[OrganizationOfAccount]:
    """Return the organizations of accounts that a password has opened, in the same order.

    Runs in transactions of its own, one for each.
    """
    found = []
    for account in accounts:
        slug = select(Organization.slug).where(Organization.id == account.organization_id)
        with use_context(_context_of(account.organization_id)), own_transaction() as session:
            found.append(
                OrganizationOfAccount(account.organization_id, account.organization_name, session.scalars(slug).one())
            )
    return found


def is_known_client(email: str, client_id: str) -> bool:
    """Return whether the account of an address has signed in with this client before, in any organization.

    Runs in transactions of its own. An unknown address costs the same statements as one with a single account.
    """
    owners = [(account.organization_id, account.user_id) for account in find_accounts(email)] or [(uuid4(), uuid4())]
    is_known = False
    for organization_id, user_id in owners:
        used = _sessions_of_client(organization_id, user_id, client_id)
        with use_context(_context_of(organization_id)), own_transaction() as session:
            is_known |= session.scalar(used) is not None
    return is_known


def has_used_client(user: User, client_id: str) -> bool:
    """Return whether this person has signed in with this client before, as far as their sessions are still stored."""
    return db.session.scalar(_sessions_of_client(user.organization_id, user.id, client_id)) is not None


def find_session_refreshed_by(token: Token) -> UUID | None:
    """Return the id of the session that a refresh token belongs to, ended or not; None for an unknown token.

    Runs in a transaction of its own.
    """
    with use_context(_context_of(token.organization_id)), own_transaction() as session:
        return session.scalar(_presented(token).with_only_columns(RefreshToken.session_id))


def lock_refreshed(token: Token) -> tuple[User, UserSession, RefreshToken] | None:
    """Return a refresh token with its person and session, locked until the transaction ends; None for an unknown one.

    Uses of the same token, and whatever ends the session or takes rights from the person, run one after the other.
    """
    presented = db.session.scalar(_presented(token))
    if presented is None:
        return None
    theirs = unscoped(select(User), why="no signed-in user yet; the refresh token identifies the row").where(
        User.organization_id == token.organization_id, User.id == presented.user_id
    )
    refreshed = unscoped(select(UserSession), why="no signed-in user yet; the refresh token identifies the row").where(
        UserSession.organization_id == token.organization_id, UserSession.id == presented.session_id
    )
    # The user first, as in code that demotes people and then ends their sessions.
    user, session = db.session.scalar(held(theirs)), db.session.scalar(held(refreshed))
    presented = db.session.scalar(_presented(token).execution_options(populate_existing=True))
    return None if user is None or session is None or presented is None else (user, session, presented)


def _sessions_of_client(organization_id: UUID, user_id: UUID, client_id: str) -> Select[UUID]:
    theirs = unscoped(select(UserSession.id), why="no signed-in user yet; existence check for the account's own client")
    return theirs.where(
        UserSession.organization_id == organization_id,
        UserSession.user_id == user_id,
        UserSession.client_id == client_id,
    ).limit(1)


def _context_of(organization_id: UUID) -> Context:
    return replace(current_context(), organization_id=organization_id)


def _presented(token: Token) -> Select[RefreshToken]:
    return unscoped(select(RefreshToken), why="no signed-in user yet; the refresh token identifies the row").where(
        RefreshToken.organization_id == token.organization_id, RefreshToken.token_hash == token.digest
    )


def get_current_session(actor: Actor) -> UserSession:
    """Return the session whose access token authenticates the request."""
    mine = visible(UserSession, actor).where(UserSession.user_id == actor.user_id, UserSession.id == actor.session_id)
    return db.session.scalars(mine).one()
