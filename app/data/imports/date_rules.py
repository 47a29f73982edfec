"""Parsers for the dates and times of day of a file."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import product
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from babel.dates import get_month_names
from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value
from app.data.imports.weekday_rules import without_weekday

T = TypeVar("T")

DEFAULT_DATE_FORMATS = ("YYYY-MM-DD",)
DEFAULT_TIME_FORMATS = ("HH:mm:ss", "HH:mm", "HH:mm:ss A", "HH:mm A")
#: As one of the formats: plain numbers are spreadsheet dates (45000.5 is noon on March 15, 2023), or fractions of a day
#: for times.
SERIAL = "SERIAL"

# Dates beyond these are typos, and at the ends of the calendar not every zone has an instant for them.
EARLIEST_YEAR, LATEST_YEAR = 1900, 2199
# Years with two digits: 70 to 99 are in the 1900s (as in POSIX).
_CENTURY_TURN = 70

_MONTH_LANGUAGES = ("en", "ru", "uz")
_MONTH_WIDTHS: tuple[Literal["wide", "abbreviated"], ...] = ("wide", "abbreviated")
_MONTH_CONTEXTS: tuple[Literal["format", "stand-alone"], ...] = ("format", "stand-alone")
_PARTS = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "YY": r"(?P<short_year>[0-9]{2})",
    "MMM": r"(?P<month_name>[^\W\d_]+)\.?",
    "MM": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{1,2})",
    "HH": r"(?P<hour>[0-9]{1,2})",
    "mm": r"(?P<minute>[0-9]{2})",
    "ss": r"(?P<second>[0-9]{2})(?:[.,][0-9]+)?",
    "A": r"(?P<half>[AaPp])\.?[Mm]\.?",
}
_KINDS = {
    "YYYY": "year", "YY": "year", "MMM": "month", "MM": "month", "DD": "day",
    "HH": "hour", "mm": "minute", "ss": "second", "A": "half",
}  # fmt: skip
_PART = re.compile("YYYY|YY|MMM|MM|DD|HH|mm|ss|A")
_ZONE = re.compile(r"\s*(?:(?P<utc>Z|UTC|GMT)|(?P<sign>[+-])(?P<hours>[01][0-9]):?(?P<minutes>[0-9]{2}))$")
_NOON = time(12)
_BETWEEN_DATE_AND_TIME = re.compile(r"[T\s,]+")
# In the 1900 date system; the 1904 system cannot be told from a number alone.
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - naive, like all times of a file
_SERIALS = range(10_000, 100_000)
_NUMBER = re.compile(r"[0-9]{1,5}(?:[.,][0-9]+)?")
_SECONDS_IN_A_DAY = 86_400
#: Days whose parsing is cached, more than a file of several years has.
_REMEMBERED = 4_096


def check_date_formats(formats: tuple[str, ...]) -> tuple[str, ...]:
    """Return the formats unchanged.

    Raises ValueError unless each has one day, month and year, and no part of a time.
    """
    for text in filter(_is_written, formats):
        if sorted(_KINDS[part] for part in _PART.findall(text)) != ["day", "month", "year"]:
            raise ValueError(
                _l(
                    "“%(format)s” isn’t valid: a date format needs DD, MM (or MMM) and YYYY (or YY), each once.",
                    format=text,
                )
            )
    return formats


def check_time_formats(formats: tuple[str, ...]) -> tuple[str, ...]:
    """Return the formats unchanged.

    Raises ValueError unless each has hours and minutes, and no part of a date.
    """
    for text in filter(_is_written, formats):
        parts = _PART.findall(text)
        if not {"HH", "mm"} <= {*parts} <= {"HH", "mm", "ss", "A"} or len(parts) != len({*parts}):
            raise ValueError(
                _l(
                    "“%(format)s” isn’t valid: a time format needs HH and mm, and can have ss and A (AM or PM).",
                    format=text,
                )
            )
    return formats


def serial_moment(value: Value) -> datetime | None:
    """Return the time that a spreadsheet date number stands for, to the second, or None if it isn't one."""
    days = _number(value)
    if days is None or int(days) not in _SERIALS:
        return None
    return _DAY_ZERO + timedelta(days=int(days), seconds=_second_of_day(days))


def serial_time(value: Value) -> time | None:
    """Return the time of day that a fraction of a day or a spreadsheet date number stands for, or None."""
    days = _number(value)
    if days is None or not (0 <= days < 1 or int(days) in _SERIALS):
        return None
    return (_DAY_ZERO + timedelta(seconds=_second_of_day(days))).time()


def _second_of_day(days: float) -> int:
    """Return the second of the day; the last second is not rounded up to the next day."""
    return min(round(days % 1 * _SECONDS_IN_A_DAY), _SECONDS_IN_A_DAY - 1)


