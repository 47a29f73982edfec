"""The page of a list, rendered from its declaration."""

from collections.abc import Collection
from typing import Any

from flask import Response

from app.declarations.resource import Resource
from app.lists.filter_page import AppliedFilters, applied_filters
from app.lists.listing import render_list, show_list
from app.lists.tools_page import list_tools
from app.security.actor import current_actor


def list_page(
    resource: Resource, folder: str, *, own: Collection[str] = (), asked: AppliedFilters | None = None, **context: Any
) -> Response:
    """Render the rows of `resource` that the address asks for.

    The templates are `index.html` of `folder`, and `_list.html` for an HTMX request. A list at another endpoint, such
    as `billing.invoices`, has `invoices.html` and `_invoices.html`. `own` are the columns that the row's template
    renders itself.
    """
    actor, listed = current_actor(), resource.list_declared
    asked = asked or applied_filters(resource)
    listing = show_list(listed.query(actor, asked.filters), listed.endpoint, asked.words)
    page = listed.endpoint.partition(".")[2]
    return render_list(
        f"{folder}/{page}.html",
        f"{folder}/_{'list' if page == 'index' else page}.html",
        listing,
        tools=list_tools(actor, resource, listed, listing, own=own),
        bar=asked.bar,
        **context,
    )
