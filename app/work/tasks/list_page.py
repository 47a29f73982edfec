"""Elements around the rows of the list of tasks: segments above, snoozed and completed tasks below."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import pgettext

from app.declarations.listed import RowGroup
from app.lists.groups import GroupedRows
from app.lists.listing import Listing, address
from app.models import TaskStatus
from app.security.actor import Actor
from app.work.tasks.filters import TaskFilters
from app.work.tasks.group_rules import DONE_TODAY, SNOOZED
from app.work.tasks.queries import task_list

#: Most rows shown in each of the groups below the open tasks.
_MAX_BELOW = 20
_WHOSE = ("assignee", "giver")

#: Label, address, and whether it is the current segment.
Segment = tuple[str, str, bool]


def segments(listing: Listing) -> list[Segment]:
    """Return the segments of the list, with the other filters unchanged.

    There is one each for all tasks, the viewer's own, those that the viewer created for others or unassigned, and
    snoozed ones.
    """
    given = listing.filters.parameters()
    kept = {name: value for name, value in given.items() if name not in (*_WHOSE, "snoozed")}
    whose = {name: value for name, value in given.items() if name in _WHOSE}
    is_snoozed = given.get("snoozed") == "yes"

    def segment(label: str, chosen: dict[str, str]) -> Segment:
        here = address(listing.endpoint, {**kept, "snoozed": "no", **chosen, "sort": listing.sort})
        return label, here, whose == chosen and not is_snoozed

    return [
        segment(_("All tasks"), {}),
        segment(_("Mine"), {"assignee": "me"}),
        segment(pgettext("tasks", "Created for others"), {"giver": "me"}),
        (
            pgettext("tasks", "Snoozed"),
            address(listing.endpoint, {**kept, **whose, "snoozed": "yes", "sort": listing.sort}),
            is_snoozed,
        ),
    ]


def groups_below(actor: Actor, listing: Listing, groups: Sequence[GroupedRows]) -> list[GroupedRows]:
    """Return the groups of matching tasks that are snoozed or were completed today.

    They follow the last open task, so the result is empty if the list has further pages. It is also empty if the list
    isn't grouped.
    """
    given = listing.filters.parameters()
    if listing.older or any(one.group is None for one in groups):
        return []
    snoozed = {**given, "snoozed": "yes"} if given.get("snoozed") == "no" else None
    kept = {name: value for name, value in given.items() if name != "snoozed"}
    done = {**kept, "status": TaskStatus.COMPLETED.value, "done": "today"}
    wanted = ((SNOOZED, snoozed), (DONE_TODAY, done))
    return [found for group, one in wanted if one and (found := _below(actor, listing, group, TaskFilters.of(one)))]


def _below(actor: Actor, listing: Listing, group: RowGroup, wanted: TaskFilters) -> GroupedRows | None:
    query = task_list(actor, wanted)
    page = query.page(size=_MAX_BELOW)
    if not page.rows:
        return None
    kept = {**wanted.parameters(), "sort": listing.sort}
    return GroupedRows(group, page.rows, query.count_total(page).number, address(listing.endpoint, kept))
