"""Authentication by session cookie: from the cookie to the actor of a request.

Flask-Login calls the loader below once per request, on first use; `app.security.actor` remembers the result. The
session itself is a row: if it is ended there, the next request is refused.

A session can show the pages of another person (`Viewing`). The hook that a feature passes to `use_impersonation` then
returns the actor of the request; without the hook, people act as themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask, Request, Response, current_app, g
from flask_login import current_user
from sqlalchemy import Row

from app.db.context import update_context
from app.db.session import enter_context
from app.errors import TokenExpired, TokenInvalid, Unauthenticated
from app.extensions import db, login_manager
from app.models import StaffRole
from app.security.actor import Actor, Counts, find_actor, init_actors, use_actor
from app.security.api_identity import find_caller
from app.security.api_requests import bearer_token, is_api_request
from app.security.cookies import delete_cookie, read_cookie, set_cookie
from app.security.guard import is_polled
from app.security.identity_queries import find_entered_organization, find_session, find_visit
from app.security.identity_service import mark_seen
from app.security.matrix import STAFF_PERMISSIONS
from app.security.permissions import Role
from app.security.session_actor import actor_of_session, authenticate, refuse_ended
from app.security.session_rules import (
    MAX_LIFETIME,
    EndReason,
    asks_for_second_factor,
    needs_seen_mark,
)
from app.security.tokens import Token

SESSION_COOKIE = "switchboard_session"
_IMPERSONATION = "switchboard_impersonation"
#: Longer than any session, so that an ended one can still be identified, with the reason why it ended.
_COOKIE_LIFETIME = MAX_LIFETIME + timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Viewing:
    """Person whose pages a session shows; `user_id` is None if their row no longer exists."""

    user_id: UUID | None
    since: datetime


@dataclass(frozen=True, slots=True)
class EndedSession:
    """Session that the browser still presents, and the error that says why it is invalid.

    `user_id` is the person whose forms may be open in the browser; None if they signed out, or if the session showed
    the pages of another person or organization. `was_visiting` is set for platform staff who were inside an
    organization.
    """

    why: TokenExpired | TokenInvalid
    organization_id: UUID | None = None
    user_id: UUID | None = None
    was_visiting: bool = False


#: Takes the signed-in actor, the person whose pages the session shows, and the time in UTC. Returns the actor of this
#: request, or None if they act under their own name.
Impersonation = Callable[[Actor, Viewing, datetime], Actor | None]


@dataclass(frozen=True, slots=True)
class SignedInUser:
    """Wrapper of an actor with the interface that Flask-Login expects of a user."""

    actor: Actor
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return the session's id, which distinguishes two browsers of one person."""
        return str(self.actor.session_id)


def init_identity(app: Flask) -> None:
    """Register the loader of the user with Flask-Login, and that of the actor with `app.security.actor`."""
    login_manager.request_loader(_load_user)
    # It would store the browser's fingerprint in Flask's cookie; our sessions are rows, which can be ended.
    login_manager.session_protection = None
    # Flask-Login looks for it here. Its own init_app would also read Flask's session after every request, which makes
    # every static file vary by cookie.
    app.login_manager = login_manager  # type: ignore[attr-defined]  # Flask does not know of it
    # Another program on this host can set "remember_token", the default name, which would sign everyone out here.
    app.config["REMEMBER_COOKIE_NAME"] = "switchboard_remember"
    init_actors(app, _load_actor)


def use_impersonation(app: Flask, impersonate: Impersonation) -> None:
    """Register the function that returns the actor of a session that shows another person's pages."""
    app.extensions[_IMPERSONATION] = impersonate


def find_actor_or_none() -> Actor | None:
    """Return the actor for a public page; None if no one is signed in or the session has ended.

    An ended session is no error on such a page.
    """
    try:
        return find_actor()
    except Unauthenticated:
        return None


def find_ended_session() -> EndedSession | None:
    """Return the session of this request if it was valid once and has ended.

    It is known only after the actor has been looked up.
    """
    ended: EndedSession | None = g.get("ended_session")
    return ended


def find_actor_of(token: Token) -> Actor | None:
    """Return the actor of a session that has just started; None if there is no session for `token`.

    Needs the token's organization in the context.
    """
    found = find_session(token)
    return None if found is None else actor_of_session(found, token)


def switch_to_home(actor: Actor) -> Actor:
    """Return the actor in their own organization, where platform staff have their account.

    The request continues in that organization, for reads and writes.
    """
    if actor.home is None:
        return actor
    _turn_to(actor.home)
    use_actor(actor.home)
    return actor.home


