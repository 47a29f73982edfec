"""A list as a page shows it: rows, count, links to the neighbours, chips of its filters.

All of its state is in the address, so it can be shared, and Back works.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from app.db import paging
from app.db.filters import NOBODY, TEAM, Filters
from app.db.lists import ListQuery
from app.db.paging import Count, Page
from app.errors import Sentence as Text
from app.lists.choices import Choice
from app.periods import LABELS as PERIOD_LABELS
from app.periods import PeriodName
from app.web.labels import label

#: Words of a filter and of its value.
ChipText = tuple[Text, Callable[[str], str]]

#: Filters that are shown together with another, or not at all.
_SILENT = frozenset({"from", "to"})


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, in words, with the address of the list without it."""

    label: str
    value: str
    remove_href: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list's template gets."""

    endpoint: str
    page: Page[Any]
    count: Count
    filters: Filters
    chips: Sequence[Chip]
    #: What its filters are called, by name.
    labels: Mapping[str, Text]
    newer: str | None
    older: str | None
    csv: str | None
    sort: str
    #: The names of all of its sorts, its own first.
    sorts: Sequence[str]
    #: The sort that was asked for; None where it is the list's own.
    chosen_sort: str | None

    @property
    def rows(self) -> Sequence[Any]:
        """The rows of this page."""
        return self.page.rows

    @property
    def clear_href(self) -> str:
        """The list without filters."""
        return url_for(self.endpoint)

    @property
    def count_text(self) -> str:
        """1,284, or 10,000+ where counting stopped."""
        number = f"{self.count.number:,}"
        return number if self.count.exact else f"{paging.MAX_COUNTED:,}+"

    @property
    def is_long(self) -> bool:
        """Whether there are more rows than are counted, and given as a file at once."""
        return not self.count.exact or self.count.number > paging.MAX_COUNTED

    def sort_href(self, name: str) -> str:
        """The list sorted otherwise, from its beginning."""
        return address(self.endpoint, {**self.filters.parameters(), "sort": name})


def show_list(
    query: ListQuery, endpoint: str, words: Mapping[str, ChipText], *, csv_endpoint: str | None = None
) -> Listing:
    """The page of `query` that the address asks for (`cursor`, `sort`, `count=exact`). `words` name the filters."""
    sort, cursor, count = (request.args.get(name) for name in ("sort", "cursor", "count"))
    page = query.page(sort, cursor)
    kept = {**query.filters.parameters(), **({"sort": sort} if sort else {}), **({"count": count} if count else {})}

    def href(cursor_text: str | None) -> str | None:
        return address(endpoint, {**kept, "cursor": cursor_text}) if cursor_text else None

    return Listing(
        endpoint,
        page,
        query.count(exact=count == "exact"),
        query.filters,
        chips_of(query.filters, endpoint, words, sort),
        {name: named for name, (named, _value) in words.items()},
        newer=href(page.previous_cursor),
        older=href(page.next_cursor),
        csv=address(csv_endpoint, kept) if csv_endpoint else None,
        sort=query.sort(sort).name,
        sorts=[known.name for known in query.sorts],
        chosen_sort=sort if sort and query.sort(sort) != query.sorts[0] else None,
    )


def words_of(kind: str) -> Callable[[str], str]:
    """How a chip shows values of the enumeration named `kind`."""
    return lambda value: label(value, kind)


def name_among(choices: Sequence[Choice]) -> Callable[[str], str]:
    """How a chip shows a person: by name; an id that is none of the choices is shown as it is."""
    names = dict(people_options(choices))
    return lambda value: names.get(value, value)


def as_options(choices: Sequence[Choice]) -> list[tuple[str, str]]:
    """The people of a picker as values and words of a select."""
    return [(str(choice.id), choice.name) for choice in choices]


def people_options(choices: Sequence[Choice]) -> list[tuple[str, str]]:
    """The people of a picker as a select has them, with one's team and with nobody."""
    return [*as_options(choices), (TEAM, _("My team")), (NOBODY, _("Nobody"))]


def address(endpoint: str, parameters: Mapping[str, Any]) -> str:
    """The address of a page with these parameters."""
    return url_for(endpoint, **parameters)


def asked_address(endpoint: str) -> str:
    """The address of the list that this request asks for. A form sends what was not chosen too; that is left out."""
    return address(endpoint, {name: value for name, value in request.args.items() if value})


def given_parameters() -> dict[str, list[str]]:
    """The parameters of this request, as `Filters.parse` takes them."""
    return request.args.to_dict(flat=False)


def chips_of(filters: Filters, endpoint: str, words: Mapping[str, ChipText], sort: str | None = None) -> list[Chip]:
    """What `filters` keep, in words; filters without words are not told."""
    given = filters.parameters()
    if _SILENT & given.keys():
        given = {"period": PeriodName.CUSTOM.value, **given}  # days say what they are without it
    chips = []
    for name, value in given.items():
        if name in _SILENT or (name not in words and name != "period"):
            continue
        gone = {name, *(_SILENT if name == "period" else ())}
        rest = {other: text for other, text in given.items() if other not in gone} | ({"sort": sort} if sort else {})
        named, shown = (_("Period"), _period_text(given)) if name == "period" else _worded(words[name], value)
        chips.append(Chip(named, shown, address(endpoint, rest)))
    return chips


def _worded(words: ChipText, value: str) -> tuple[str, str]:
    named, text_of = words
    return str(named), ", ".join(text_of(part) for part in value.split(","))


def _period_text(given: Mapping[str, str]) -> str:
    if given["period"] == PeriodName.CUSTOM:
        return f"{given.get('from', '')} – {given.get('to', '')}"
    return str(PERIOD_LABELS[PeriodName(given["period"])])
