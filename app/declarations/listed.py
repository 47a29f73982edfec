"""The list of a resource: its page, its filters, its query and its sorts."""

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
from app.errors import Sentence
from app.security.actor import Actor
from app.security.permissions import Permission

_TYPED = frozenset({"q", "period", "first_day", "last_day"})
#: The usual labels of the two days of a period.
FROM_TO = (_l("From"), _l("To"))

#: A value of a picker and its words.
Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows of a list that belong together, under a head; a folded one is opened by whoever wants to see it."""

    label: Sentence
    is_folded: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """The groups into which the rows of a list fall as it is sorted by `sort`: each is one stretch of that order.

    `group_of` takes a row and the moment on the organization's clocks; `is_for` the filters with which that holds.
    """

    sort: str
    group_of: Callable[[Any, datetime], RowGroup]
    is_for: Callable[[Any], bool]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listed:
    """What a page, its file, a saved view, a bulk change and a number's link all ask.

    `name` is what stored views call the list; `filter_words` are those of filters that are no field. Each filter beside
    the search and the days is among the `pickers`, which the bar offers in this order, or `linked`: only links lead to
    it, such as that of a number. A picker draws itself from the filter's type and the field of its name: `also_offered`
    are values before those of an enumeration, `offered` says what a picker offers that no field knows, and the page
    draws `own_pickers` itself. `bar_label` is what the bar is called, `days` what it calls the two days of its period;
    a list without a `bar_label` has a bar of its own.

    Without `keeps_views` no filters of it are kept under a name, without `has_column_choice` everybody sees all of its
    columns.
    `exported` is what the audit trail calls it when somebody takes rows of it as a file. `opening` are the parameters
    of an address without any: what one comes for. Without the filters of it the address has its sort left, and the list
    is whole. `groups` are heads between its rows.
    """

    name: str
    label: Sentence
    endpoint: str
    permission: Permission
    filters: type[Filters]
    query: Callable[[Actor, Any], ListQuery]
    sorts: tuple[Sort, ...]
    filter_words: Mapping[str, Sentence] = field(default_factory=dict)
    bar_label: Sentence | None = None
    pickers: tuple[str, ...] = ()
    own_pickers: tuple[str, ...] = ()
    also_offered: Mapping[str, tuple[tuple[str, Sentence], ...]] = field(default_factory=dict)
    offered: Mapping[str, Callable[[Actor], Sequence[Option]]] = field(default_factory=dict)
    days: tuple[Sentence, Sentence] | None = None
    linked: tuple[str, ...] = ()
    has_column_choice: bool = True
    keeps_views: bool = True
    opening: Callable[[Actor], Mapping[str, str]] | None = None
    exported: Action = Action.LIST_EXPORTED
    groups: Grouping | None = None

    @property
    def chosen(self) -> tuple[str, ...]:
        """The filters that are not typed: all but the search and the days."""
        return tuple(name for name in self.filters.model_fields if name not in _TYPED)

    def is_yes_or_no(self, name: str) -> bool:
        """Return True for a filter that is yes or no."""
        return bool in get_args(self.filters.model_fields[name].annotation)

    def longest(self, name: str) -> int:
        """Return the longest text that a filter takes, in characters; 0 for a filter that is no text."""
        filter_ = self.filters.model_fields[name]
        bounds = (getattr(mark, "max_length", 0) for mark in filter_.metadata)
        return max(bounds, default=0) if filter_.annotation is str else 0

    @property
    def csv_endpoint(self) -> str:
        """The endpoint of its file: calls.csv of calls.index, billing.invoices_csv of billing.invoices."""
        feature, page = self.endpoint.split(".")
        return f"{feature}.csv" if page == "index" else f"{feature}.{page}_csv"

    @property
    def sort_names(self) -> frozenset[str]:
        """By what it can be sorted."""
        return frozenset(sort.name for sort in self.sorts)

    def keeps_views_of(self, _actor: Actor) -> bool:
        """Whether views of it are kept: whoever may open it keeps them."""
        return self.keeps_views

    def opened(self, actor: Actor) -> dict[str, list[str]]:
        """The parameters of an address without any, as `Filters.parse` takes them."""
        return {name: [value] for name, value in self.opening(actor).items()} if self.opening else {}

    def read(self, query: str) -> tuple[Filters, str | None]:
        """Filters and sort of a query string; raises ValidationFailed for what the list does not know."""
        given = parse_qs(query)
        return self.filters.parse(given), given.get("sort", [None])[-1]
