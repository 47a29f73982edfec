"""The view model of a list page: rows, count, links to the next and previous page, and filter chips.

All of its state is in the address, so it can be shared, and the Back button works.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from flask import Response, request, url_for
from flask_babel import get_locale, ngettext, pgettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.caches import HashableDict, memoize
from app.db import paging
from app.db.filters import NOBODY, TEAM, Filters, parse_limit
from app.db.lists import ListQuery
from app.db.paging import Count, Page
from app.declarations.field import Offered
from app.declarations.listed import Listed
from app.declarations.registry import registry
from app.errors import FieldError, ValidationFailed
from app.errors import LazyText as Text
from app.lists.unseen_rows import MAX_NEW, UnseenRows, mark_unseen, record_look
from app.periods import LABELS as PERIOD_LABELS
from app.periods import PeriodName, Span, span_of
from app.security.actor import Actor, current_actor
from app.security.people import refuse_unknown_people
from app.web import formatting
from app.web.htmx import render_at
from app.web.labels import label
from app.web.render_context import current_render_context

_MAX_ADDRESSES = 5_000
#: A page shows the number of rows three times.
_MAX_COUNTS = 1_000
#: Number of candidates named if a typed name is ambiguous.
_NAMED = 5

#: The label of a filter, and the function that returns the label of a value.
ChipText = tuple[Text, Callable[[str], str]]
#: The same by name of the filter.
ChipTexts = Mapping[str, ChipText]

_A_YEAR = timedelta(days=365)

#: Filters that are shown together with another one, or not at all.
_SILENT = frozenset({"from", "to"})


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, in words, with the address of the list without it."""

    name: str
    label: str
    value: str
    remove_href: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The state of a list page around its rows, used as the cache key of the HTML there."""

    action: str
    clear_href: str
    filters: Filters
    chips: tuple[Chip, ...]
    labels: HashableDict[str, str]
    sort: str
    chosen_sort: str | None
    shows_pickers: bool = False

    @property
    def number_set(self) -> int:
        """The number of filters that are set, apart from the search, which is beside their button."""
        return sum(chip.name != "q" for chip in self.chips)

    @property
    def search(self) -> Mapping[str, str] | None:
        """The search field of the list for `filter_bar`; None if it can't be searched."""
        where = self.labels.get("q")
        return (
            None
            if where is None
            else {
                "name": "q",
                "value": self.filters.parameters().get("q", ""),
                "label": where,
                "placeholder": where,
            }
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """The context of a list's template."""

    endpoint: str
    page: Page[Any]
    count: Count
    filters: Filters
    chips: tuple[Chip, ...]
    #: Labels of its filters, by name.
    labels: HashableDict[str, str]
    newer: str | None
    older: str | None
    #: The canonical address of this page of the list.
    here: str
    csv: str | None
    sort: str
    #: The names of all sorts, the default first.
    sorts: Sequence[str]
    #: The requested sort; None for the default.
    chosen_sort: str | None
    #: The time range of its rows: the period, or the last year for all time; None if it has no period filter.
    times: Span | None = None
    #: The rows added since the user's last visit; None if there are none.
    unseen: UnseenRows | None = None

    @property
    def rows(self) -> Sequence[Any]:
        """The rows of this page."""
        return self.page.rows

    @property
    def frame(self) -> Frame:
        """The state of the page around the rows, as the cache key of HTML fragments."""
        listed = _listed_at(self.endpoint)
        return Frame(
            self.action,
            self.clear_href,
            self.filters,
            self.chips,
            self.labels,
            self.sort,
            self.chosen_sort,
            shows_pickers=listed is not None and listed.shows_pickers,
        )

    @property
    def searched_text(self) -> str | None:
        """The search words and the fields searched, in words; None without a search."""
        words = self.filters.parameters().get("q")
        return _("Searched for “%(words)s” in: %(where)s.", words=words, where=self.labels["q"]) if words else None

    @property
    def list_query(self) -> str:
        """The query that row links pass on, so that record pages can link to their neighbors in this list."""
        sort = {"sort": self.chosen_sort} if self.chosen_sort else {}
        return urlencode({**self.filters.parameters(), **sort})

    @property
    def action(self) -> str:
        """The address that the filter bar submits to."""
        return address(self.endpoint, {})

    @property
    def clear_href(self) -> str:
        """The address of the list without filters.

        If the list opens with filters by default, the address sets their sort, because the bare one would apply them
        again.
        """
        resource = registry().listed.get(self.endpoint)
        opened = resource.list_declared.opened(current_actor()) if resource is not None else {}
        return address(self.endpoint, {"sort": opened["sort"][0]}) if "sort" in opened else self.action

    @property
    def count_text(self) -> str:
        """The count, formatted: 1,284, or 10,000+ if counting stopped there."""
        locale = current_render_context().locale
        return f"{formatting.number(self.count.number, locale)}{'' if self.count.exact else '+'}"

    @property
    def counted(self) -> str:
        """The number of rows in words, such as "12 tasks"."""
        resource = registry().listed.get(self.endpoint)
        words = resource.words.counted if resource is not None else None
        return _counted(words or _rows_counted, self.count.number, self.count_text, current_render_context().locale)

    @property
    def is_long(self) -> bool:
        """True if the list has more rows than its file can have."""
        return self.count.number + (not self.count.exact) > paging.MAX_COUNTED


def _rows_counted(number: int, text: str) -> str:
    return str(ngettext("%(count)s row", "%(count)s rows", number, count=text))


@memoize(_MAX_COUNTS)
def _counted(words: Callable[[int, str], str], number: int, text: str, _locale: Locale) -> str:
    return str(words(number, text))


def show_list(query: ListQuery, endpoint: str, words: ChipTexts | Callable[[Sequence[Any]], ChipTexts]) -> Listing:
    """Return the page of `query` that the address asks for (`cursor`, `sort`, `count=exact`).

    `words` are the labels of the filters, or the function that returns them from the rows of the page. Raises
    InvalidCursor, ValidationFailed for an unknown sort, and NotFound for a person who is not in the organization.
    """
    actor = current_actor()
    refuse_unknown_people(query.filters, actor)
    asked = request_parameters()
    sort, cursor, count, limit = (asked.get(name, [None])[-1] for name in ("sort", "cursor", "count", "limit"))
    page = query.page(sort, cursor, None if limit is None else parse_limit(limit))
    listed = _listed_at(endpoint)
    since = record_look(actor, listed) if listed and listed.name in registry().lists else None
    total, new = query.total_and_new(page, since, MAX_NEW + 1, but_of=actor.user_id, exact=count == "exact")
    parameters = {
        **query.filters.parameters(),
        **({"sort": sort} if sort else {}),
        **({"count": count} if count else {}),
        **({"limit": limit} if limit else {}),
    }
    texts = words(page.rows) if callable(words) else words

    def href(cursor_text: str | None) -> str | None:
        return address(endpoint, {**parameters, "cursor": cursor_text}) if cursor_text else None

    return Listing(
        endpoint,
        page,
        total,
        query.filters,
        tuple(chips_of(query.filters, endpoint, texts, sort)),
        HashableDict({name: str(named) for name, (named, _value) in texts.items()}),
        newer=href(page.previous_cursor),
        older=href(page.next_cursor),
        here=href(cursor) or address(endpoint, parameters),
        csv=address(listed.csv_endpoint, parameters) if listed else None,
        sort=query.sort(sort).name,
        sorts=[known.name for known in query.sorts],
        chosen_sort=sort if sort and query.sort(sort) != query.sorts[0] else None,
        times=_times_of(query.filters, actor),
        unseen=mark_unseen(listed, since, new) if listed and since else None,
    )


def _times_of(filters: Filters, actor: Actor) -> Span | None:
    if not hasattr(filters, "period"):
        return None
    now = datetime.now(UTC)
    of_period: Any = filters
    return span_of(of_period, actor, now) or Span(now - _A_YEAR, now)


def words_of(kind: str) -> Callable[[str], str]:
    """Return the function that labels values of the enumeration named `kind` in a chip."""
    return lambda value: label(value, kind)


def name_among(choices: Sequence[Offered]) -> Callable[[str], str]:
    """Return the function that labels people in a chip by name; unknown ids are shown unchanged."""
    return lambda value: dict(people_options(choices)).get(value, value)


def as_options(choices: Sequence[Offered]) -> list[tuple[str, str]]:
    """Return the people of a picker as options of a select."""
    return [(str(choice.id), choice.name) for choice in choices]


def people_options(choices: Sequence[Offered]) -> list[tuple[str, str]]:
    """Return the people of a picker as options of a select, followed by "My team" and "Unassigned"."""
    return [*as_options(choices), (TEAM, _("My team")), (NOBODY, pgettext("assigned", "Unassigned"))]


def address(endpoint: str, parameters: Mapping[str, Any]) -> str:
    """Return the address of a page with these parameters."""
    told = [(name, tuple(value) if isinstance(value, list) else value) for name, value in parameters.items()]
    return _address(request.root_path, endpoint, tuple(told))


@memoize(_MAX_ADDRESSES)
def _address(_root: str, endpoint: str, parameters: tuple[tuple[str, Any], ...]) -> str:
    return url_for(endpoint, **dict(parameters))


def render_list(page: str, fragment: str, listing: Listing, **context: Any) -> Response:
    """Render the page of a list, or only its fragment for an HTMX request.

    After an HTMX request, the browser shows the canonical address.
    """
    return render_at(listing.here, page, fragment, listing=listing, **context)


def request_parameters() -> dict[str, list[str]]:
    """Return the request's parameters or, if it has none, those that its list opens with."""
    given = request.args
    listed = None if given else _listed_at(request.endpoint or "")
    if listed is None or listed.opening is None:
        return given.to_dict(flat=False)
    return listed.opened(current_actor())


def _listed_at(endpoint: str) -> Listed | None:
    resource = registry().listed.get(endpoint)
    return resource.listed if resource is not None else None


def given_parameters(**offered: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the parameters of the request, as `Filters.parse` takes them.

    `offered` are the options of pickers by name. With many options, the picker is a text input, and the typed text is
    matched with their labels; raises ValidationFailed if it is ambiguous.
    """
    given = request_parameters()
    for name, options in offered.items():
        typed = given.get(name, [""])[-1].strip()
        if typed and typed not in dict(options):
            given[name] = [_meant(name, typed, options)]
    return given


def _meant(name: str, typed: str, options: Sequence[tuple[str, str]]) -> str:
    """Return the value of the one matching option, or the typed text if there is none.

    Raises ValidationFailed if several options match.
    """
    found = matching(typed, options)
    if len(found) > 1:
        names = ", ".join(list(dict.fromkeys(found.values()))[:_NAMED])
        message = _l("“%(typed)s” matches several options: %(names)s. Type more of the name.", typed=typed, names=names)
        raise ValidationFailed([FieldError(name, message)])
    return next(iter(found), typed)


def matching(typed: str, options: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the options whose label is the typed text, ignoring case.

    Without any, those whose label starts with it are returned, and without any of those, the ones that contain it.
    """
    wanted = typed.casefold()
    for is_it in (str.__eq__, str.startswith, str.__contains__):
        found = {value: text for value, text in options if value and is_it(text.casefold(), wanted)}
        if found:
            return found
    return {}


def chips_of(filters: Filters, endpoint: str, words: Mapping[str, ChipText], sort: str | None = None) -> list[Chip]:
    """Return the active filters in words; filters without a label are left out."""
    given = filters.parameters()
    if _SILENT & given.keys():
        given = {"period": PeriodName.CUSTOM.value, **given}  # the days alone imply it
    chips = []
    for name, value in given.items():
        if name in _SILENT or (name not in words and name != "period"):
            continue
        gone = {name, *(_SILENT if name == "period" else ())}
        rest = {other: text for other, text in given.items() if other not in gone} | ({"sort": sort} if sort else {})
        named, shown = (_("Period"), _period_text(given)) if name == "period" else _worded(words[name], value)
        chips.append(Chip(name, named, shown, address(endpoint, rest)))
    return chips


def _worded(words: ChipText, value: str) -> tuple[str, str]:
    named, text_of = words
    return str(named), ", ".join(text_of(part) for part in value.split(","))


def _period_text(given: Mapping[str, str]) -> str:
    if given["period"] == PeriodName.CUSTOM:
        return _days_text(given.get("from"), given.get("to"), get_locale())
    return str(PERIOD_LABELS[PeriodName(given["period"])])


def _days_text(first: str | None, last: str | None, locale: Locale) -> str:
    """Return two days of an address as text; one can be missing."""
    if first and last and first <= last:
        return formatting.date_span(date.fromisoformat(first), date.fromisoformat(last), locale)
    ends = (formatting.long_date(date.fromisoformat(day), locale) if day else "" for day in (first, last))
    return " – ".join(ends).strip()
