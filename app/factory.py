"""The application factory, which initializes every part of the app in order."""

from collections.abc import Callable
from http import HTTPStatus
from itertools import count
from typing import Any

from flask import Flask, Response, session

from app.api.routes import init_api
from app.cli import register_commands
from app.config import PROJECT_ROOT, Settings
from app.db.engine import init_engine
from app.db.transaction import finish_request
from app.declarations.consistency import refuse_unclassified
from app.declarations.feature import Feature
from app.declarations.navigation import init_navigation
from app.declarations.registry import build_registry, install_registry
from app.declarations.shortcut_sheet import init_shortcut_sheet
from app.declarations.side_panels import init_panels
from app.features import FEATURES
from app.lists.export import init_list_files
from app.models import Base
from app.open_storage import init_storage
from app.people.impersonation.guard import init_impersonation
from app.people.impersonation.record_view_service import record_opened
from app.people.sign_in.confirmation_views import init_confirmation
from app.people.sign_in.second_factor_views import init_second_factor
from app.private_apis import LateRule
from app.security.api_requests import is_api_request
from app.security.cookies import init_cookies
from app.security.guard import check_every_route_is_guarded, init_guard
from app.security.identity import init_identity
from app.security.scope import init_scopes
from app.web.api_rates import init_api_rates
from app.web.appearance import init_appearance
from app.web.body_buffering import init_awaited_body
from app.web.compression import init_compression
from app.web.concurrency_limit import init_concurrency_limit
from app.web.empty_parameters import init_blank_parameters
from app.web.errors import init_errors
from app.web.exposed_tokens import init_exposed_tokens
from app.web.form_token import init_form_token
from app.web.headers import init_headers
from app.web.language import init_language
from app.web.maintenance import init_maintenance
from app.web.origin import init_origin
from app.web.rate_limits import init_limits, init_limits_of_users
from app.web.request_limits import init_forms
from app.web.requests import init_requests
from app.web.resubmission import init_forms_shown_again
from app.web.templating import Templates, init_templating
from app.web.webhook_rates import init_webhook_rates


class Switchboard(Flask):
    """A Flask app that wraps every view in a transaction."""

    jinja_environment = Templates
    url_rule_class = LateRule

    def dispatch_request(self) -> Response:
        """Run the view and end its transaction, so that a failed commit is handled like any other error.

        What is opened while viewing as another person is recorded before it is sent.
        """
        tries = count()

        def view() -> Response:
            if next(tries) and not is_api_request():
                session.pop("_flashes", None)  # a retried view must not repeat messages of the failed attempt
            return self.make_response(super(Switchboard, self).dispatch_request())

        return record_opened(finish_request(view))

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: the app has no asynchronous ones, and Flask would examine 40 functions per request."""
        return func

    def make_default_options_response(self) -> Response:
        """Return the methods of a path, in a response without content."""
        response: Response = super().make_default_options_response()
        response.status_code = HTTPStatus.NO_CONTENT
        return response


def create_app(settings: Settings | None = None) -> Switchboard:
    """Create the app.

    Raises SettingsError for a wrong setting, ValueError for inconsistent declarations of features, and UnguardedRoute
    for a route without a permission.
    """
    settings = settings or Settings.from_env()
    app = Switchboard(
        "app", template_folder=str(PROJECT_ROOT / "templates"), static_folder=str(PROJECT_ROOT / "static")
    )
    app.config.from_mapping(_flask_config(settings))
    init_storage(app, settings)

    built = build_registry(_features_of(settings))
    install_registry(app, built)
    refuse_unclassified(Base.metadata.tables.values(), built.personal)
    init_scopes(app, {one.model: one.scope for one in built.resources.values() if one.scope is not None})
    init_cookies(app)
    init_requests(app)  # first: it times the whole request and sets up the context that everything else needs
    init_compression(app)  # hooks registered early run late after a request
    init_headers(app)
    init_engine(app, settings)
    init_language(app)
    init_errors(app)
    init_concurrency_limit(app)
    init_maintenance(app)
    init_origin(app)
    init_blank_parameters(app)
    _init_rates(app)
    init_exposed_tokens(app)
    init_identity(app)
    init_guard(app)
    init_impersonation(app)
    init_second_factor(app)
    init_limits_of_users(app)
    init_forms(app)
    init_awaited_body(app)  # from here on the body can be read, first by the CSRF check
    init_form_token(app)
    init_forms_shown_again(app)
    init_confirmation(app)  # after the form's token was checked: what is kept is carried out with a new one
    _init_pages(app)
    for feature in built.features:
        if feature.blueprint is not None:
            app.register_blueprint(feature.blueprint)
    init_list_files(app)
    init_api(app)
    register_commands(app)
    check_every_route_is_guarded(app)
    return app


def _init_rates(app: Flask) -> None:
    """Set up all rate limits, those of the API before those of views: a response states the one with less left."""
    init_api_rates(app)
    init_webhook_rates(app)
    init_limits(app)


def _init_pages(app: Flask) -> None:
    """Set up what templates use."""
    init_templating(app)
    init_appearance(app)
    init_navigation(app)
    init_shortcut_sheet(app)
    init_panels(app)


def _features_of(settings: Settings) -> tuple[Feature, ...]:
    """Return all features; in production, without those meant for development."""
    return tuple(feature for feature in FEATURES if not (settings.is_production and feature.is_for_development))


def _flask_config(settings: Settings) -> dict[str, object]:
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        # Links in a response use the requested host; if a public URL is configured, no other host is trusted.
        "TRUSTED_HOSTS": [settings.public_url.host] if settings.public_url else None,
        "TESTING": settings.environment == "test",
        "SESSION_COOKIE_NAME": "switchboard",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_production,
        "WTF_CSRF_TIME_LIMIT": None,  # valid as long as its session
        "BABEL_TRANSLATION_DIRECTORIES": str(PROJECT_ROOT / "app" / "translations"),
    }
