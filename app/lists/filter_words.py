"""The words of a list's filters, for pickers and chips: those of the field of the same name, else the list's own."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache

from babel import Locale
from flask_babel import get_locale

from app.db.filters import Filters
from app.declarations.field import Choice
from app.declarations.listed import Listed
from app.declarations.resource import Resource
from app.errors import Sentence
from app.lists.listing import ChipText, words_of
from app.web.labels import yes_or_no


def filter_label(resource: Resource, listed: Listed, name: str) -> Sentence:
    """What a filter is called. Raises KeyError for one that has no words: a test finds it."""
    return listed.filter_words[name] if name in listed.filter_words else resource.field(name).label


def choices_of(resource: Resource, name: str) -> type[StrEnum] | None:
    """The enumeration that a filter chooses from, by the field of its name."""
    kind = resource.kind_of(name)
    return kind.kind if isinstance(kind, Choice) else None


def chip_words(
    resource: Resource, listed: Listed, own: Mapping[str, Callable[[str], str]] | None = None
) -> dict[str, ChipText]:
    """The words of each filter and of its values; `own` are those that depend on who looks."""
    known = _words(resource, listed, get_locale())
    return {**known, **{name: (known[name][0], text_of) for name, text_of in own.items()}} if own else dict(known)


@cache
def _words(resource: Resource, listed: Listed, _locale: Locale) -> dict[str, ChipText]:
    return {
        name: (str(filter_label(resource, listed, name)), _values(resource, listed, name))
        for name in _told(listed.filters)
    }


def _values(resource: Resource, listed: Listed, name: str) -> Callable[[str], str]:
    kind = choices_of(resource, name)
    if kind is not None:
        return words_of(kind.__name__)
    return yes_or_no if listed.is_yes_or_no(name) else str


@cache
def _told(filters: type[Filters]) -> tuple[str, ...]:
    """The filters that a chip tells of; the period has words of its own."""
    return tuple(name for name in filters.model_fields if name not in ("period", "first_day", "last_day"))
