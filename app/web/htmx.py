"""The one place where HTMX headers are read and set (HTMX 4)."""

from typing import Any

from flask import Response, make_response, render_template, request
from flask import redirect as http_redirect

from app.web.redirects import local_path


def is_htmx() -> bool:
    """Whether HTMX sent this request; it follows no redirect as a person would expect, see `redirect`."""
    return request.headers.get("HX-Request") == "true"


def wants_fragment() -> bool:
    """Whether the answer replaces a part of the page. Going back in history asks for whole pages."""
    return is_htmx() and request.headers.get("HX-Request-Type") != "full"


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
        response.headers["HX-Push-Url"] = address
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
    response.headers["HX-Redirect"] = location
    return response
