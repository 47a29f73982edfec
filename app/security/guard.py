"""Deny by default: every route says who may use it, and the app refuses to start with one that does not.

    @bp.get("/calls")
    @requires(Permission.CALLS_READ)
    def index() -> Page: ...

The declaration is kept on the view; one `before_request` enforces it, so that no view can forget to.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flask import Flask, current_app, request

from app.security.actor import Actor, current_actor
from app.security.permissions import Permission

View = TypeVar("View", bound=Callable[..., Any])

_ATTRIBUTE = _KEY = "switchboard_access"
_POLLED = "switchboard_polled"
#: With what a part of a page asks by the clock, at an address that people open too.
POLL_HEADER = "X-Polled"


class UnguardedRoute(Exception):
    """A route that does not say who may use it; keeps the app from starting."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a route: everybody, everybody signed in, or whoever has all or any of some permissions."""

    signed_in: bool = True
    all_of: tuple[Permission, ...] = ()
    any_of: tuple[Permission, ...] = ()
    #: Adds to `any_of` what only the app at work knows.
    declared: Callable[[], tuple[Permission, ...]] = tuple

    def check(self, actor: Actor) -> None:
        """Raise Forbidden unless `actor` has what is declared."""
        actor.requires(*self.all_of)
        if self.any_of and not any(actor.may(permission) for permission in self.any_of):
            raise actor.refusal(self.any_of[0])


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Only for those who have every one of `permissions`."""
    return _declare(Access(all_of=permissions))


def requires_any_of(permissions: Callable[[], tuple[Permission, ...]]) -> Callable[[View], View]:
    """Only for those who have at least one of these permissions, which features declare; a refusal names the first."""
    return _declare(Access(declared=permissions))


def guarded_like(app: Flask, endpoint: str) -> Callable[[View], View]:
    """For those who may use the route `endpoint`. Raises UnguardedRoute where that does not say who may."""
    access = access_of(app, endpoint)
    if access is None:
        raise UnguardedRoute(endpoint)
    return _declare(access)


def signed_in(view: View) -> View:
    """For everybody who is signed in, whatever their role."""
    return _declare(Access())(view)


def public(view: View) -> View:
    """For everybody, signed in or not."""
    return _declare(Access(signed_in=False))(view)


def polled(view: View) -> View:
    """Asked by an open page again and again, not by a person: no sign that somebody is there, nor counted as a use.

    Stands below the route.
    """
    setattr(view, _POLLED, True)
    return view


def is_polled() -> bool:
    """Whether this request is asked by a page, and by nobody."""
    if request.method == "GET" and POLL_HEADER in request.headers:
        return True
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, _POLLED, False)


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What the route declares, or None. The files under static/ are public without saying so."""
    if is_static(endpoint):
        return Access(signed_in=False)
    known: dict[str, Access] = app.extensions.get(_KEY, {})
    marked: Access | None = getattr(app.view_functions[endpoint], _ATTRIBUTE, None)
    return known.get(endpoint, marked)


def is_static(endpoint: str) -> bool:
    """Whether the endpoint is Flask's own for static files, the app's or a blueprint's."""
    return endpoint == "static" or endpoint.endswith(".static")


def init_guard(app: Flask) -> None:
    """Enforce the declarations. Before the body is read: a stranger's upload ends here."""
    app.before_request(_enforce)


def check_every_route_is_guarded(app: Flask) -> None:
    """Find out who may use each route. Raises UnguardedRoute, naming every one that does not say it.

    Call it last in `create_app`.
    """
    with app.app_context():
        marked = {endpoint: getattr(view, _ATTRIBUTE, None) for endpoint, view in app.view_functions.items()}
        app.extensions[_KEY] = {
            endpoint: replace(access, any_of=access.any_of + access.declared())
            for endpoint, access in marked.items()
            if access is not None
        }
    unguarded = sorted(
        f"{rule.endpoint} ({rule.rule})" for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) is None
    )
    if unguarded:
        raise UnguardedRoute(
            f"These routes do not say who may use them: {', '.join(unguarded)}. "
            "Give each @requires, @requires_any_of, @signed_in or @public."
        )


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, access)
        return view

    return mark


def _enforce() -> None:
    if request.endpoint is None:
        return  # an unknown path or a wrong method: routing has its own answer
    access = access_of(current_app, request.endpoint)
    if access is None:
        raise UnguardedRoute(request.endpoint)
    if access.signed_in:
        access.check(current_actor())
