"""Parsing of days and times of day as people write them in English, Russian or Uzbek."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.lists.choices import Choice
from app.work.tasks import quick_add_word_rules as words

_DAYS_OF_A_WEEK = 7
_FIRST_YEAR, _LAST_YEAR = 2000, 2199
_NOON = 12
#: Up to this hour, "at 3" means the afternoon, since no one works at 3 a.m.
_LAST_HOUR_OF_AFTERNOON = 6
#: Larger numbers aren't read as a time from now.
_MOST = {"minute": 1000, "hour": 200, "day": 1000, "week": 150}


@dataclass(frozen=True, slots=True)
class Reader:
    """Context in which a line is read: language, time, time zone, and people who can be assigned tasks."""

    language: str
    now: datetime
    zone: ZoneInfo
    me: Choice | None
    people: Sequence[Choice] = ()


class When(NamedTuple):
    """The day, time of day or moment that was read.

    With `is_plain`, the day could be an ordinary word unless it ends the line.
    """

    day: date | None = None
    hour: time | None = None
    moment: datetime | None = None
    is_plain: bool = False


def at_clock(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """Return a local day and time as UTC.

    A time skipped by the change to daylight saving time is shifted forward by the gap.
    """
    return datetime.combine(day, hour, zone).astimezone(UTC)


# Meaning of each kind of expression: gets the match, what was read before it, and the reader. Returns None if it isn't
# a day or a time after all.

_Meaning = Callable[["re.Match[str]", When, Reader], "When | None"]


def _today(reader: Reader) -> date:
    return reader.now.astimezone(reader.zone).date()


def _named_day(found: "re.Match[str]", _said: When, reader: Reader) -> When:
    return When(_today(reader) + timedelta(days=words.DAYS[found["day"]]))


def _weekday(found: "re.Match[str]", _said: When, reader: Reader) -> When:
    """Return the next date after today on this weekday or, with "next", the one in the next week."""
    today, wanted = _today(reader), words.WEEKDAYS[found["weekday"]]
    ahead = (wanted - today.weekday()) % _DAYS_OF_A_WEEK or _DAYS_OF_A_WEEK
    if found["next"]:
        ahead = _DAYS_OF_A_WEEK - today.weekday() + wanted
    return When(today + timedelta(days=ahead), is_plain=not (found["next"] or found["before"] or found["behind"]))


def _next_week(_found: "re.Match[str]", _said: When, reader: Reader) -> When:
    today = _today(reader)
    return When(today + timedelta(days=_DAYS_OF_A_WEEK - today.weekday()))


def _day_of_month(found: "re.Match[str]", _said: When, reader: Reader) -> When | None:
    return _date(reader, int(found["day"]), words.MONTHS[found["month"]], found["year"])


def _numbers(found: "re.Match[str]", _said: When, reader: Reader) -> When | None:
    day, month = int(found["day"]), int(found["month"])
    return _date(reader, day, month, found["year"])


def _slashed(found: "re.Match[str]", _said: When, reader: Reader) -> When | None:
    """Return a date written with slashes: month first in English, day first otherwise.

    "1/2" alone isn't a date.
    """
    first, second = found["first"], found["second"]
    if not found["year"] and not found["before"] and len(first + second) < len("0102"):
        return None
    month, day = (first, second) if reader.language == "en" else (second, first)
    return _date(reader, int(day), int(month), found["year"])


def _date(reader: Reader, day: int, month: int, year: str | None) -> When | None:
    """Return a date, or None if it doesn't exist or its year is out of range.

    Without a year, it is this year's date, or next year's if that has passed.
    """
    today = _today(reader)
    try:
        if year:
            number = int(year) if len(year) > len("26") else 2000 + int(year)
            return When(date(number, month, day)) if _FIRST_YEAR <= number <= _LAST_YEAR else None
        found = date(today.year, month, day)
        return When(found if found >= today else date(today.year + 1, month, day))
    except ValueError:
        return None


def _from_now(found: "re.Match[str]", _said: When, reader: Reader) -> When | None:
    typed = found["number"] or "one"
    number = words.NUMBERS[typed] if typed in words.NUMBERS else int(typed)
    return _ahead(number, words.UNITS[found["unit"]], reader)


def _half_an_hour(_found: "re.Match[str]", _said: When, reader: Reader) -> When | None:
    return _ahead(30, "minute", reader)


def _ahead(number: int, unit: str, reader: Reader) -> When | None:
    if number > _MOST[unit]:
        return None
    if unit in ("minute", "hour"):
        # Elapsed time, regardless of daylight saving changes in between.
        passing = timedelta(minutes=number) if unit == "minute" else timedelta(hours=number)
        return When(moment=(reader.now.astimezone(UTC) + passing).replace(second=0, microsecond=0))
    return When(_today(reader) + timedelta(days=number * (_DAYS_OF_A_WEEK if unit == "week" else 1)))


def _clock(found: "re.Match[str]", _said: When, reader: Reader) -> When | None:
    """Return the time of "15:00" or "3:30 pm"; in English, 3:30 is in the afternoon."""
    typed, half = found["hour"], found["half"]
    is_short = reader.language == "en" and not typed.startswith("0")
    return _hour(int(typed), int(found["minute"]), half, is_afternoon=is_short)


def _hour_alone(found: "re.Match[str]", said: When, _reader: Reader) -> When | None:
    """Return the time of "3pm" or "at 9"; a bare number counts only after a day."""
    if not (found["before"] or found["half"] or said.day is not None):
        return None
    return _hour(int(found["hour"]), 0, found["half"], is_afternoon=True)


#: The half of the day that each word stands for.
_HALVES: Mapping[str, str] = {
    "am": "am", "a.m.": "am", "утра": "am", "pm": "pm", "p.m.": "pm", "дня": "pm", "вечера": "pm",
}  # fmt: skip


def _hour(hour: int, minute: int, half: str | None, *, is_afternoon: bool) -> When | None:
    which = _HALVES.get((half or "").strip())
    if which is not None:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if which == "pm" else 0)
    elif is_afternoon and 1 <= hour <= _LAST_HOUR_OF_AFTERNOON:
        hour += _NOON
    try:
        return When(hour=time(hour, minute))
    except ValueError:
        return None


def _part(found: "re.Match[str]", said: When, reader: Reader) -> When | None:
    word = found["part"]
    if word in words.PARTS_OF_A_DAY:
        return When(hour=time(words.PARTS_OF_A_DAY[word])) if said.day is not None else None
    is_today = word.startswith("this") or word in ("tonight", "eod")
    return When(_today(reader) if is_today and said.day is None else None, time(words.PARTS[word]))


_ON = r"(?P<before>on |by |this |в |во |к |до |на )?"
_AT = r"(?P<before>at |by |@ ?|в |к |до |soat |soat: )?"
_END = r"(?=[ ,]|$)"
_UZ = r"(?: ?(?:da|ga|gacha))?"
_YEAR = r"(?P<year>\d{4})?"


def _item(pattern: str, meaning: _Meaning) -> "tuple[re.Pattern[str], _Meaning]":
    return re.compile(pattern + _END), meaning


_MONTH = rf"(?P<month>{words.any_of(words.MONTHS)})"
_UNIT = rf"(?P<unit>{words.any_of(words.UNITS)})"
_NUMBER = rf"(?:(?P<number>\d{{1,4}}|{words.any_of(words.NUMBERS)}) )?"

ITEMS = (
    _item(rf"(?:on |by |на |до |к )?(?P<day>{words.any_of(words.DAYS)})(?:gacha)?", _named_day),
    _item(
        rf"{_ON}(?P<next>next |следующий |следующую |следующее |следующей |keyingi |kelasi )?"
        rf"(?P<weekday>{words.any_of(words.WEEKDAYS)})(?P<behind> kuni|gacha| kunigacha)?",
        _weekday,
    ),
    _item(words.any_of(words.NEXT_WEEK), _next_week),
    _item(rf"{_ON}{_MONTH}\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? {_YEAR})?", _day_of_month),
    _item(rf"{_ON}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: |-){_MONTH}(?: kuni|gacha|da)?(?:,? {_YEAR})?", _day_of_month),
    _item(rf"{_ON}(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})", _numbers),
    _item(rf"{_ON}(?P<day>\d{{1,2}})\.(?P<month>\d{{2}})(?:\.(?P<year>\d{{4}}|\d{{2}}))?", _numbers),
    _item(rf"{_ON}(?P<first>\d{{1,2}})/(?P<second>\d{{1,2}})(?:/(?P<year>\d{{4}}|\d{{2}}))?", _slashed),
    _item(r"in half an hour|через полчаса|yarim soatdan (?:keyin|so'ng)", _half_an_hour),
    _item(rf"in {_NUMBER}{_UNIT}", _from_now),
    _item(rf"через {_NUMBER}{_UNIT}", _from_now),
    _item(rf"{_NUMBER}{_UNIT} (?:keyin|so'ng)", _from_now),
    _item(rf"{_AT}(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?P<half> ?(?:{words.any_of(_HALVES)}))?{_UZ}", _clock),
    _item(rf"(?P<part>{words.any_of([*words.PARTS, *words.PARTS_OF_A_DAY])})", _part),
    _item(rf"{_AT}(?P<hour>\d{{1,2}})(?P<half> ?(?:{words.any_of(_HALVES)}))?{_UZ}", _hour_alone),
)
