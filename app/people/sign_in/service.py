"""Sign-in, sign-out, sessions and preferences."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.context import current_context, update_context, use_context
from app.db.ids import uuid7
from app.db.session import enter_context
from app.db.transaction import own_transaction
from app.errors import InvalidCredentials, NotFound
from app.extensions import db
from app.models import User, UserSession
from app.people.sign_in import queries
from app.people.sign_in.attempt_service import new_attempt, record_failure
from app.people.sign_in.new_device_service import warn_of_new_device
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

#: Minimum duration of a refused sign-in. Recording a failure takes some milliseconds for a known address and none for
#: an unknown one; this hides the difference.
REFUSAL_SECONDS = 0.25


def verify_credentials(email: str, password: str) -> list[Account]:
    """Return the accounts of this address that the password opens.

    Raises InvalidCredentials if there are none. Neither the response nor its timing reveals whether the address has an
    account. If the password is right for a suspended account, the message states the end of the suspension, if one is
    set, but not the reason.
    """
    began = time.monotonic()
    accounts, suspended = queries.find_accounts(email), queries.find_suspended_accounts(email)
    if not accounts and not suspended:
        hash_again(None, password)  # an unknown address takes as long as a wrong password
    opened = [account for account in accounts if _opens(account, password)]
    if not opened:
        shut = next((one for one in suspended if _opens(one, password)), None)
        for account in (*accounts, *suspended):
            record_failure(Action.SESSION_FAILED, account, email)
        time.sleep(max(0.0, began + REFUSAL_SECONDS - time.monotonic()))
        raise InvalidCredentials(MISMATCH if shut is None else suspension_sentence(shut))
    return opened


def start_session(account: Account, instead_of: Actor | None = None, *, code: str | None = None) -> Token:
    """Start a session of this account in this browser; return its token.

    `code` is a two-factor or recovery code, for accounts that need one. `instead_of` is the person who was signed in
    here until now, in this organization or another; their session ends in the same transaction. Raises
    InvalidCredentials for a wrong code, and if the account was closed or its password changed after the password was
    verified.
    """
    if instead_of is not None and instead_of.session_id is not None:
        switch_context(
            organization_id=instead_of.organization_id,
            actor_id=instead_of.user_id,
            actor_label=instead_of.name,
            actor_role=instead_of.role,
            actor_home_id=None,
            visit=None,
        )
        end_session(instead_of, instead_of.session_id, EndReason.SIGNED_IN_AGAIN)
    user, token = admit(account, code), Token.new(account.organization_id)
    warn_of_new_device(user)
    add_session(user, token, lasts=MAX_LIFETIME)
    return token


def admit(account: Account, code: str | None) -> User:
    """Continue the request as the person of an account whose password was verified; return them, locked.

    `code` is a two-factor or recovery code, for accounts that need one. Raises InvalidCredentials for a wrong code, and
    if the account was closed or its password changed after the password was verified.
    """
    switch_context(organization_id=account.organization_id, actor_id=None, actor_label="", actor_role=None)
    # Locked: a concurrent change that ends this person's sessions either happened before or also ends the new one.
    user = queries.find_user_of(account, lock=True)
    if user is not None:
        let_back_if_over(user, datetime.now(UTC))
    if user is None or not user.is_active or user.password_changed_at != account.password_changed_at:
        raise InvalidCredentials  # closed since the password was checked
    if user.mfa_secret is not None:
        pass_second_step(account, code or "")
    act_as_user(user)
    return user


def add_session(user: User, token: Token, *, lasts: timedelta, client_id: str | None = None) -> UserSession:
    """Add the session of a person who has just been admitted; `client_id` is the name of an API client."""
    context, now = current_context(), datetime.now(UTC)
    started = UserSession(
        organization_id=user.organization_id,
        id=uuid7(),
        user_id=user.id,
        token_hash=token.digest,
        client_id=client_id,
        ip_address=context.ip_address,
        user_agent=context.user_agent,
        last_seen_at=now,
        expires_at=now + lasts,
        mfa_passed_at=None if user.mfa_secret is None else now,
        confirmed_at=now,
    )
    user.last_seen_at = now
    db.session.add(started)
    db.session.add(new_attempt(user.organization_id, user.id, succeeded=True))
    name_action(Action.SESSION_STARTED, started)
    return started


def renew_token(actor: Actor) -> Token:
    """Replace the token of the current session, whose privileges were raised, so that a copy is worthless."""
    token = Token.new(actor.organization_id)
    mine = visible(UserSession, actor).where(UserSession.id == actor.session_id)
    db.session.scalars(mine).one().token_hash = token.digest
    db.session.flush()
    return token


def end_session(actor: Actor, session_id: UUID, reason: EndReason) -> None:
    """End one of the actor's own sessions; one that has already ended is left unchanged.

    Raises NotFound.
    """
    mine = visible(UserSession, actor).where(UserSession.user_id == actor.user_id, UserSession.id == session_id)
    session = db.session.scalar(mine)
    if session is None:
        raise NotFound("session", session_id)
    if session.revoked_at is None:
        session.revoked_at = datetime.now(UTC)
        session.revoked_reason = reason
        name_action(Action.SESSION_ENDED, session)


def end_other_sessions(actor: Actor) -> int:
    """End all of the actor's own sessions except the current one; return how many."""
    return end_sessions(queries.get_own_row(actor), EndReason.ENDED_BY_SELF, except_for=actor.session_id)


def save_preferences(actor: Actor, **looks: Any) -> None:
    """Save the actor's language, theme, density, shortcuts_enabled or start_page.

    The version isn't raised: it guards the fields that others edit, so an admin with this person's form open gets no
    conflict.
    """
    mine = update(User).where(User.organization_id == actor.organization_id, User.id == actor.user_id)
    db.session.execute(mine.values(**looks))


def _opens(account: Account, password: str) -> bool:
    """Return whether `password` is the password of this account.

    Also rehashes it with today's parameters if necessary, because the password is known only now.
    """
    context = replace(current_context(), organization_id=account.organization_id, source="system")
    with use_context(context), own_transaction() as session:
        is_right = is_password(account.user_id, password, session)
        if is_right and needs_rehash(find_salt(account.user_id, session) or ""):
            made = hash_password(password)
            session.get_one(User, (account.organization_id, account.user_id)).password_hash = made
    return is_right


def act_as_user(user: User) -> None:
    """Continue the request as a person who has just been authenticated."""
    switch_context(actor_id=user.id, actor_label=user.name, actor_role=user.role)


def switch_context(**facts: Any) -> None:
    """Change the context, including that of the open transaction."""
    enter_context(db.session.connection(), update_context(**facts))
