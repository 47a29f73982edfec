"""Proxies in front of the server, which are trusted to report the client's address."""

import structlog
from flask import Flask, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import Settings

_log = structlog.get_logger("switchboard.proxies")

_FORWARDED = ("X-Forwarded-For", "Forwarded")
_WARNED = "switchboard_proxies_told"

#: Problem shown to the operators of the installation.
NONE_TRUSTED = (
    "Requests arrive through a proxy, but TRUSTED_PROXIES is 0. Everyone has the proxy’s IP address in rate limits and "
    "in the audit trail. Set TRUSTED_PROXIES to the number of proxies."
)


def init_proxies(app: Flask) -> None:
    """Trust the configured number of proxies; without any, warn once per process if there is a proxy."""
    settings: Settings = app.config["SETTINGS"]
    if near := settings.trusted_proxies:
        # Flask's documented place for a WSGI middleware.
        app.wsgi_app = ProxyFix(app.wsgi_app, near, near, near)  # type: ignore[method-assign]
    else:
        app.before_request(_warn)


def needs_proxy(settings: Settings) -> bool:
    """Return whether an untrusted proxy must exist: users connect over TLS, which the server does not support."""
    has_tls = settings.public_url is not None and settings.public_url.scheme == "https"
    return has_tls and settings.trusted_proxies == 0


def came_by_unknown_proxy() -> bool:
    """Return whether this request came through a proxy while none is trusted."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.trusted_proxies == 0 and any(name in request.headers for name in _FORWARDED)


def _warn() -> None:
    if _WARNED not in current_app.extensions and came_by_unknown_proxy():
        current_app.extensions[_WARNED] = True
        _log.warning(NONE_TRUSTED)
