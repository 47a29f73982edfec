"""Forms of other sites are sent away, before anything is counted or read for them.

The token of a form proves that its page was ours; what the browser says of where the request comes from proves it once
more, and no page can forge it. Programs say nothing of it, and have no cookies to be abused.
"""

from urllib.parse import urlsplit

from flask import Flask, current_app, request

from app.config import Settings
from app.db.transaction import SAFE_METHODS
from app.errors import ForeignOrigin

#: `none` is the person's own doing: an address that was typed, a page that is loaded again.
_OWN_SITES = frozenset({"same-origin", "none"})


def init_origin(app: Flask) -> None:
    """Refuse what another site has a browser send. Before the limits: it must not use up anybody's tries."""
    app.before_request(_refuse_foreign)


def _refuse_foreign() -> None:
    if request.endpoint is None or request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    is_ours = site in _OWN_SITES if site is not None else origin is None or _is_our_origin(origin)
    if not is_ours:
        raise ForeignOrigin


def _is_our_origin(origin: str) -> bool:
    """Without a public address only the host is compared: a proxy may have taken TLS away."""
    settings: Settings = current_app.config["SETTINGS"]
    if settings.public_url is not None:
        ours = urlsplit(settings.address)
        return origin == f"{ours.scheme}://{ours.netloc}"
    return urlsplit(origin).netloc == request.host
