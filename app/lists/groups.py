"""Rows of a list under heads, as its declaration groups them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from app.declarations.listed import Listed, RowGroup
from app.lists.listing import Listing
from app.web.render_context import current_render_context


@dataclass(frozen=True, slots=True)
class GroupedRows:
    """Rows that stand together on this page; `count` is how many there are in all, None where they may go on.

    `href` is where all of them are, if that is another list.
    """

    group: RowGroup | None
    rows: Sequence[Any]
    count: int | None = None
    href: str | None = None


def grouped_rows(listed: Listed, listing: Listing) -> list[GroupedRows]:
    """The rows of `listing` in their groups; all in one without a head where it is not grouped as it is shown."""
    groups = listed.groups
    if groups is None or listing.sort != groups.sort or not groups.is_for(listing.filters):
        return [GroupedRows(None, listing.rows)]
    now = current_render_context().now
    found = [(group, list(rows)) for group, rows in groupby(listing.rows, key=lambda row: groups.group_of(row, now))]
    last = len(found) - 1

    def is_cut(place: int) -> bool:
        return bool((place == 0 and listing.newer) or (place == last and listing.older))

    return [GroupedRows(group, rows, None if is_cut(place) else len(rows)) for place, (group, rows) in enumerate(found)]
