"""The request of a list page: its filters, their labels, and the pickers of its filter bar.

A picker is built from the filter's type and the field of the same name: an enumeration, a person, yes or no, or text.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _

from app.caches import memoize
from app.db.filters import NAMES_PERSON
from app.declarations.field import Choice, Person
from app.declarations.listed import Listed, Option
from app.declarations.resource import Resource
from app.lists.filter_words import chip_words, filter_label
from app.lists.listing import ChipText, given_parameters, people_options
from app.security.actor import Actor, current_actor
from app.web.labels import options, yes_or_no

#: Maximum number of cached combinations of list, offers and language.
_MAX_CACHED = 1_000

Offers = tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Picker:
    """A select of the filter bar, with "" for any value; or a text input of at most `longest` characters."""

    name: str
    label: str
    options: Offers
    longest: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Bar:
    """The filter bar of a list; one object per set of options, which is the cache key of its HTML.

    `opens_sorted` means that the list opens with a sort in its filters, so the bar always submits it too.
    """

    label: str
    pickers: tuple[Picker, ...]
    days: tuple[str, str] | None
    opens_sorted: bool

    def picker(self, name: str) -> Picker:
        """Return the picker of the filter `name`. Raises StopIteration if there is none."""
        return next(one for one in self.pickers if one.name == name)


@dataclass(frozen=True, slots=True)
class AppliedFilters:
    """The filters of an address, their labels for chips, and the filter bar."""

    filters: Any
    words: dict[str, ChipText]
    bar: Bar


def applied_filters(
    resource: Resource,
    *,
    given: Mapping[str, list[str]] | None = None,
    words: Mapping[str, Callable[[str], str]] | None = None,
    without: str | None = None,
) -> AppliedFilters:
    """Parse the filters of the request for the list of `resource`, or those of `given`.

    `words` override the labels of chips. `without` is the filter that a board has no use for, because its columns are
    the values of that filter: it has no picker, and its value is ignored. Raises ValidationFailed.
    """
    actor, listed = current_actor(), resource.list_declared
    offered = dict(_offered(resource, listed, actor))
    filters = listed.filters.parse(given_parameters(**offered) if given is None else given)
    if without is not None:
        filters = filters.model_copy(update={without: listed.filters.model_fields[without].default})
    pickers = tuple(name for name in listed.pickers if name != without)
    return AppliedFilters(
        filters=filters,
        words=chip_words(resource, listed, {**_words_of(offered), **(words or {})}),
        bar=_bar(resource, pickers, tuple(offered.items()), "sort" in listed.opened(actor), get_locale()),
    )


def words_of_filters(resource: Resource, actor: Actor) -> dict[str, ChipText]:
    """Return the labels of the filters of `resource`, and of their values as offered to `actor`."""
    listed = resource.list_declared
    return chip_words(resource, listed, _words_of(dict(_offered(resource, listed, actor))))


def _words_of(offered: Mapping[str, Offers]) -> dict[str, Callable[[str], str]]:
    return {name: _among(found) for name, found in offered.items()}


def _offered(resource: Resource, listed: Listed, actor: Actor) -> Iterator[tuple[str, Offers]]:
    """Yield the name and the options of each picker whose options depend on the reader."""
    for name in (*listed.pickers, *listed.linked):
        kind = resource.kind_of(name)
        if name in listed.offered:
            yield name, tuple(listed.offered[name](actor))
        elif isinstance(kind, Person):
            yield name, tuple(people_options(kind.offered(actor)))


def _among(found: Offers) -> Callable[[str], str]:
    """Return a function that labels a value by these options; other values are returned unchanged."""
    return lambda value: dict(found).get(value, value)


@memoize(_MAX_CACHED)
def _bar(
    resource: Resource,
    names: tuple[str, ...],
    offered: tuple[tuple[str, Offers], ...],
    opens_sorted: bool,
    _locale: Locale,
) -> Bar:
    listed = resource.list_declared
    pickers = tuple(_picker(resource, listed, name, dict(offered)) for name in names)
    days = (str(listed.days[0]), str(listed.days[1])) if listed.days else None
    return Bar(str(listed.bar_label), pickers, days, opens_sorted)


def _picker(resource: Resource, listed: Listed, name: str, offered: Mapping[str, Offers]) -> Picker:
    label = str(filter_label(resource, listed, name))
    if name not in offered and (longest := listed.longest(name)):
        return Picker(name, label, (), longest)
    return Picker(name, label, (*_any_of(listed, name), *_values(resource, listed, name, offered)))


def _any_of(listed: Listed, name: str) -> Offers:
    """Return the option for any value; empty for a filter that always has a value."""
    filter_ = listed.filters.model_fields[name]
    if filter_.default not in (None, "", ()):
        return ()
    return (("", _("Anyone") if NAMES_PERSON in filter_.metadata else _("Any")),)


def _values(resource: Resource, listed: Listed, name: str, offered: Mapping[str, Offers]) -> Sequence[Option]:
    kind = resource.kind_of(name)
    also = [(value, str(words)) for value, words in listed.also_offered.get(name, ())]
    if name in offered:
        return [*also, *offered[name]]
    if isinstance(kind, Choice):
        return [*also, *options(kind.kind)]
    return [("yes", yes_or_no(is_so=True)), ("no", yes_or_no(is_so=False))] if listed.is_yes_or_no(name) else []
