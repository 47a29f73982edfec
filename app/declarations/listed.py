"""The declaration of a resource's list: its page, filters, query and sorts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, get_args
from urllib.parse import parse_qs

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.db.filters import Filters
from app.db.lists import ListQuery
from app.db.paging import Sort
from app.errors import LazyText
from app.security.actor import Actor
from app.security.permissions import Permission

_TYPED = frozenset({"q", "period", "first_day", "last_day"})
#: Default labels of the two dates of a period.
FROM_TO = (_l("From"), _l("To"))

#: Value and label of a picker's option.
Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Consecutive rows of a list under a heading; a folded group can be opened."""

    label: LazyText
    is_folded: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """The groups of a list's rows when it is sorted by `sort`: each is a contiguous range of that order.

    `group_of` takes a row and the current time in the organization's time zone; `is_for` returns whether the groups
    apply with these filters.
    """

    sort: str
    group_of: Callable[[Any, datetime], RowGroup]
    is_for: Callable[[Any], bool]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listed:
    """The declaration of a list, shared by its page, its file, saved views, bulk changes and links.

    `name` is the list's name in stored views; `filter_words` are the labels of filters that are not fields. Each filter
    except the search and the dates is either in `pickers`, which the filter bar shows in this order, or in `linked`:
    those are only set by links, such as the link from a number to its rows. A picker is rendered according to the
    filter's type and the field with its name: `also_offered` are options before those of an enumeration, `offered`
    returns the options of pickers without such a field, and the page renders `own_pickers` itself. `bar_label` is the
    label of the filter bar, `days` are the labels of the two dates of its period; a list without a `bar_label` has a
    filter bar of its own. The pickers are folded behind one button, unless `shows_pickers` is set: for lists that are
    about filtering.

    Without `keeps_views` its filters can't be saved as views; without `has_column_choice` everyone sees all of its
    columns. `exported` is the action in the audit trail if a person exports its rows. `opening` returns the default
    parameters of an address without any. If all filters are removed from them, the address still has a sort, so that
    the whole list is shown. `groups` are headings between its rows. `also_reads` returns the permissions besides
    `permission` without which rows that match the filters are left out.
    """

    name: str
    label: LazyText
    endpoint: str
    permission: Permission
    filters: type[Filters]
    query: Callable[[Actor, Any], ListQuery]
    sorts: tuple[Sort, ...]
    filter_words: Mapping[str, LazyText] = field(default_factory=dict)
    bar_label: LazyText | None = None
    pickers: tuple[str, ...] = ()
    own_pickers: tuple[str, ...] = ()
    also_offered: Mapping[str, tuple[tuple[str, LazyText], ...]] = field(default_factory=dict)
    offered: Mapping[str, Callable[[Actor], Sequence[Option]]] = field(default_factory=dict)
    days: tuple[LazyText, LazyText] | None = None
    linked: tuple[str, ...] = ()
    shows_pickers: bool = False
    has_column_choice: bool = True
    keeps_views: bool = True
    opening: Callable[[Actor], Mapping[str, str]] | None = None
    exported: Action = Action.LIST_EXPORTED
    groups: Grouping | None = None
    also_reads: Callable[[Any], tuple[Permission, ...]] = lambda _filters: ()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The filters that are selected, not typed: all except the search and the dates."""
        return tuple(name for name in self.filters.model_fields if name not in _TYPED)

    def is_yes_or_no(self, name: str) -> bool:
        """Return whether a filter is Boolean."""
        return bool in get_args(self.filters.model_fields[name].annotation)

    def longest(self, name: str) -> int:
        """Return the maximum length of a text filter, in characters; 0 for other filters."""
        filter_ = self.filters.model_fields[name]
        bounds = (getattr(mark, "max_length", 0) for mark in filter_.metadata)
        return max(bounds, default=0) if filter_.annotation is str else 0

    @property
    def csv_endpoint(self) -> str:
        """The endpoint of the list's file, such as calls.csv for calls.index.

        For billing.invoices it is billing.invoices_csv.
        """
        feature, page = self.endpoint.split(".")
        return f"{feature}.csv" if page == "index" else f"{feature}.{page}_csv"

    @property
    def sort_names(self) -> frozenset[str]:
        """The names of the list's sort orders."""
        return frozenset(sort.name for sort in self.sorts)

    def keeps_views_of(self, _actor: Actor) -> bool:
        """Return whether everyone who can open the list can save views of it."""
        return self.keeps_views

    def opened(self, actor: Actor) -> dict[str, list[str]]:
        """Return the default parameters of an address without any, as `Filters.parse` takes them."""
        return {name: [value] for name, value in self.opening(actor).items()} if self.opening else {}

    def read(self, query: str) -> tuple[Filters, str | None]:
        """Parse the filters and the sort of a query string.

        Raises ValidationFailed for unknown or invalid filters; the sort is not checked.
        """
        given = parse_qs(query)
        return self.filters.parse(given), given.get("sort", [None])[-1]
