"""Sign-in of API clients, and rotation of their refresh tokens.

A client's sign-in is one session, whatever tokens it has had since: a refresh replaces the session's access token and
adds a refresh token. The database revokes the refresh tokens of a session that ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select, update

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.ids import uuid7
from app.db.transaction import committed_apart
from app.errors import InvalidCredentials, OrganizationRequired, TokenExpired, TokenInvalid
from app.extensions import db
from app.models import Organization, RefreshToken, User, UserSession
from app.people.sign_in.client_queries import list_organizations_of, lock_refreshed
from app.people.sign_in.client_rules import ACCESS_LIFETIME, RETRY_WINDOW, Presented, access_lifetime, judge
from app.people.sign_in.new_device_service import warn_of_new_client
from app.people.sign_in.notices import TOKEN_REUSED
from app.people.sign_in.queries import Account
from app.people.sign_in.rules import MISMATCH
from app.people.sign_in.service import act_as_user, add_session, admit, switch_context
from app.people.users.notices import ACCOUNT
from app.security.actor import Actor
from app.security.scope import unscoped, visible
from app.security.session_actor import SessionFacts, refuse_ended
from app.security.session_rules import MAX_LIFETIME, EndReason
from app.security.tokens import Token, TokenType
from app.tenancy.notification_service import notify_all

_NO_SUCH_TOKEN = _l("This isn’t a valid refresh token.")
_EXPIRED = _l("The refresh token has expired. For security, you need to sign in again every 30 days.")
_REPLACED = _l("Another request has used the refresh token in the meantime, so this one was replaced.")


@dataclass(frozen=True, slots=True)
class TokenPair:
    """The tokens of a session; the access token expires in `expires_in` seconds."""

    access: Token
    refresh: Token
    expires_in: int


def choose_account(accounts: Sequence[Account], organization: str | None) -> Account:
    """Return the account in `organization`, a slug or an id; if it is None, the only account.

    `accounts` are those that a password has opened. Raises OrganizationRequired if there are several, and
    InvalidCredentials if none of them is in that organization.
    """
    if organization is None and len(accounts) == 1:
        return accounts[0]
    offered = list_organizations_of(accounts)
    if organization is None:
        raise OrganizationRequired([{"id": one.id, "name": one.name, "slug": one.slug} for one in offered])
    named = organization.casefold()
    for account, one in zip(accounts, offered, strict=True):
        if named in (one.slug, str(one.id)):
            return account
    raise InvalidCredentials(MISMATCH)


def start_client_session(account: Account, client_id: str, code: str | None = None) -> tuple[User, TokenPair]:
    """Start a session of this account for an API client; return its person and its first tokens.

    `code` is a two-factor or recovery code, for accounts that need one. Raises InvalidCredentials like `admit`.
    """
    user, access = admit(account, code), Token.new(account.organization_id, TokenType.ACCESS)
    warn_of_new_client(user, client_id)
    session = add_session(user, access, lasts=ACCESS_LIFETIME, client_id=client_id)
    refresh = _add_refresh_token(session, family_id=uuid7(), expires_at=datetime.now(UTC) + MAX_LIFETIME)
    db.session.refresh(user)  # its last activity was recorded
    return user, TokenPair(access, refresh, int(ACCESS_LIFETIME.total_seconds()))


def refresh_session(token: Token | None) -> TokenPair:
    """Replace the tokens of an API client's session, for the holder of its refresh token.

    If the token was used before, but only a moment ago, the pair that was returned then ends. If it was used long ago,
    the session ends, whatever becomes of the request, and its person is notified. Raises TokenInvalid, and TokenExpired
    30 days after the sign-in.
    """
    if token is None:
        raise TokenInvalid(_NO_SUCH_TOKEN)
    switch_context(organization_id=token.organization_id)
    found, now = lock_refreshed(token), datetime.now(UTC)
    if found is None:
        raise TokenInvalid(_NO_SUCH_TOKEN)
    user, session, presented = found
    if presented.expires_at <= now:
        raise TokenExpired(_EXPIRED)
    refuse_ended(_facts_of(user, session, presented), now, of_client=True)
    judgment = judge(presented.used_at, presented.revoked_at, now)
    if judgment is Presented.COPIED:
        _end_copied(token)
        raise TokenInvalid(_l("This refresh token was used before, so its session was ended. Sign in again."))
    if judgment is Presented.REPLACED:
        raise TokenInvalid(_REPLACED)
    act_as_user(user)
    return _rotate(session, presented, now)


def replace_tokens(actor: Actor) -> TokenPair:
    """Replace the tokens of the actor's session, which was opened by an API client, and return the new ones.

    The previous tokens stop working at once, even for a request sent with them a moment ago.
    """
    now = datetime.now(UTC)
    session = db.session.scalars(
        visible(UserSession, actor).where(UserSession.id == actor.session_id).with_for_update()
    ).one()
    own = (RefreshToken.organization_id == session.organization_id, RefreshToken.session_id == session.id)
    newest = unscoped(select(RefreshToken), why="the tokens of the actor's own session").where(*own)
    presented = db.session.scalars(newest.order_by(RefreshToken.created_at.desc(), RefreshToken.id.desc())).first()
    if presented is None:
        raise TokenInvalid(_NO_SUCH_TOKEN)
    is_usable = or_(RefreshToken.used_at.is_(None), RefreshToken.used_at > now - RETRY_WINDOW)
    db.session.execute(
        update(RefreshToken).where(*own, RefreshToken.revoked_at.is_(None), is_usable).values(revoked_at=now)
    )
    return _new_pair(session, presented, now)


def _facts_of(user: User, session: UserSession, presented: RefreshToken) -> SessionFacts:
    """Return the facts about a session that its refresh token keeps open."""
    organization = db.session.get_one(Organization, user.organization_id)
    return SessionFacts(
        revoked_at=session.revoked_at,
        revoked_reason=session.revoked_reason,
        expires_at=presented.expires_at,
        last_seen_at=session.last_seen_at,
        mfa_passed_at=session.mfa_passed_at,
        is_deleted=organization.deleted_at is not None,
        is_active=user.is_active,
        has_second_factor=user.mfa_secret is not None,
        organization_status=organization.status,
    )


def _rotate(session: UserSession, presented: RefreshToken, now: datetime) -> TokenPair:
    db.session.execute(
        update(RefreshToken)
        .where(RefreshToken.organization_id == session.organization_id, RefreshToken.family_id == presented.family_id)
        .where(RefreshToken.id != presented.id, RefreshToken.used_at.is_(None), RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    presented.used_at = presented.used_at or now
    session.last_seen_at = now
    name_action(Action.SESSION_REFRESHED, session)
    return _new_pair(session, presented, now)


def _new_pair(session: UserSession, former: RefreshToken, now: datetime) -> TokenPair:
    access, lasts = Token.new(session.organization_id, TokenType.ACCESS), access_lifetime(former.expires_at, now)
    session.token_hash, session.expires_at = access.digest, now + lasts
    refresh = _add_refresh_token(session, former.family_id, former.expires_at)
    return TokenPair(access, refresh, int(lasts.total_seconds()))


def _add_refresh_token(session: UserSession, family_id: UUID, expires_at: datetime) -> Token:
    token = Token.new(session.organization_id, TokenType.REFRESH)
    db.session.add(
        RefreshToken(
            organization_id=session.organization_id,
            id=uuid7(),
            user_id=session.user_id,
            session_id=session.id,
            family_id=family_id,
            token_hash=token.digest,
            expires_at=expires_at,
        )
    )
    db.session.flush()
    return token


def _end_copied(token: Token) -> None:
    """End the session of a refresh token that two clients hold, in a transaction of its own.

    Either of them may be the thief, so the entry names the account's email address as the actor, not its person.
    """
    with committed_apart():
        found = lock_refreshed(token)
        if found is None or found[1].revoked_at is not None:
            return
        user, session, _presented = found
        switch_context(actor_label=user.email)
        session.revoked_at, session.revoked_reason = datetime.now(UTC), EndReason.TOKEN_REUSED
        name_action(Action.SESSION_TOKEN_REUSED, session)
        sentence = _l("A refresh token of a program was used twice, so the program’s session was ended.")
        notify_all(TOKEN_REUSED, [user], sentence, ACCOUNT)
