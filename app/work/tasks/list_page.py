"""What stands around the rows of the list of tasks: whose they are, and what is done already."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import pgettext

from app.lists.filter_words import chip_words
from app.lists.groups import GroupedRows
from app.lists.listing import ChipText, Listing, address
from app.models import TaskStatus
from app.security.actor import Actor
from app.work.tasks.filters import TaskFilters
from app.work.tasks.group_rules import DONE_TODAY
from app.work.tasks.queries import task_list
from app.work.tasks.resource import TASK, TASK_LIST

#: So many of what is done are shown below what is not.
_MOST_DONE = 20
_WHOSE = ("assignee", "giver")

#: Label, address, and whether it is shown now.
Segment = tuple[str, str, bool]


def segments(listing: Listing) -> list[Segment]:
    """All, those of whoever looks, and those that they have given to others, with the other filters as they are."""
    given = listing.filters.parameters()
    kept = {name: value for name, value in given.items() if name not in _WHOSE}
    whose = {name: value for name, value in given.items() if name in _WHOSE}

    def segment(label: str, chosen: dict[str, str]) -> Segment:
        return label, address(listing.endpoint, {**kept, **chosen, "sort": listing.sort}), whose == chosen

    return [
        segment(_("All tasks"), {}),
        segment(_("Mine"), {"assignee": "me"}),
        segment(pgettext("tasks", "I gave"), {"giver": "me"}),
    ]


def done_today(actor: Actor, listing: Listing, groups: Sequence[GroupedRows]) -> list[GroupedRows]:
    """What was done today of what the filters keep, below the end of what is open; nothing where that goes on."""
    filters = listing.filters
    if listing.older or any(one.group is None for one in groups):
        return []
    wanted = TaskFilters.of({**filters.parameters(), "status": TaskStatus.COMPLETED, "done": "today"})
    query = task_list(actor, wanted)
    page = query.page(size=_MOST_DONE)
    if not page.rows:
        return []
    kept = {**wanted.parameters(), "sort": listing.sort}
    return [GroupedRows(DONE_TODAY, page.rows, query.count_beside(page).number, address(listing.endpoint, kept))]


def words_of_filters() -> dict[str, ChipText]:
    """What the chips of the list say."""
    return chip_words(TASK, TASK_LIST, {"assignee": _who, "giver": _who, "done": lambda _value: str(_("Today"))})


def _who(value: str) -> str:
    return str(_("me")) if value == "me" else value
