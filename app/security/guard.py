"""Access control that denies by default: the app does not start with a route that declares no access.

    @bp.get("/calls")
    @requires(Permission.CALLS_READ)
    def index() -> Page: ...

The declaration is stored on the view; a single `before_request` enforces it, so that no view can forget to.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flask import Flask, current_app, request

from app.security.actor import Actor, current_actor, refusal_of_key
from app.security.permissions import Permission

View = TypeVar("View", bound=Callable[..., Any])

_ATTRIBUTE = _KEY = "switchboard_access"
_POLLED = "switchboard_polled"
_COUNTING = "switchboard_counting_callers"
#: Header of requests that part of a page makes on a timer, to an address that people open too.
POLL_HEADER = "X-Polled"


class UnguardedRoute(Exception):
    """Error for a route without an access declaration, raised at startup."""


@dataclass(frozen=True, slots=True)
class Access:
    """Declared access to a route: public, for anyone signed in, or with all or any of some permissions.

    A route with permissions is open to every API key that has them, and one for anyone signed in is closed to keys,
    because it belongs to a person. `open_to_keys` is set where the opposite applies.
    """

    signed_in: bool = True
    all_of: tuple[Permission, ...] = ()
    any_of: tuple[Permission, ...] = ()
    #: Returns permissions to add to `any_of` that are only known once the app is built.
    declared: Callable[[], tuple[Permission, ...]] = tuple
    open_to_keys: bool | None = None

    def check(self, actor: Actor) -> None:
        """Raise Forbidden unless `actor` has the declared permissions."""
        is_open = bool(self.all_of or self.any_of) if self.open_to_keys is None else self.open_to_keys
        if actor.ceiling is not None and not is_open:
            raise refusal_of_key()
        actor.requires(*self.all_of)
        if self.any_of and not any(actor.may(permission) for permission in self.any_of):
            raise actor.refusal(self.any_of[0])


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Require all of `permissions` for the view."""
    return _declare(Access(all_of=permissions))


def requires_any_of(permissions: Callable[[], tuple[Permission, ...]]) -> Callable[[View], View]:
    """Require at least one of the permissions for the view; an error names the first of them.

    `permissions` returns permissions declared by features, so it is called only once the app is built.
    """
    return _declare(Access(declared=permissions))


def guarded_like(app: Flask, endpoint: str) -> Callable[[View], View]:
    """Require the same access as for the route `endpoint`.

    Raises UnguardedRoute if that route declares none.
    """
    access = access_of(app, endpoint)
    if access is None:
        raise UnguardedRoute(endpoint)
    return _declare(access)


def signed_in(view: View) -> View:
    """Require a signed-in user, with any role; API keys are refused."""
    return _declare(Access())(view)


def any_caller(view: View) -> View:
    """Require a signed-in user with any role, or an API key with any permissions."""
    return _declare(Access(open_to_keys=True))(view)


def people_only(view: View) -> View:
    """Refuse API keys, whatever their permissions; must be placed above the decorator that declares the access."""
    access: Access = getattr(view, _ATTRIBUTE)
    return _declare(replace(access, open_to_keys=False))(view)


def public(view: View) -> View:
    """Let everyone use the view, signed in or not."""
    return _declare(Access(signed_in=False))(view)


def polled(view: View) -> View:
    """Mark a view that open pages request repeatedly, without any action of a person.

    Its requests don't update the time of the last activity, so an open page alone keeps no session alive. This
    decorator goes below that of the route.
    """
    setattr(view, _POLLED, True)
    return view


def is_polled() -> bool:
    """Return whether this request was made by a page on its own, not by a person."""
    if request.method == "GET" and POLL_HEADER in request.headers:
        return True
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, _POLLED, False)


def access_of(app: Flask, endpoint: str) -> Access | None:
    """Return the declared access of the route, or None.

    Files under static/ are public without a declaration.
    """
    if is_static(endpoint):
        return Access(signed_in=False)
    known: dict[str, Access] = app.extensions.get(_KEY, {})
    marked: Access | None = getattr(app.view_functions[endpoint], _ATTRIBUTE, None)
    return known.get(endpoint, marked)


def is_static(endpoint: str) -> bool:
    """Return whether `endpoint` serves static files, of the app or of a blueprint."""
    return endpoint == "static" or endpoint.endswith(".static")


def init_guard(app: Flask) -> None:
    """Enforce the declared access of routes before a body is read: an upload without access is rejected here."""
    app.before_request(_enforce)


def count_callers(app: Flask, count: Callable[[Actor], None]) -> None:
    """Call `count` with each identified caller before their permission is checked; it may refuse them."""
    app.extensions.setdefault(_COUNTING, []).append(count)


def check_every_route_is_guarded(app: Flask) -> None:
    """Check that every route declares its access, and collect the declarations.

    Raises UnguardedRoute, naming every route without a declaration. Must be the last call in `create_app`.
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
        return  # unknown path or wrong method: routing returns its own error
    access = access_of(current_app, request.endpoint)
    if access is None:
        raise UnguardedRoute(request.endpoint)
    if access.signed_in:
        actor = current_actor()
        for count in current_app.extensions.get(_COUNTING, ()):
            count(actor)
        access.check(actor)
