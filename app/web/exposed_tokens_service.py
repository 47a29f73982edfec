"""Revocation of tokens that were sent where logs record them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.context import current_context, use_context
from app.db.transaction import own_transaction
from app.extensions import db
from app.models import ApiKey, RefreshToken, UserSession
from app.security.scope import unscoped
from app.security.session_rules import EndReason
from app.security.tokens import Token, TokenType

#: The sender is unknown: it may be someone who found the token in a log.
_ACTOR_LABEL = "JSON API"
_WHY = "whoever presents a token can have it revoked"


def revoke_exposed(tokens: Iterable[Token]) -> bool:
    """Revoke these tokens, each in a transaction of its own; return whether one of them was valid.

    An access token and a refresh token end their session. Unknown and ended tokens are ignored.
    """
    revoked = False
    db.session.rollback()  # one connection at a time
    for token in tokens:
        context = replace(current_context(), organization_id=token.organization_id, actor_label=_ACTOR_LABEL)
        with use_context(context), own_transaction() as session:
            revoked |= _REVOCATIONS[token.kind](session, token)
    return revoked


def _end_session(session: Session, token: Token) -> bool:
    return _end(session, token, UserSession.token_hash == token.digest)


def _end(session: Session, token: Token, condition: ColumnElement[bool]) -> bool:
    """End the session that matches, which revokes its refresh tokens."""
    found = session.scalar(
        unscoped(select(UserSession), why=_WHY)
        .where(UserSession.organization_id == token.organization_id, condition)
        .where(UserSession.revoked_at.is_(None))
        .with_for_update(key_share=True)
    )
    if found is not None:
        found.revoked_at, found.revoked_reason = datetime.now(UTC), EndReason.TOKEN_EXPOSED
        name_action(Action.SESSION_ENDED, found, session)
    return found is not None


def _revoke_key(session: Session, token: Token) -> bool:
    found = session.scalar(
        unscoped(select(ApiKey), why=_WHY)
        .where(ApiKey.organization_id == token.organization_id, ApiKey.key_hash == token.digest)
        .where(ApiKey.revoked_at.is_(None))
        .with_for_update(key_share=True)
    )
    if found is not None:
        found.revoked_at = datetime.now(UTC)
        name_action(Action.API_KEY_REVOKED, found, session, metadata={"token_exposed": True})
    return found is not None


def _end_refreshed_session(session: Session, token: Token) -> bool:
    refreshed = unscoped(select(RefreshToken.session_id), why=_WHY).where(
        RefreshToken.organization_id == token.organization_id, RefreshToken.token_hash == token.digest
    )
    return _end(session, token, UserSession.id == refreshed.scalar_subquery())


_REVOCATIONS: MappingProxyType[TokenType, Callable[[Session, Token], bool]] = MappingProxyType(
    {
        TokenType.ACCESS: _end_session,
        TokenType.API_KEY: _revoke_key,
        TokenType.REFRESH: _end_refreshed_session,
    }
)
