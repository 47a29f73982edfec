"""The one place where HTMX headers are read and set (HTMX 4)."""

import json
from typing import Any

from flask import Response, make_response, render_template, request
from flask import redirect as http_redirect
from markupsafe import Markup
from werkzeug.urls import iri_to_uri

from app.security.guard import POLL_HEADER
from app.web.redirects import local_path


def is_htmx() -> bool:
    """Whether HTMX sent this request; it follows no redirect as a person would expect, see `redirect`."""
    return request.headers.get("HX-Request") == "true"


def wants_fragment() -> bool:
    """Whether the answer replaces a part of the page. Going back in history asks for whole pages."""
    return is_htmx() and request.headers.get("HX-Request-Type") != "full"


def asks_by_itself() -> bool:
    """Whether a part of an open page asks, by the clock, and not the person who follows a link or sends a form."""
    return is_htmx() and "HX-Boosted" not in request.headers


def every(seconds: int) -> Markup:
    """The attributes of a part of a page that asks again by the clock: that is no sign that somebody is there."""
    return Markup('hx-trigger="every {}s" hx-headers="{}"').format(seconds, json.dumps({POLL_HEADER: "true"}))


def current_page() -> str | None:
    """Path and query of the page that the browser shows, where it is one of ours."""
    return local_path(request.headers.get("HX-Current-URL"))


def render(page: str, fragment: str, **context: Any) -> str:
    """Render the fragment for a swap and the page, which includes it, for everything else."""
    return render_template(fragment if wants_fragment() else page, **context)


def render_at(address: str, page: str, fragment: str, **context: Any) -> Response:
    """Render fragment or page; where the swap is a step in history, the browser shows `address` for it."""
    response = make_response(render(page, fragment, **context))
    if wants_fragment():
        show_address(response, address)
    return response


def show_address(response: Response, address: str, *, is_step: bool = True) -> Response:
    """Make the browser show `address` for what it swaps in: as a step in its history, or instead of where it is."""
    response.headers["HX-Push-Url" if is_step else "HX-Replace-Url"] = iri_to_uri(address)
    return response


def retarget(response: Response, selector: str) -> Response:
    """Put the answer elsewhere than the form that was sent has said."""
    response.headers["HX-Retarget"] = selector
    return response


def redirect(location: str) -> Response:
    """Send the browser to another page after a form.

    HTMX would follow a 303 and put the whole page into the swap's target; it is told by a header to go there instead.
    """
    if is_htmx():
        return go_to(make_response(), location)
    return make_response(http_redirect(location, code=303))


def go_to(response: Response, location: str) -> Response:
    """Make the browser leave for `location`, whatever the status of the answer to HTMX is."""
    response.headers["HX-Redirect"] = iri_to_uri(location)
    return response
