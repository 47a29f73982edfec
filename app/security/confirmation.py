"""Sensitive actions, for which a session must have been confirmed recently.

    @bp.post("/organization/api-keys/new")
    @requires(Permission.API_KEYS_MANAGE)
    @confirmed
    def create() -> Response: ...

Like access, this is declared on each view and enforced for all views in one place (`people/sign_in`), which asks the
person for their second factor or password. The view that shows a form is marked as well as the one that receives it, so
that most people are asked before they fill it in.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import current_app, request

from app.errors import ReauthenticationRequired
from app.security.actor import Actor
from app.security.session_rules import is_confirmed

View = TypeVar("View", bound=Callable[..., Any])

#: Takes the actor and the arguments of the route. Returns whether this request is sensitive; it may read the database.
Predicate = Callable[..., bool]

#: Attribute of the views that ask for a confirmation, if only before some of their requests.
MARK = "switchboard_confirmed"


def confirmed(view: View) -> View:
    """Require a recent confirmation for every request of the view."""
    return confirmed_if(_always)(view)


def confirmed_if(is_sensitive: Predicate) -> Callable[[View], View]:
    """Require a recent confirmation for requests where `is_sensitive(actor, **arguments)` is true.

    `arguments` are those of the view's route.
    """

    def mark(view: View) -> View:
        setattr(view, MARK, is_sensitive)
        return view

    return mark


def is_sensitive_request(actor: Actor) -> bool:
    """Return whether this request needs a confirmed session."""
    predicate: Predicate | None = getattr(current_app.view_functions.get(request.endpoint or ""), MARK, None)
    return predicate is not None and predicate(actor, **(request.view_args or {}))


def is_confirmed_now(actor: Actor) -> bool:
    """Return whether the actor doesn't have to confirm their session now.

    Programs have no session. A person who views as another can only read, so nothing needs confirmation there.
    """
    is_exempt = actor.session_id is None or actor.viewer is not None
    return is_exempt or is_confirmed(actor.confirmed_at, datetime.now(UTC))


def require_confirmation(actor: Actor) -> None:
    """Raise ReauthenticationRequired unless the session was confirmed, where only a body shows what is sensitive."""
    if not is_confirmed_now(actor):
        raise ReauthenticationRequired


def _always(_actor: Actor, **_arguments: object) -> bool:
    return True
