"""Rows of a list grouped under headings, as declared."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from app.declarations.listed import Listed, RowGroup
from app.lists.listing import Listing
from app.web.render_context import current_render_context


@dataclass(frozen=True, slots=True)
class GroupedRows:
    """A group of rows on this page, or all of them if `group` is None.

    `count` is the group's total; None if it continues on another page, and without a group. `href` is the list of the
    whole group, if that is another list.
    """

    group: RowGroup | None
    rows: Sequence[Any]
    count: int | None = None
    href: str | None = None


def grouped_rows(listed: Listed, listing: Listing) -> list[GroupedRows]:
    """Return the rows of `listing` in their groups.

    They are in a single group without a heading if the list isn't grouped with its current sort and filters.
    """
    groups = listed.groups
    if groups is None or listing.sort != groups.sort or not groups.is_for(listing.filters):
        return [GroupedRows(None, listing.rows)]
    now = current_render_context().now
    found = [(group, list(rows)) for group, rows in groupby(listing.rows, key=lambda row: groups.group_of(row, now))]
    last = len(found) - 1

    def is_cut(place: int) -> bool:
        return bool((place == 0 and listing.newer) or (place == last and listing.older))

    return [GroupedRows(group, rows, None if is_cut(place) else len(rows)) for place, (group, rows) in enumerate(found)]
