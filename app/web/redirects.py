"""Redirect targets, restricted to this site whatever a query string or header contains."""

import re
from urllib.parse import urlsplit, urlunsplit

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException

#: Segments that a browser removes from a path: `/.//host` becomes `//host`.
_DOTS = frozenset({".", "..", "%2e", "%2e.", ".%2e", "%2e%2e"})
_FOOLS_A_BROWSER = re.compile(r"[\x00-\x20\x7f\\]")


def local_path(address: str | None) -> str | None:
    r"""Return path and query of `address` if it belongs to this site, else None.

    Browsers treat `//host`, `/\host` and a tab inside as another site, so these return None.
    """
    if not address or address.startswith("//") or _FOOLS_A_BROWSER.search(address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if (parts.scheme or parts.netloc) and (parts.scheme, parts.netloc) != (request.scheme, request.host):
        return None
    segments = parts.path.lower().split("/")
    if not parts.path.startswith("/") or parts.path.startswith("//") or _DOTS.intersection(segments):
        return None
    return urlunsplit(("", "", parts.path, parts.query, ""))


def page_before() -> str | None:
    """Return path and query of the page that a form was sent from, if GET is allowed there; else None.

    A view that only handles the form, and shows it again, is not such a page.
    """
    back = local_path(request.referrer)
    adapter = current_app.create_url_adapter(request)
    if back is None or adapter is None:
        return None
    try:
        adapter.match(urlsplit(back).path, method="GET")
    except HTTPException:
        return None
    return back


def sign_in_address(came_from: str | None) -> str:
    """Return the URL of the sign-in page, which leads back to `came_from` if that is a page of this site."""
    back = local_path(came_from)
    return url_for("sign_in.new", next=back) if back and back != "/" else url_for("sign_in.new")
