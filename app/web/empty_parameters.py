"""URLs without empty parameters.

A form without JavaScript also sends empty fields: /calls?status=&from=&to=. The page is the same without them, so the
browser is redirected to a URL that can be read, bookmarked and shared.
"""

from flask import Flask, Response, make_response, redirect, request

from app.web.htmx import is_htmx
from app.web.redirects import local_path
from app.web.representation import Representation, wanted_representation


def init_blank_parameters(app: Flask) -> None:
    """Redirect to the URL without empty parameters, before any query, because the page is requested again."""
    app.before_request(_lead_to_short_address)


def _lead_to_short_address() -> Response | None:
    """Redirect a page request to its URL without empty parameters; None if there are none.

    HTMX removes empty parameters itself if a swap is added to the history.
    """
    asked = request.query_string
    if request.method != "GET" or request.endpoint is None or not asked or is_htmx():
        return None
    given = asked.split(b"&")
    filled = [part for part in given if not part.endswith(b"=") or b"=" in part[:-1]]
    if len(filled) == len(given) or wanted_representation() is not Representation.PAGE:
        return None
    path = local_path(request.base_url)
    if path is None:
        return None
    query = b"&".join(filled).decode("latin-1")
    return make_response(redirect(f"{path}?{query}" if query else path, code=303))
