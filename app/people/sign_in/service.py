"""Signing in and out, sessions, and how pages look for a person."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update

from app.audit.actions import Action
from app.audit.record import name_action, record_event
from app.db.context import current_context, update_context, use_context
from app.db.ids import uuid7
from app.db.session import enter_context
from app.db.transaction import own_transaction
from app.errors import InvalidCredentials, NotFound
from app.extensions import db
from app.models import LoginAttempt, User, UserSession
from app.people.sign_in import queries
from app.people.sign_in.queries import Account
from app.people.sign_in.rules import MISMATCH, suspension_sentence
from app.people.sign_in.second_factor_service import pass_second_step
from app.people.users.access_service import end_sessions
from app.people.users.suspension_service import let_back_if_over
from app.security.actor import Actor
from app.security.password_queries import find_salt, is_password
from app.security.passwords import hash_again, hash_password, needs_rehash
from app.security.scope import visible
from app.security.session_rules import MAX_LIFETIME, EndReason
from app.security.tokens import Token

#: What a refused sign-in takes at least. Writing down a failure costs a known address some milliseconds that an unknown
#: one does not pay; under this both disappear.
REFUSAL_SECONDS = 0.25


def verify_credentials(email: str, password: str) -> list[Account]:
    """The accounts of this address that the password opens; raises InvalidCredentials when there is none.

    Neither the answer nor its time tells whether the address has an account. Who knows the password of one that is
    suspended is told so, and until when; not why.
    """
    began = time.monotonic()
    accounts, suspended = queries.find_accounts(email), queries.find_suspended_accounts(email)
    if not accounts and not suspended:
        hash_again(None, password)  # an address that nobody has takes as long as a wrong password
    opened = [account for account in accounts if _opens(account, password)]
    if not opened:
        shut = next((one for one in suspended if _opens(one, password)), None)
        for account in (*accounts, *suspended):
            _record_failure(account, email)
        time.sleep(max(0.0, began + REFUSAL_SECONDS - time.monotonic()))
        raise InvalidCredentials(MISMATCH if shut is None else suspension_sentence(shut))
    return opened


def start_session(account: Account, instead_of: Actor | None = None, *, code: str | None = None) -> Token:
    """Begin a session of this account in this browser; the token is what the browser shows from now on.

    `code` is that of the second factor, for accounts that have one.

    `instead_of` is who was signed in here until now, here or in another organization: their session ends with the same
    transaction. Raises InvalidCredentials when the account was closed meanwhile, and for a wrong code.
    """
    if instead_of is not None and instead_of.session_id is not None:
        switch_context(
            organization_id=instead_of.organization_id,
            actor_id=instead_of.user_id,
            actor_label=instead_of.name,
            actor_role=instead_of.role,
            actor_home_id=None,
        )
        end_session(instead_of, instead_of.session_id, EndReason.SIGNED_IN_AGAIN)
    switch_context(organization_id=account.organization_id, actor_id=None, actor_label="", actor_role=None)
    # Held: what ends this person's sessions at this moment ends the new one too, or has happened before it.
    user = queries.find_user_of(account, lock=True)
    if user is not None:
        let_back_if_over(user, datetime.now(UTC))
    if user is None or not user.is_active or user.password_changed_at != account.password_changed_at:
        raise InvalidCredentials  # closed within the moment since the password was looked at
    if user.mfa_secret is not None:
        pass_second_step(account, code or "")
    act_as_user(user)
    context, token, now = current_context(), Token.new(account.organization_id), datetime.now(UTC)
    started = UserSession(
        organization_id=account.organization_id,
        id=uuid7(),
        user_id=user.id,
        token_hash=token.digest,
        ip_address=context.ip_address,
        user_agent=context.user_agent,
        last_seen_at=now,
        expires_at=now + MAX_LIFETIME,
        mfa_passed_at=None if user.mfa_secret is None else now,
    )
    user.last_seen_at = now
    db.session.add(started)
    db.session.add(_attempt(account, succeeded=True))
    name_action(Action.SESSION_STARTED, started)
    return token


def renew_token(actor: Actor) -> Token:
    """Another secret for the session that asks, now that it is worth more: a copy of the old one opens nothing."""
    token = Token.new(actor.organization_id)
    mine = visible(UserSession, actor).where(UserSession.id == actor.session_id)
    db.session.scalars(mine).one().token_hash = token.digest
    db.session.flush()
    return token


def end_session(actor: Actor, session_id: UUID, reason: EndReason) -> None:
    """End one of one's own sessions; raises NotFound. One that has ended already stays as it is."""
    mine = visible(UserSession, actor).where(UserSession.user_id == actor.user_id, UserSession.id == session_id)
    session = db.session.scalar(mine)
    if session is None:
        raise NotFound("session", session_id)
    if session.revoked_at is None:
        session.revoked_at = datetime.now(UTC)
        session.revoked_reason = reason
        name_action(Action.SESSION_ENDED, session)


def end_other_sessions(actor: Actor) -> int:
    """End all of one's own sessions but the one that asks; returns how many."""
    return end_sessions(queries.get_own_row(actor), EndReason.ENDED_BY_SELF, except_for=actor.session_id)


def save_preferences(actor: Actor, **looks: Any) -> None:
    """Keep language, theme, density or shortcuts_enabled of this person.

    The version stays: it guards what others edit, and whoever has this person's page open loses nothing.
    """
    mine = update(User).where(User.organization_id == actor.organization_id, User.id == actor.user_id)
    db.session.execute(mine.values(**looks))


def _record_failure(account: Account, email: str) -> None:
    """Whatever becomes of the request, and under the organization of the account that was tried."""
    context = replace(current_context(), organization_id=account.organization_id, actor_label=email)
    with use_context(context), own_transaction() as session:
        session.add(_attempt(account, succeeded=False))
        record_event(Action.SESSION_FAILED, "user", account.user_id, session=session)


def _opens(account: Account, password: str) -> bool:
    """Whether it is the password of this account. Keeps it with today's parameters: the only moment it is known."""
    context = replace(current_context(), organization_id=account.organization_id, source="system")
    with use_context(context), own_transaction() as session:
        is_right = is_password(account.user_id, password, session)
        if is_right and needs_rehash(find_salt(account.user_id, session) or ""):
            made = hash_password(password)
            session.get_one(User, (account.organization_id, account.user_id)).password_hash = made
    return is_right


def _attempt(account: Account, *, succeeded: bool) -> LoginAttempt:
    context = current_context()
    return LoginAttempt(
        organization_id=account.organization_id,
        user_id=account.user_id,
        succeeded=succeeded,
        ip_address=context.ip_address,
        user_agent=context.user_agent,
    )


def act_as_user(user: User) -> None:
    """Go on in the name of somebody who has just proved who they are."""
    switch_context(actor_id=user.id, actor_label=user.name, actor_role=user.role)


def switch_context(**facts: Any) -> None:
    """Change the context, of the transaction that is open too."""
    enter_context(db.session.connection(), update_context(**facts))
