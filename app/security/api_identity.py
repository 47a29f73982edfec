"""Authentication of the JSON API: from the Authorization header to the actor of a request.

An access token belongs to a session with a client id. It ends with its session, and after a fixed time instead of
without activity. There are no platform visits, and no one views as another person. An API key is an actor of its own.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from flask import Flask, current_app, request
from flask_babel import lazy_gettext as _l

from app.db.context import update_context
from app.db.session import enter_context
from app.errors import TokenInvalid
from app.extensions import db
from app.security.actor import Actor
from app.security.api_requests import bearer_token, has_authorization
from app.security.identity_queries import find_session
from app.security.identity_service import MAX_OPERATION_LENGTH, mark_seen, mark_used
from app.security.key_identity import actor_of_key, find_key
from app.security.session_actor import actor_of_session, authenticate, refuse_ended
from app.security.session_rules import needs_seen_mark
from app.security.tokens import Token, TokenType

_ATTEMPT = "switchboard_attempt_to_authenticate"
_NO_SUCH_TOKEN = _l("The Authorization header contains no valid access token or API key.")


def limit_attempts(app: Flask, attempt: Callable[[Token | None], AbstractContextManager[None]]) -> None:
    """Run each attempt to authenticate within `attempt` of its token, or of None for a malformed one."""
    app.extensions[_ATTEMPT] = attempt


def attempt_with(token: Token | None) -> AbstractContextManager[None]:
    """Return the context in which a token may be tried: a TokenInvalid raised in it counts as a failure.

    Entering it raises RateLimited after too many failures.
    """
    attempt: AbstractContextManager[None] = current_app.extensions[_ATTEMPT](token)
    return attempt


def find_caller() -> Actor | None:
    """Return the actor of an API request, or None without an Authorization header.

    Raises TokenInvalid or TokenExpired for a token that can't be used, and RateLimited after too many attempts.
    """
    if not has_authorization():
        return None
    token = bearer_token()
    with attempt_with(token):
        if token is None:
            raise TokenInvalid(_NO_SUCH_TOKEN)
        return authenticate(token, _key if token.kind is TokenType.API_KEY else _person)


def _key(token: Token) -> Actor:
    found, now = find_key(token), datetime.now(UTC)
    if found is None:
        raise TokenInvalid(_NO_SUCH_TOKEN)
    actor = actor_of_key(found, token.organization_id)
    context = update_context(api_key_id=found.api_key_id, actor_label=actor.name, source="external")
    if found.last_used_at is None or needs_seen_mark(found.last_used_at, now):
        db.session.rollback()  # as for people
        mark_used(found.api_key_id, _operation(), now)
    elif not context.read_only:
        enter_context(db.session.connection(), context)
    return actor


def _operation() -> str:
    return f"{request.method} {request.url_rule.rule if request.url_rule else request.path}"[:MAX_OPERATION_LENGTH]


def _person(token: Token) -> Actor:
    found, now = find_session(token, for_page=False), datetime.now(UTC)
    if found is None:
        raise TokenInvalid(_NO_SUCH_TOKEN)
    refuse_ended(found, now, of_client=True)
    actor = actor_of_session(found, token)
    context = update_context(actor_id=actor.user_id, actor_label=actor.name, actor_role=actor.role)
    if needs_seen_mark(found.last_seen_at, now):
        db.session.rollback()  # one connection at a time: many requests that each wait for a second would deadlock
        mark_seen(actor, now)
    elif not context.read_only:
        enter_context(db.session.connection(), context)  # the transaction began before the actor was known
    return actor
