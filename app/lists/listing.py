"""A list as a page shows it: rows, count, links to the neighbours, chips of its filters.

All of its state is in the address, so it can be shared, and Back works.
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

from app.db import paging
from app.db.filters import NOBODY, TEAM, Filters
from app.db.lists import ListQuery
from app.db.paging import Count, Page
from app.declarations.field import Offered
from app.declarations.listed import Listed
from app.declarations.registry import registry
from app.errors import FieldError, ValidationFailed
from app.errors import Sentence as Text
from app.kept import Values, kept
from app.lists.news import News, look_at
from app.periods import LABELS as PERIOD_LABELS
from app.periods import PeriodName, Span, span_of
from app.security.actor import Actor, current_actor
from app.security.people import refuse_unknown_people
from app.web import formatting
from app.web.htmx import render_at
from app.web.labels import label
from app.web.render_context import current_render_context

_MOST_ADDRESSES = 5_000
#: A page says three times how many rows there are.
_MOST_COUNTS = 1_000
#: So many are named where it is not clear who is meant.
_NAMED = 5

#: Words of a filter and of its value.
ChipText = tuple[Text, Callable[[str], str]]

_A_YEAR = timedelta(days=365)

#: Filters that are shown together with another, or not at all.
_SILENT = frozenset({"from", "to"})


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, in words, with the address of the list without it."""

    label: str
    value: str
    remove_href: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the rows and depends on none of them: a value, by which what is drawn of it is kept."""

    action: str
    clear_href: str
    filters: Filters
    chips: tuple[Chip, ...]
    labels: Values[str, str]
    sort: str
    chosen_sort: str | None

    @property
    def search(self) -> Mapping[str, str] | None:
        """The field of a list that is searched, as `filter_bar` draws it; None where it is not."""
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
    """What a list's template gets."""

    endpoint: str
    page: Page[Any]
    count: Count
    filters: Filters
    chips: tuple[Chip, ...]
    #: What its filters are called, by name.
    labels: Values[str, str]
    newer: str | None
    older: str | None
    #: The address of this page of it, as it was understood.
    here: str
    csv: str | None
    sort: str
    #: The names of all of its sorts, its own first.
    sorts: Sequence[str]
    #: The sort that was asked for; None where it is the list's own.
    chosen_sort: str | None
    #: From when to when its rows are: its period, or a year of all time; None where it has no period to choose.
    times: Span | None = None
    #: What of it is new since one last looked; None where nothing is.
    news: News | None = None

    @property
    def rows(self) -> Sequence[Any]:
        """The rows of this page."""
        return self.page.rows

    @property
    def frame(self) -> Frame:
        """What stands around its rows, as a value that fragments are kept by."""
        return Frame(self.action, self.clear_href, self.filters, self.chips, self.labels, self.sort, self.chosen_sort)

    @property
    def looked_for(self) -> str | None:
        """What was looked for, and in what; None where the list is not searched."""
        words = self.filters.parameters().get("q")
        return _("“%(words)s” was looked for in: %(where)s.", words=words, where=self.labels["q"]) if words else None

    @property
    def kept_query(self) -> str:
        """What its rows take along in their addresses, so that their pages lead on through the same list."""
        sort = {"sort": self.chosen_sort} if self.chosen_sort else {}
        return urlencode({**self.filters.parameters(), **sort})

    @property
    def action(self) -> str:
        """The address that its filter bar asks."""
        return address(self.endpoint, {})

    @property
    def clear_href(self) -> str:
        """The list without filters; where its bare address opens with some, the whole list by its sort."""
        resource = registry().listed.get(self.endpoint)
        opened = resource.list_declared.opened(current_actor()) if resource is not None else {}
        return address(self.endpoint, {"sort": opened["sort"][0]}) if "sort" in opened else self.action

    @property
    def count_text(self) -> str:
        """1,284, or 10,000+ where counting stopped, as the language writes figures."""
        locale = current_render_context().locale
        return f"{formatting.number(self.count.number, locale)}{'' if self.count.exact else '+'}"

    @property
    def counted(self) -> str:
        """12 tasks: how many rows there are, in words."""
        resource = registry().listed.get(self.endpoint)
        words = resource.words.counted if resource is not None else None
        return _counted(words or _rows_counted, self.count.number, self.count_text, current_render_context().locale)

    @property
    def is_long(self) -> bool:
        """Whether there are more rows than are given as a file at once, as far as they were counted."""
        return self.count.number + (not self.count.exact) > paging.MAX_COUNTED


def _rows_counted(number: int, text: str) -> str:
    return str(ngettext("%(count)s row", "%(count)s rows", number, count=text))


@kept(_MOST_COUNTS)
def _counted(words: Callable[[int, str], str], number: int, text: str, _locale: Locale) -> str:
    return str(words(number, text))


