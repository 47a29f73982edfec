"""The words for stored values: `missed` is shown as "Missed"."""

from datetime import time
from enum import StrEnum
from functools import cache

from babel import Locale
from babel.dates import get_day_names
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from app.errors import Sentence as Text
from app.web.formatting import UNKNOWN, clock
from app.web.value_words import LABELS, OBJECTIONS, STAGES

#: What a template calls them: {{ call.status|label("CallStatus") }}
_BY_NAME = {kind.__name__: words for kind, words in LABELS.items()}


def label(value: str | None, kind: str) -> str:
    """The words for a value of the enumeration named `kind`; a dash for None."""
    return label_in(get_locale(), value, kind)


def label_in(locale: Locale, value: str | None, kind: str) -> str:
    """The words for a value in this language, for those who know which it is."""
    return UNKNOWN if value is None else _words(kind, locale)[value]


def weekday_label(weekday: int, *, short: bool = False) -> str:
    """1 is Monday, 7 Sunday."""
    return str(get_day_names("abbreviated" if short else "wide", locale=get_locale())[weekday - 1])


def hour_label(hour: int) -> str:
    """An hour of the day, 0 to 23, as the clock shows it."""
    return clock(time(hour), get_locale())


def yes_or_no(value: str) -> str:
    """The words for a yes/no filter."""
    return said_of(is_so=value == "yes")


def said_of(*, is_so: bool) -> str:
    """The words for what is so or not."""
    return str(_("Yes") if is_so else _("No"))


def objection_label(category: str) -> str:
    """The words for a category of objection."""
    return _known_words(OBJECTIONS, category)


def stage_label(stage: str) -> str:
    """The words for a step of the call guide."""
    return _known_words(STAGES, stage)


def options(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """Values and words of an enumeration, in its order, for a select."""
    return list(_words(kind.__name__, get_locale()).items())


@cache
def _words(kind: str, locale: Locale) -> dict[str, str]:
    """Kept: in a list of 50 calls, translating each word anew took 2 of the page's 23 ms."""
    with force_locale(locale):
        return {value: str(words) for value, words in _BY_NAME[kind].items()}


def _known_words(words: dict[str, Text], name: str) -> str:
    known = words.get(name)
    return str(known) if known else name.replace("_", " ").capitalize()