def set_session_cookie(response: Response, token: Token) -> Response:
    """Set the session cookie to `token` in the browser, and return `response`."""
    return set_cookie(response, SESSION_COOKIE, token.text, _COOKIE_LIFETIME)


def delete_session_cookie(response: Response) -> Response:
    """Delete the session cookie in the browser, if it was sent, and return `response`."""
    return delete_cookie(response, SESSION_COOKIE)


def _load_actor() -> Actor | None:
    if is_api_request():
        return find_caller()
    actor: Actor | None = current_user.actor if current_user.is_authenticated else None
    return actor


def presented_token() -> Token | None:
    """Return the token of the request, not yet verified; None if it is missing or malformed.

    It is the session's in the cookie, or for the JSON API the one in the Authorization header.
    """
    return bearer_token() if is_api_request() else Token.parse(read_cookie(SESSION_COOKIE))


def _load_user(_request: Request) -> SignedInUser | None:
    if not read_cookie(SESSION_COOKIE):
        return None
    token = presented_token()
    if token is None:
        raise TokenInvalid
    return SignedInUser(authenticate(token, _find_actor))


def _find_actor(token: Token) -> Actor:
    found, now = find_session(token), datetime.now(UTC)
    if found is None:
        raise TokenInvalid
    try:
        refuse_ended(found, now)
    except (TokenExpired, TokenInvalid) as why:
        g.ended_session = _ended_session(found, token, why)
        raise
    home = actor_of_session(found, token)
    context = update_context(actor_id=home.user_id, actor_label=home.name, actor_role=home.role)
    if needs_seen_mark(found.last_seen_at, now) and not is_polled():
        db.session.rollback()  # one connection at a time: many requests that each wait for a second would deadlock
        mark_seen(home, now)
    elif not context.read_only:
        enter_context(db.session.connection(), context)  # the transaction began before the actor was known
    impersonate: Impersonation | None = current_app.extensions.get(_IMPERSONATION)
    if found.viewing_since is not None and impersonate is not None:
        person = impersonate(home, Viewing(found.viewing_user_id, found.viewing_since), now)
        if person is not None:
            return person
    if found.entered_organization_id is None or found.staff_role is None:
        return home
    return _visit(home, found.entered_organization_id, StaffRole(found.staff_role), found.has_second_factor)


def _visit(home: Actor, organization_id: UUID, role: StaffRole, has_second_factor: bool) -> Actor:
    """Return the actor of platform staff inside another organization; `home` if that one has been deleted.

    Requirements of that organization for its own admins also apply to staff with their rights.
    """
    visitor = replace(
        home,
        organization_id=organization_id,
        role=Role(role),
        granted=STAFF_PERMISSIONS[role],
        home=home,
        avatar_key=None,  # only shown at home
        call_on=None,  # belongs to home
        counts=Counts(),  # belong to home
    )
    _turn_to(visitor, find_visit(home))
    found = find_entered_organization(organization_id)
    if found is None:
        _turn_to(home)
        return home
    is_asked = found.require_mfa and asks_for_second_factor(role) and not has_second_factor
    lacks_second_factor = home.lacks_second_factor or is_asked
    visitor = replace(
        visitor,
        home=replace(home, lacks_second_factor=lacks_second_factor),
        lacks_second_factor=lacks_second_factor,
        organization_name=found.name,
        organization_slug=found.slug,
        timezone=found.timezone,
        week_start=found.week_start,
        country=found.country,
        revisions=found.revisions,
    )
    g.visitor = visitor  # for the banner, also on pages that temporarily switch to home
    return visitor


def _turn_to(actor: Actor, visit: str | None = None) -> None:
    """Switch the context, including that of the open transaction, to the organization of `actor`.

    `visit` is that of platform staff, for the context.
    """
    context = update_context(
        organization_id=actor.organization_id,
        actor_home_id=actor.home.organization_id if actor.home else None,
        actor_role=f"platform_{actor.role}" if actor.home else actor.role.value,
        visit=visit,
    )
    enter_context(db.session.connection(), context)


def _ended_session(found: Row[*tuple[Any, ...]], token: Token, why: TokenExpired | TokenInvalid) -> EndedSession:
    if found.revoked_reason == EndReason.SIGNED_OUT or found.viewing_since is not None:
        return EndedSession(why)
    if found.entered_organization_id is not None:
        return EndedSession(why, was_visiting=True)
    return EndedSession(why, token.organization_id, found.user_id)
