"""The routes of `/api/v1`, one for each endpoint, with its access."""

from collections.abc import Callable

from flask import Blueprint, Flask, Response

from app.api.audio_views import audio
from app.api.avatar_views import avatars
from app.api.endpoints import Endpoint, endpoints_of
from app.api.export_views import exports
from app.api.views import view_of
from app.declarations.api import Callers
from app.declarations.registry import registry_of
from app.security.api_requests import API_ROOT
from app.security.confirmation import confirmed, confirmed_if
from app.security.guard import any_caller, people_only, public, requires_any_of, signed_in
from app.web.form_token import without_form_token
from app.web.rate_limits import limited

PREFIX = API_ROOT
_ENDPOINTS = "switchboard_api_endpoints"


def init_api(app: Flask) -> None:
    """Add the routes of everything that features declare."""
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    endpoints = app.extensions[_ENDPOINTS] = tuple(endpoints_of(registry_of(app)))
    for endpoint in endpoints:
        view = _guarded(endpoint)
        view.__name__ = endpoint.name
        api.add_url_rule(endpoint.rule, endpoint.name, view, methods=[endpoint.method])
    app.register_blueprint(api)
    app.register_blueprint(audio)
    app.register_blueprint(avatars)
    app.register_blueprint(exports)


def endpoints(app: Flask) -> tuple[Endpoint, ...]:
    """Return the endpoints of an app, in the order of their declarations."""
    found: tuple[Endpoint, ...] = app.extensions[_ENDPOINTS]
    return found


def _guarded(endpoint: Endpoint) -> Callable[..., Response]:
    view = without_form_token(view_of(endpoint))
    for decorate in endpoint.operation.around if endpoint.operation is not None else ():
        view = decorate(view)
    is_sensitive = endpoint.write.confirmed if endpoint.write is not None else False
    if is_sensitive:
        view = confirmed(view) if is_sensitive is True else confirmed_if(is_sensitive)(view)
    if endpoint.limits is not None:
        view = limited(endpoint.limits)(view)
    if endpoint.callers is Callers.ANYONE:
        return public(view)
    if not endpoint.permissions:
        return signed_in(view) if endpoint.callers is Callers.PEOPLE else any_caller(view)
    view = requires_any_of(lambda: endpoint.permissions)(view)
    return people_only(view) if endpoint.callers is Callers.PEOPLE else view
