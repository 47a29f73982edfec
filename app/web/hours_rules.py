"""Rules of opening hours as typed: a few spans for each weekday, without overlaps.

The database enforces the same rule (`are_business_hours`); this module reports which line is wrong, and why.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from app.errors import LazyText

WEEKDAYS = {
    "monday": _l("Monday"),
    "tuesday": _l("Tuesday"),
    "wednesday": _l("Wednesday"),
    "thursday": _l("Thursday"),
    "friday": _l("Friday"),
    "saturday": _l("Saturday"),
    "sunday": _l("Sunday"),
}

#: Maximum number of lines per weekday; more are never needed.
MAX_LINES = 6

MIDNIGHT = "00:00"
#: Stored form of the end of a day; a clock shows it as midnight.
END_OF_DAY = "24:00"

_CLOCK = re.compile(r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)")


class Span(NamedTuple):
    """Opening time from `opens` to `closes`, as HH:MM.

    `closes` is after `opens` and at most 24:00.
    """

    opens: str
    closes: str


class Spans(tuple[Span, ...]):
    """Opening times of one weekday, earliest first; empty if closed."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(f"{span.opens}–{span.closes}" for span in self)


class Checked(NamedTuple):
    """Parsed lines of one weekday: `spans` if all are valid, else the errors by line."""

    spans: Spans
    wrong: Mapping[int, LazyText]


def by_weekday(hours: Mapping[str, Any]) -> dict[str, Spans]:
    """Convert stored hours to spans for every weekday."""
    return {day: Spans(sorted(Span(*span) for span in hours.get(day, ()))) for day in WEEKDAYS}


def to_store(days: Mapping[str, Spans]) -> dict[str, list[list[str]]]:
    """Convert hours to their stored form, which omits weekdays without spans."""
    return {day: [list(span) for span in days[day]] for day in WEEKDAYS if days[day]}


def check_lines(lines: Sequence[tuple[str, str]]) -> Checked:
    """Parse the typed lines of one weekday; blank lines are ignored."""
    wrong: dict[int, LazyText] = {}
    read: list[tuple[Span, int]] = []
    for number, (opens, closes) in enumerate(lines):
        if not opens and not closes:
            continue
        begin, end = _clock(opens), _closing(closes)
        if begin is None or end is None:
            wrong[number] = _l("Enter both times, or leave both empty.")
        elif begin >= end:
            wrong[number] = _l("The end must be after the start.")
        else:
            read.append((Span(begin, end), number))
    read.sort()
    wrong |= _overlaps(read)
    return Checked(Spans() if wrong else Spans(span for span, _number in read), wrong)


def _closing(text: str) -> str | None:
    """Parse the end of a span; midnight means the end of the day. Returns None for text that is no time."""
    return END_OF_DAY if text.strip() in (END_OF_DAY, MIDNIGHT) else _clock(text)


def _clock(text: str) -> str | None:
    match = _CLOCK.fullmatch(text.strip())
    return f"{int(match['hour']):02}:{match['minute']}" if match else None


def _overlaps(read: Sequence[tuple[Span, int]]) -> dict[int, LazyText]:
    """Return an error for each line that begins before an earlier one has ended."""
    found: dict[int, LazyText] = {}
    latest: Span | None = None
    for span, number in read:
        if latest is not None and span.opens < latest.closes:
            found[number] = _l(
                "These hours overlap with %(opens)s–%(closes)s. Change one of the two.",
                opens=latest.opens,
                closes=latest.closes,
            )
        if latest is None or span.closes > latest.closes:
            latest = span
    return found