def show_list(query: ListQuery, endpoint: str, words: Mapping[str, ChipText]) -> Listing:
    """The page of `query` that the address asks for (`cursor`, `sort`, `count=exact`). `words` name the filters.

    Raises NotFound for a person who is not of the organization, as `list_file` does.
    """
    actor = current_actor()
    refuse_unknown_people(query.filters, actor)
    sort, cursor, count = (asked_parameters().get(name, [None])[-1] for name in ("sort", "cursor", "count"))
    page = query.page(sort, cursor)
    listed = _listed_at(endpoint)
    kept = {**query.filters.parameters(), **({"sort": sort} if sort else {}), **({"count": count} if count else {})}

    def href(cursor_text: str | None) -> str | None:
        return address(endpoint, {**kept, "cursor": cursor_text}) if cursor_text else None

    return Listing(
        endpoint,
        page,
        query.count_beside(page, exact=count == "exact"),
        query.filters,
        tuple(chips_of(query.filters, endpoint, words, sort)),
        Values({name: str(named) for name, (named, _value) in words.items()}),
        newer=href(page.previous_cursor),
        older=href(page.next_cursor),
        here=href(cursor) or address(endpoint, kept),
        csv=address(listed.csv_endpoint, kept) if listed else None,
        sort=query.sort(sort).name,
        sorts=[known.name for known in query.sorts],
        chosen_sort=sort if sort and query.sort(sort) != query.sorts[0] else None,
        times=_times_of(query.filters, actor),
        news=look_at(actor, listed, query, page) if listed and listed.name in registry().lists else None,
    )


def _times_of(filters: Filters, actor: Actor) -> Span | None:
    if not hasattr(filters, "period"):
        return None
    now = datetime.now(UTC)
    of_period: Any = filters
    return span_of(of_period, actor, now) or Span(now - _A_YEAR, now)


def words_of(kind: str) -> Callable[[str], str]:
    """How a chip shows values of the enumeration named `kind`."""
    return lambda value: label(value, kind)


def name_among(choices: Sequence[Offered]) -> Callable[[str], str]:
    """How a chip shows a person: by name; an id that is none of the choices is shown as it is."""
    return lambda value: dict(people_options(choices)).get(value, value)


def as_options(choices: Sequence[Offered]) -> list[tuple[str, str]]:
    """The people of a picker as values and words of a select."""
    return [(str(choice.id), choice.name) for choice in choices]


def people_options(choices: Sequence[Offered]) -> list[tuple[str, str]]:
    """The people of a picker as a select has them, with one's team and with nobody."""
    return [*as_options(choices), (TEAM, _("My team")), (NOBODY, pgettext("assigned", "Nobody"))]


def address(endpoint: str, parameters: Mapping[str, Any]) -> str:
    """The address of a page with these parameters."""
    told = [(name, tuple(value) if isinstance(value, list) else value) for name, value in parameters.items()]
    return _address(request.root_path, endpoint, tuple(told))


@kept(_MOST_ADDRESSES)
def _address(_root: str, endpoint: str, parameters: tuple[tuple[str, Any], ...]) -> str:
    return url_for(endpoint, **dict(parameters))


def render_list(page: str, fragment: str, listing: Listing, **context: Any) -> Response:
    """The page of a list, or its fragment for a swap: then the browser shows the address as it was understood."""
    return render_at(listing.here, page, fragment, listing=listing, **context)


def asked_parameters() -> dict[str, list[str]]:
    """The parameters of this request; of an address without any those that its list opens with."""
    listed = _listed_at(request.endpoint or "")
    if request.args or listed is None or listed.opening is None:
        return request.args.to_dict(flat=False)
    return listed.opened(current_actor())


def _listed_at(endpoint: str) -> Listed | None:
    resource = registry().listed.get(endpoint)
    return resource.listed if resource is not None else None


def given_parameters(**offered: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """The parameters of this request, as `Filters.parse` takes them.

    `offered` are the options of pickers by name. Of many the picker is a text field, and what was typed there is looked
    for among their words; raises ValidationFailed where several may be meant.
    """
    given = asked_parameters()
    for name, options in offered.items():
        typed = given.get(name, [""])[-1].strip()
        if typed and typed not in dict(options):
            given[name] = [_meant(name, typed, options)]
    return given


def _meant(name: str, typed: str, options: Sequence[tuple[str, str]]) -> str:
    """The value of the one option that is meant; what was typed where there is none."""
    found = matching(typed, options)
    if len(found) > 1:
        names = ", ".join(list(dict.fromkeys(found.values()))[:_NAMED])
        message = _l("“%(typed)s” may be one of several: %(names)s. Write more of it.", typed=typed, names=names)
        raise ValidationFailed([FieldError(name, message)])
    return next(iter(found), typed)


def matching(typed: str, options: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The options that are called so; where there is none those that begin so, else those that have it."""
    wanted = typed.casefold()
    for is_it in (str.__eq__, str.startswith, str.__contains__):
        found = {value: text for value, text in options if value and is_it(text.casefold(), wanted)}
        if found:
            return found
    return {}


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
        return _days_text(given.get("from"), given.get("to"), get_locale())
    return str(PERIOD_LABELS[PeriodName(given["period"])])


def _days_text(first: str | None, last: str | None, locale: Locale) -> str:
    """Two days as an address has them, in words; one may be missing."""
    if first and last and first <= last:
        return formatting.date_span(date.fromisoformat(first), date.fromisoformat(last), locale)
    ends = (formatting.long_date(date.fromisoformat(day), locale) if day else "" for day in (first, last))
    return " – ".join(ends).strip()
