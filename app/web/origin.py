"""Rejection of other sites' forms before anything is counted or read for them.

The form token proves that a form came from our page; the origin reported by the browser proves it independently and
cannot be forged by a page. Programs send no origin, and have no cookies that could be abused.
"""

from urllib.parse import urlsplit

from flask import Flask, current_app, request

from app.config import Settings
from app.db.transaction import SAFE_METHODS
from app.errors import ForeignOrigin

#: `none` is the user's own action: a typed URL, a reloaded page.
_OWN_SITES = frozenset({"same-origin", "none"})


def init_origin(app: Flask) -> None:
    """Reject requests sent by other sites.

    Must be called before the rate limits are set up, so that such requests don't use up a user's attempts.
    """
    app.before_request(_refuse_foreign)


def _refuse_foreign() -> None:
    if request.endpoint is None or request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    is_ours = site in _OWN_SITES if site is not None else origin is None or _is_our_origin(origin)
    if not is_ours:
        raise ForeignOrigin


def _is_our_origin(origin: str) -> bool:
    """Return whether `origin` is ours.

    Without a public URL, only the host is compared: a proxy may have removed TLS.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if settings.public_url is not None:
        ours = urlsplit(settings.address)
        return origin == f"{ours.scheme}://{ours.netloc}"
    return urlsplit(origin).netloc == request.host