def _number(value: Value) -> float | None:
    if isinstance(value, str):
        return float(value.replace(",", ".")) if _NUMBER.fullmatch(value) else None
    return float(value) if isinstance(value, int | float) and 0 <= value < _SERIALS.stop else None


def _is_written(text: str) -> bool:
    return text != SERIAL


@cache
def compile_format(text: str) -> re.Pattern[str]:
    """Compile a format to a pattern that matches the start of a string.

    Leading zeros are optional where separators divide the numbers.
    """
    pieces: list[str] = []
    end = 0
    touching = False
    for match in _PART.finditer(text):
        touching = touching or 0 < end == match.start()
        pieces += [re.escape(text[end : match.start()]), _PARTS[match.group()]]
        end = match.end()
    pattern = "".join([*pieces, re.escape(text[end:])])
    pattern = pattern.replace(r"\ (?P<half>", r"\s*(?P<half>").replace(r"\ ", r"\s+")
    return re.compile(pattern.replace("{1,2}", "{2}") if touching else pattern)


def date_parser(formats: Sequence[str]) -> Callable[[Value], date]:
    """Return a parser for dates in one of the formats.

    A spreadsheet's date with a time is read as its date.
    """
    patterns = _patterns(formats)

    def parse(value: Value) -> date:
        if isinstance(value, date):
            return _checked(value.date() if isinstance(value, datetime) else value)
        if SERIAL in formats and (moment := serial_moment(value)):
            return moment.date()
        text = without_weekday(value) if isinstance(value, str) else None
        found = None if text is None else _first_of((pattern.fullmatch(text) for pattern in patterns), _date)
        if found is None:
            raise CellProblem(_l("It isn’t a date like %(format)s.", format=_shown(formats)))
        return found

    return parse


def time_parser(formats: Sequence[str]) -> Callable[[Value], time]:
    """Return a parser for times of day, to the second.

    A spreadsheet's date with a time is read as its time.
    """
    patterns = _patterns(formats)

    def parse(value: Value) -> time:
        if isinstance(value, datetime):
            return value.time().replace(microsecond=0)
        if isinstance(value, time):
            return value.replace(microsecond=0)
        if isinstance(value, timedelta) and timedelta() <= value < timedelta(days=1):
            return (datetime.combine(date.min, time()) + value).time().replace(microsecond=0)
        if SERIAL in formats and (clock := serial_time(value)) is not None:
            return clock
        found = _first_of((pattern.fullmatch(value) for pattern in patterns), _time) if isinstance(value, str) else None
        if found is None:
            raise CellProblem(_l("It isn’t a time like %(format)s.", format=_shown(formats)))
        return found

    return parse


def moment_parser(date_formats: Sequence[str], time_formats: Sequence[str]) -> Callable[[Value], datetime]:
    """Return a parser for cells with both date and time, to the second.

    The result is timezone-aware only if the cell has a UTC offset (`Z`, `+05:00`).
    """
    patterns = _patterns(date_formats)
    parse_time = time_parser(time_formats)

    def read(match: re.Match[str]) -> datetime | None:
        gap = _BETWEEN_DATE_AND_TIME.match(match.string, match.end())
        if gap is None:
            return None
        rest, offset = _split_offset(match.string[gap.end() :])
        moment = datetime.combine(_date(match), parse_time(rest))
        return moment if offset is None else (moment - offset).replace(tzinfo=UTC)

    def parse(value: Value) -> datetime:
        if isinstance(value, datetime):
            _checked(value.date())
            return value.replace(microsecond=0)
        if SERIAL in date_formats and (serial := serial_moment(value)):
            return serial
        text = without_weekday(value) if isinstance(value, str) else None
        found = None if text is None else _first_of((pattern.match(text) for pattern in patterns), read)
        if found is None:
            raise CellProblem(
                _l(
                    "It isn’t a date and time like %(date)s %(time)s.",
                    date=_shown(date_formats),
                    time=_shown(time_formats),
                )
            )
        return found

    return parse


def day_parser(date_formats: Sequence[str], time_formats: Sequence[str]) -> Callable[[Value], date]:
    """Return a parser for dates in one of the formats, optionally followed by a time of day."""
    parse_date, parse_moment = date_parser(date_formats), moment_parser(date_formats, time_formats)

    def parse(value: Value) -> date:
        try:
            return parse_date(value)
        except CellProblem as problem:
            try:
                return parse_moment(value).date()
            except CellProblem:
                raise problem from None

    return parse


def moment_or_noon_parser(date_formats: Sequence[str], time_formats: Sequence[str]) -> Callable[[Value], datetime]:
    """Return a parser for cells with a date and time, or with only a date, which is read as noon.

    Dates with times are read like those of `moment_parser`.
    """
    parse_date, parse_moment = date_parser(date_formats), moment_parser(date_formats, time_formats)

    def parse(value: Value) -> datetime:
        serial = serial_moment(value) if SERIAL in date_formats else None
        value = serial or value
        is_day = isinstance(value, date) and not (isinstance(value, datetime) and value.time() != time())
        if not is_day:
            try:
                return parse_moment(value)
            except CellProblem:
                pass  # a date only, or neither
        return datetime.combine(parse_date(value), _NOON)

    return parse


