"""The rows before and after a record in the list that the user came from.

The parameter `in` of the record's address is the query string of that list; without it, the list is as it opens by
default. One statement finds both ids by the list's keyset, so its cost does not depend on the length of the list.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request, url_for

from app.declarations.resource import Resource
from app.errors import InvalidCursor, InvalidPeriod, NotFound, ValidationFailed
from app.security.actor import Actor

#: Parameter of a record's address: the query of the list.
IN = "in"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The addresses of the row before and the row after (None if there is none), and of the list."""

    before: str | None
    after: str | None
    back: str


def neighbours_of(actor: Actor, resource: Resource, row: Any) -> Neighbours | None:
    """Return the neighbors of `row` in its list; None if the address has no valid list.

    Also None if `actor` can't open the list. The row must have its id and the list's sort columns.
    """
    listed, page = resource.listed, resource.page
    if listed is None or page is None or not actor.may(listed.permission):
        return None
    query = request.args.get(IN, "")
    try:
        filters, sort = listed.read(query)
        before, after = listed.query(actor, filters).beside(row, sort)
    except (ValidationFailed, InvalidPeriod, InvalidCursor, NotFound):
        return None
    endpoint, argument = page

    def href(row_id: UUID | None) -> str | None:
        place: dict[str, Any] = {argument: row_id, IN: query or None}
        return url_for(endpoint, **place) if row_id else None

    return Neighbours(href(before), href(after), url_for(listed.endpoint) + (f"?{query}" if query else ""))
