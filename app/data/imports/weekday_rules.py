"""Weekdays before dates."""

import re

#: Beginnings of the names of weekdays, Monday first, in English, Russian and Uzbek.
_WEEKDAYS = (
    ("mon", "пн", "понед", "dush"),
    ("tue", "вт", "sesh"),
    ("wed", "ср", "chor"),  # noqa: RUF001 - Russian
    ("thu", "чт", "четв", "pay"),
    ("fri", "пт", "пятн", "jum"),
    ("sat", "сб", "субб", "shan"),  # noqa: RUF001 - Russian
    ("sun", "вс", "воскр", "yak"),
)
_WEEKDAY_NUMBERS = {beginning: number for number, beginnings in enumerate(_WEEKDAYS) for beginning in beginnings}
_WEEKDAY = re.compile(rf"(?P<weekday>{'|'.join(_WEEKDAY_NUMBERS)})[^\W\d_]*\.?,?\s+", re.IGNORECASE)


def without_weekday(text: str) -> str:
    """Remove a leading weekday from a date, as in `Tue, 17 Mar 2026`."""
    return text[match.end() :] if (match := _WEEKDAY.match(text)) else text


def weekday_of(text: str) -> int | None:
    """Return the weekday that a date begins with, 0 for Monday, or None: `Tue, 17 Mar 2026`."""
    match = _WEEKDAY.match(text)
    return _WEEKDAY_NUMBERS[match["weekday"].casefold()] if match else None
