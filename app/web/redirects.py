"""Where a request may be sent on to: addresses of this site only, whatever a query string or header claims."""

import re
from urllib.parse import urlsplit, urlunsplit

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException

#: Segments that a browser takes out of a path: `/.//host` becomes `//host`.
_DOTS = frozenset({".", "..", "%2e", "%2e.", ".%2e", "%2e%2e"})
_FOOLS_A_BROWSER = re.compile(r"[\x00-\x20\x7f\\]")


def local_path(address: str | None) -> str | None:
    """Path and query of `address` when it leads to this site, else None.

    A browser reads `//host`, `/\\host` and a tab in between as another site, so each of these is None.
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
    """Path and query of the page that a form was sent from, where that can be asked for: what answers a form only, and
    shows it again, cannot."""
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
    """The sign-in page, which leads back to `came_from` afterwards when that is a page of this site."""
    back = local_path(came_from)
    return url_for("sign_in.new", next=back) if back and back != "/" else url_for("sign_in.new")
