"""Acts that outlast the session or reach everything, for which a session must have been confirmed recently.

The mark belongs to what an act does, and is enforced for all views in one place (`people/sign_in`), which asks the
person for their second factor or password:

- Most acts need a permission of their own. `CONFIRMED` lists them, and every unsafe request that needs one asks.
- Other permissions allow more than such an act. The service that has the `Effect` asks, whoever calls it:

      require_confirmation(actor, Effect.ADDRESS)

A page with nothing but the form of such an act is marked, so that most people are asked before they fill it in. So is a
view of which every request has an effect:

    @bp.get("/organization/api-keys/new")
    @requires(Permission.API_KEYS_MANAGE)
    @confirmed
    def new() -> str: ...
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, current_app, request

from app.db.transaction import SAFE_METHODS
from app.errors import ReauthenticationRequired
from app.security.actor import Actor
from app.security.guard import access_of
from app.security.permissions import Permission
from app.security.session_rules import is_confirmed

View = TypeVar("View", bound=Callable[..., Any])

#: Takes the actor and the arguments of the route. Returns whether this request is sensitive; it may read the database.
Predicate = Callable[..., bool]

#: Permissions that give access to others or end it, take out or destroy everything, or reach another organization.
CONFIRMED = frozenset(
    {
        Permission.API_KEYS_MANAGE,
        Permission.CONTACTS_ERASE,
        Permission.ORGANIZATION_DELETE,
        Permission.ORGANIZATION_EXPORT,
        Permission.ORGANIZATIONS_ENTER,
        Permission.ORGANIZATIONS_MANAGE,
        Permission.OUTBOX_READ_LINKS,
        Permission.RETENTION_UPDATE,
        Permission.TRASH_PURGE,
        Permission.USERS_CHANGE_ROLE,
        Permission.USERS_DEACTIVATE,
        Permission.USERS_DELETE,
        Permission.USERS_GRANT_OWNER,
        Permission.USERS_INVITE,
        Permission.WEBHOOKS_MANAGE,
    }
)


class Effect(StrEnum):
    """Effects that need a confirmation although their permission allows more than that."""

    ADDRESS = "an email address to sign in with"
    LINK = "a password link for another person"
    SECOND_FACTOR = "removal of a second factor, or of the requirement to have one"
    PERSON_BACK = "return of a deleted person"
    RETENTION = "how long data is kept"
    WEBHOOK_KEY = "a new key in the webhook URLs"
    CALENDAR_FEED = "a new URL of a calendar feed"


#: The reason of views that only end someone’s access.
LESS_ACCESS = "it takes access away"

#: Attributes of views: the predicate of those that ask for a confirmation, if only before some of their requests, and
#: the reason why one that needs a permission of `CONFIRMED` doesn't.
MARK, UNASKED = "switchboard_confirmed", "switchboard_unasked"


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


def unasked(reason: str) -> Callable[[View], View]:
    """Require no confirmation for a view that needs a permission of `CONFIRMED`, for this `reason`."""

    def mark(view: View) -> View:
        setattr(view, UNASKED, reason)
        return view

    return mark


def is_sensitive_request(actor: Actor) -> bool:
    """Return whether this request needs a confirmed session."""
    view = current_app.view_functions.get(request.endpoint or "")
    predicate: Predicate | None = getattr(view, MARK, None)
    if predicate is not None and predicate(actor, **(request.view_args or {})):
        return True
    return request.method not in SAFE_METHODS and needs_confirmed_permission(current_app, request.endpoint or "")


def needs_confirmed_permission(app: Flask, endpoint: str) -> bool:
    """Return whether no one can use a view without a permission of `CONFIRMED`, and it isn’t `unasked`."""
    view = app.view_functions.get(endpoint)
    access = access_of(app, endpoint) if view is not None else None
    if access is None or hasattr(view, UNASKED):
        return False
    return bool(CONFIRMED.intersection(access.all_of)) or (bool(access.any_of) and CONFIRMED.issuperset(access.any_of))


def is_confirmed_now(actor: Actor) -> bool:
    """Return whether the actor doesn't have to confirm their session now.

    Programs have no session. A person who views as another can only read, so nothing needs confirmation there.
    """
    is_exempt = actor.session_id is None or actor.viewer is not None
    return is_exempt or is_confirmed(actor.confirmed_at, datetime.now(UTC))


def require_confirmation(actor: Actor, _effect: Effect) -> None:
    """Raise ReauthenticationRequired unless the session was confirmed; called where the effect takes place."""
    if not is_confirmed_now(actor):
        raise ReauthenticationRequired


def require_confirmation_for(actor: Actor, permission: Permission) -> None:
    """Raise ReauthenticationRequired if the permission is one of `CONFIRMED` and the session wasn't confirmed.

    For acts that the guard doesn't know from the route alone: the kind of a file or of a change of many rows, or a
    choice in a form that also does something else.
    """
    if permission in CONFIRMED and not is_confirmed_now(actor):
        raise ReauthenticationRequired


def as_confirmed(actor: Actor) -> Actor:
    """Return the actor as after a confirmation, for a read that tries an act and rolls it back."""
    return replace(actor, confirmed_at=datetime.now(UTC))


def _always(_actor: Actor, **_arguments: object) -> bool:
    return True
