"""The rows before and after one within the list that somebody came from: a page of one record leads on through it.

The list stands in the record's address as `in`, the query of the list's own; without it the list is as it opens first.
One statement of two ids, by the keyset of the list, whatever its length.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request, url_for

from app.declarations.resource import Resource
from app.errors import InvalidCursor, InvalidPeriod, NotFound, ValidationFailed
from app.security.actor import Actor

#: In the address of a record: the query of the list.
IN = "in"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The addresses of the row before and of the one after (None where there is none), and of the list."""

    before: str | None
    after: str | None
    back: str


def neighbours_of(actor: Actor, resource: Resource, row: Any) -> Neighbours | None:
    """Those of `row`, which has its id and what its list is sorted by; None where the address names no list of it."""
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