def _patterns(formats: Sequence[str]) -> list[re.Pattern[str]]:
    return [compile_format(text) for text in filter(_is_written, formats)]


def _shown(formats: Sequence[str]) -> str:
    """Return a format to show in error messages: the first written one, or a spreadsheet date number."""
    return next(filter(_is_written, formats), "45000.5")


def to_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    """Convert the time to UTC; one without an offset is in `zone`.

    When the clocks are put forward, a skipped time is read as if they had not changed yet (02:30 is then 03:30). When
    they are put back, a repeated time is the first of the two.
    """
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def change_of_clocks(moment: datetime, zone: ZoneInfo) -> Literal["skipped", "twice"] | None:
    """Return "skipped" or "twice" for a naive time that a clock change of `zone` skips or repeats.

    Returns None for any other time.
    """
    if moment.tzinfo is not None:
        return None
    first, second = (moment.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if first == second or first is None or second is None:
        return None
    return "twice" if first > second else "skipped"


@lru_cache(_REMEMBERED)
def steady_offset(day: date, zone: ZoneInfo) -> timedelta | None:
    """Return the UTC offset of `zone` throughout a day of its clocks, None if they change on it.

    Most times of a file need no more to be converted, and each look into the zone takes as long as reading the time.
    """
    midnight = datetime.combine(day, time())
    moments = [midnight + timedelta(hours=hour) for hour in range(24)] + [datetime.combine(day, time(23, 59, 59))]
    offsets = {moment.replace(tzinfo=zone, fold=fold).utcoffset() for moment in moments for fold in (0, 1)}
    return offsets.pop() if len(offsets) == 1 else None


def _first_of(matches: Iterable[re.Match[str] | None], read: Callable[[re.Match[str]], T | None]) -> T | None:
    """Return the first result of `read` for the matches, or None if nothing matches.

    Raises the CellProblem of the last match if no match could be read.
    """
    problem: CellProblem | None = None
    for match in filter(None, matches):
        try:
            found = read(match)
        except CellProblem as error:
            problem = error
        else:
            if found is not None:
                return found
    if problem is not None:
        raise problem
    return None


def _split_offset(text: str) -> tuple[str, timedelta | None]:
    match = _ZONE.search(text)
    if match is None:
        return text, None
    if match["utc"]:
        return text[: match.start()], timedelta()
    offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))
    return text[: match.start()], -offset if match["sign"] == "-" else offset


def _date(match: re.Match[str]) -> date:
    return _date_of(match.re, match.groups())


@lru_cache(_REMEMBERED)
def _date_of(pattern: re.Pattern[str], groups: tuple[str | None, ...]) -> date:
    """Return the date of a match of the pattern; days of a file repeat, even if its times do not."""
    found = {name: groups[number - 1] or "" for name, number in pattern.groupindex.items()}
    year = int(found["year"]) if found.get("year") else _full_year(int(found["short_year"]))
    month = int(found["month"]) if found.get("month") else _month_numbers().get(found["month_name"].casefold(), 0)
    try:
        result = date(year, month, int(found["day"]))
    except ValueError:
        raise CellProblem(_l("It isn’t a real date.")) from None
    return _checked(result)


def _checked(day: date) -> date:
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise CellProblem(_l("The year isn’t between %(first)s and %(last)s.", first=EARLIEST_YEAR, last=LATEST_YEAR))
    return day


def _full_year(year: int) -> int:
    return year + (1900 if year >= _CENTURY_TURN else 2000)


def _time(match: re.Match[str]) -> time:
    found = match.groupdict()
    hour = int(found["hour"])
    half = found.get("half")
    if half:
        if not 1 <= hour <= 12:
            raise CellProblem(_l("It isn’t a real time."))
        hour = hour % 12 + (12 if half in "Pp" else 0)
    try:
        return time(hour, int(found["minute"]), int(found.get("second") or 0))
    except ValueError:
        raise CellProblem(_l("It isn’t a real time.")) from None


@cache
def _month_numbers() -> dict[str, int]:
    """Return the months by name in all of _MONTH_LANGUAGES.

    Unambiguous prefixes of three or more letters are included.
    """
    meanings: dict[str, set[int]] = {}
    for language in _MONTH_LANGUAGES:
        for width, context in product(_MONTH_WIDTHS, _MONTH_CONTEXTS):
            for number, name in get_month_names(width, context, language).items():
                word = name.rstrip(".").casefold()
                for end in range(3, len(word) + 1):
                    meanings.setdefault(word[:end], set()).add(number)
    return {word: min(numbers) for word, numbers in meanings.items() if len(numbers) == 1}
