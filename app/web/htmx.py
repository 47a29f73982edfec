"""HTMX headers, read and set only here (HTMX 4)."""

import json
from typing import Any

from flask import Response, make_response, render_template, request
from flask import redirect as http_redirect
from markupsafe import Markup
from werkzeug.urls import iri_to_uri

from app.security.guard import POLL_HEADER
from app.web.redirects import local_path


def is_htmx() -> bool:
    """Return whether HTMX sent this request; it doesn't follow redirects like a browser, see `redirect`."""
    return request.headers.get("HX-Request") == "true"


def wants_fragment() -> bool:
    """Return whether the response replaces a part of the page.

    When going back in history, HTMX requests whole pages.
    """
    return is_htmx() and request.headers.get("HX-Request-Type") != "full"


def asks_by_itself() -> bool:
    """Return whether HTMX sent this request for a part of an open page.

    Boosted links and forms, which load a whole page, don't count.
    """
    return is_htmx() and "HX-Boosted" not in request.headers


def every(seconds: int) -> Markup:
    """Return the attributes of an element that polls every `seconds`.

    Polling requests are marked so that they don't count as user activity.
    """
    return Markup('hx-trigger="every {}s" hx-headers="{}"').format(seconds, json.dumps({POLL_HEADER: "true"}))


def current_page() -> str | None:
    """Return path and query of the page shown in the browser, if it is a page of this site, else None."""
    return local_path(request.headers.get("HX-Current-URL"))


def render(page: str, fragment: str, **context: Any) -> str:
    """Render the fragment for a swap, or the page that includes it for everything else."""
    return render_template(fragment if wants_fragment() else page, **context)


def render_at(address: str, page: str, fragment: str, **context: Any) -> Response:
    """Render the fragment or page; a swap adds `address` to the browser's history."""
    response = make_response(render(page, fragment, **context))
    if wants_fragment():
        show_address(response, address)
    return response


def show_address(response: Response, address: str, *, is_step: bool = True) -> Response:
    """Make the browser show `address` after the swap, as a new history entry or in place of the current one."""
    response.headers["HX-Push-Url" if is_step else "HX-Replace-Url"] = iri_to_uri(address)
    return response


def retarget(response: Response, selector: str) -> Response:
    """Swap the response into the element at `selector` instead of the one that the form specified."""
    response.headers["HX-Retarget"] = selector
    return response


def redirect(location: str) -> Response:
    """Redirect the browser to another page after a form.

    HTMX would follow a 303 and put the whole page into the swap's target, so a header makes it navigate instead.
    """
    if is_htmx():
        return go_to(make_response(), location)
    return make_response(http_redirect(location, code=303))


def go_to(response: Response, location: str) -> Response:
    """Make the browser navigate to `location`, whatever the status of the response to HTMX."""
    response.headers["HX-Redirect"] = iri_to_uri(location)
    return response
