"""The page at `/`, which redirects users to their start page."""

from flask import Response

from app.declarations.first_page import first_page
from app.insight.dashboards.views import dashboards
from app.people.sign_in.queries import find_start_page
from app.security.actor import current_actor
from app.security.guard import signed_in
from app.web.htmx import redirect


@dashboards.get("/")
@signed_in
def home() -> Response:
    """Redirect to the user's start page."""
    actor = current_actor()
    return redirect(first_page(actor, find_start_page(actor)))
