"""The routes of `/api/v1`, one for each endpoint, with its access."""

from collections.abc import Callable
from typing import TypeAlias

from flask import Blueprint, Flask, Response

from app.api.endpoints import Endpoint, endpoints_of, outside_endpoints_of
from app.api.views import outside_view_of, view_of
from app.declarations.api import Callers
from app.declarations.registry import registry_of
from app.security.api_requests import API_PREFIX, API_ROOT, FILES, OPERATIONS
from app.security.confirmation import unasked
from app.security.guard import any_caller, people_only, public, requires_any_of, signed_in
from app.web.rate_limits import limited

PREFIX = API_ROOT
View: TypeAlias = Callable[..., Response]
_ENDPOINTS = "switchboard_api_endpoints"


def init_api(app: Flask) -> None:
    """Add the routes of everything that features declare."""
    api = Blueprint(OPERATIONS.rstrip("."), __name__, url_prefix=API_ROOT)
    files = Blueprint(FILES.rstrip("."), __name__, url_prefix=API_PREFIX.rstrip("/"))
    endpoints = app.extensions[_ENDPOINTS] = tuple(endpoints_of(registry_of(app)))
    for endpoint in endpoints:
        _add(api, endpoint, endpoint.rule, view_of(endpoint))
    for endpoint in outside_endpoints_of(registry_of(app)):
        if endpoint.outside is not None:
            version = "" if endpoint.outside.is_unversioned else API_ROOT.removeprefix(API_PREFIX.rstrip("/"))
            _add(files, endpoint, f"{version}{endpoint.rule}", outside_view_of(endpoint.outside))
    app.register_blueprint(api)
    app.register_blueprint(files)


def endpoints(app: Flask) -> tuple[Endpoint, ...]:
    """Return the endpoints of an app, in the order of their declarations."""
    found: tuple[Endpoint, ...] = app.extensions[_ENDPOINTS]
    return found


def _add(blueprint: Blueprint, endpoint: Endpoint, rule: str, view: View) -> None:
    view.__name__ = endpoint.name
    blueprint.add_url_rule(rule, endpoint.name, _guarded(endpoint, view), methods=[endpoint.method])


def _guarded(endpoint: Endpoint, view: View) -> View:
    for decorate in endpoint.operation.around if endpoint.operation is not None else ():
        view = decorate(view)
    if endpoint.write is not None and endpoint.write.unasked:
        view = unasked(endpoint.write.unasked)(view)
    if endpoint.limits is not None:
        view = limited(endpoint.limits)(view)
    if endpoint.callers is Callers.ANYONE:
        return public(view)
    if not endpoint.permissions:
        return signed_in(view) if endpoint.callers is Callers.PEOPLE else any_caller(view)
    view = requires_any_of(lambda: endpoint.permissions)(view)
    return people_only(view) if endpoint.callers is Callers.PEOPLE else view
