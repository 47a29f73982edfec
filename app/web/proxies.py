"""The proxies in front of the server: who asks is what the trusted ones among them say."""

import structlog
from flask import Flask, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import Settings

_log = structlog.get_logger("switchboard.proxies")

_FORWARDED = ("X-Forwarded-For", "Forwarded")
_TOLD = "switchboard_proxies_told"

#: What goes wrong, for whoever runs the installation.
NONE_TRUSTED = (
    "Requests come through a proxy, and TRUSTED_PROXIES is 0: everybody has the proxy's address, so they share the "
    "limits of one, and the audit trail names no other. Set it to the number of proxies in front."
)


def init_proxies(app: Flask) -> None:
    """Believe as many proxies as the settings say; tell once in each process when there is one and none is believed."""
    settings: Settings = app.config["SETTINGS"]
    if near := settings.trusted_proxies:
        # Flask's own way to put something around an app.
        app.wsgi_app = ProxyFix(app.wsgi_app, near, near, near)  # type: ignore[method-assign]
    else:
        app.before_request(_tell)


def needs_proxy(settings: Settings) -> bool:
    """Whether a proxy must be there that is not believed: people come over TLS, which the server does not speak."""
    has_tls = settings.public_url is not None and settings.public_url.scheme == "https"
    return has_tls and settings.trusted_proxies == 0


def came_by_unknown_proxy() -> bool:
    """Whether this request came by a proxy while none is trusted."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.trusted_proxies == 0 and any(name in request.headers for name in _FORWARDED)


def _tell() -> None:
    if _TOLD not in current_app.extensions and came_by_unknown_proxy():
        current_app.extensions[_TOLD] = True
        _log.warning(NONE_TRUSTED)
