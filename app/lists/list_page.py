"""The page of a list, by its declaration."""

from collections.abc import Collection
from typing import Any

from flask import Response

from app.declarations.resource import Resource
from app.lists.filter_page import Asked, asked_of
from app.lists.listing import render_list, show_list
from app.lists.tools_page import list_tools
from app.security.actor import current_actor


def list_page(
    resource: Resource, folder: str, *, own: Collection[str] = (), asked: Asked | None = None, **context: Any
) -> Response:
    """The rows of `resource` that the address asks for, on `index.html` of a folder of templates; `_list.html` for a
    swap. A list at another endpoint, such as `billing.invoices`, has `invoices.html` and `_invoices.html`.

    `own` are the columns that the template of a row draws itself.
    """
    actor, listed = current_actor(), resource.list_declared
    asked = asked or asked_of(resource)
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
