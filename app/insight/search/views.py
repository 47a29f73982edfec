"""The page at `/search`, which finds records and pages; the command palette requests it as a fragment."""

from flask import Blueprint, render_template
from flask_babel import ngettext

from app.insight.search.filters import SearchFilters
from app.insight.search.page import search_page
from app.lists.listing import given_parameters
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.htmx import wants_fragment
from app.web.rate_limits import Limits, limited

search = Blueprint("search", __name__)

SEARCHING = Limits("search", per_user="120 per minute")


@search.get("/search")
@requires(Permission.SEARCH_USE)
@limited(SEARCHING)
def index() -> str:
    """Show the results, in groups."""
    page = search_page(current_actor(), SearchFilters.parse(given_parameters()).q)
    told = ngettext("%(count)s result", "%(count)s results", page.number, count=page.number)
    template = "insight/search/_palette.html" if wants_fragment() else "insight/search/index.html"
    return render_template(template, page=page, told=told)
