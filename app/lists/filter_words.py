"""Labels of a list's filters, for pickers and chips: the list's own or those of its fields."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache

from babel import Locale
from flask_babel import get_locale

from app.db.filters import Filters
from app.declarations.field import Choice
from app.declarations.listed import Listed
from app.declarations.resource import Resource
from app.errors import LazyText
from app.lists.listing import ChipText, words_of
from app.web.labels import flag_label


def filter_label(resource: Resource, listed: Listed, name: str) -> LazyText:
    """Return the label of a filter.

    Raises KeyError for a filter without one, which a test catches.
    """
    return listed.filter_words[name] if name in listed.filter_words else resource.field(name).label


def choices_of(resource: Resource, name: str) -> type[StrEnum] | None:
    """Return the enumeration that a filter chooses from, by the field of the same name; None without one."""
    kind = resource.kind_of(name)
    return kind.kind if isinstance(kind, Choice) else None


def chip_words(
    resource: Resource, listed: Listed, own: Mapping[str, Callable[[str], str]] | None = None
) -> dict[str, ChipText]:
    """Return the label of each filter that has a chip, and a function that labels its values.

    `own` has such functions by filter name; they replace the default ones, as for people or hours.
    """
    known = _words(resource, listed, get_locale())
    return {**known, **{name: (known[name][0], text_of) for name, text_of in own.items()}} if own else dict(known)


@cache
def _words(resource: Resource, listed: Listed, _locale: Locale) -> dict[str, ChipText]:
    return {
        name: (str(filter_label(resource, listed, name)), _values(resource, listed, name))
        for name in _chip_filters(listed.filters)
    }


def _values(resource: Resource, listed: Listed, name: str) -> Callable[[str], str]:
    kind = choices_of(resource, name)
    if kind is not None:
        return words_of(kind.__name__)
    return flag_label if listed.is_yes_or_no(name) else str


@cache
def _chip_filters(filters: type[Filters]) -> tuple[str, ...]:
    """Return the names of the filters that have a chip; the period is handled separately."""
    return tuple(name for name in filters.model_fields if name not in ("period", "first_day", "last_day"))
