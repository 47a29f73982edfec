"""Formatting of timestamps, durations and figures for a language and a time zone.

Both are arguments, not read from the request, with one exception: fixed words and units ("now", "min", "pts", "MB") are
translated into the language of the request. An unknown duration, figure or phone number is a dash, never blank; a minus
is a true minus sign.

Days, times, figures and phone numbers are cached: Babel parses its patterns for each, and a list of 50 calls has 250 of
them, which took 4 of the page's 23 ms.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache

from babel import Locale, dates, numbers
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.amounts import CENTS, Number, exact_amount, half_up
from app.phones import formatted

UNKNOWN = "–"
_UNITS = (_l("B"), _l("KB"), _l("MB"), _l("GB"))
_MINUS = "\N{MINUS SIGN}"
#: CLDR joins "2:41" and "PM" with a space so narrow that the two run together in most fonts.
_WIDER_SPACES = str.maketrans({"\N{NARROW NO-BREAK SPACE}": "\N{NO-BREAK SPACE}", "\N{THIN SPACE}": " "})
_PLAIN_SPACES = str.maketrans(dict.fromkeys("\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}\N{THIN SPACE}", " "))
_JUST_NOW = timedelta(minutes=1)
_STILL_RELATIVE = timedelta(hours=1)
#: A currency without a symbol in the language is shown by its code, which Babel puts directly before the figures.
_LETTERS_BEFORE_FIGURES = re.compile(r"(?<=[A-Z])(?=[0-9])")
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")

#: Cache sizes: every minute of a day, three years of days and the zones of the world, each in three languages.
_MINUTES, _DAYS, _ZONES = 3 * 24 * 60, 3 * 3 * 366, 3 * 600
_NUMBERS = 10_000

#: This many days include every season, and within so few the clocks don't change twice.
_DAYS_OF_ALL_SEASONS, _DAYS_OF_NO_TWO_CHANGES = 370, 14


def short_date(day: date, locale: Locale, today: date) -> str:
    """Format a day as "Nov 20", with the year only if it is not the current one."""
    return _day("MMMd" if day.year == today.year else "yMMMd", day, locale)


@lru_cache(_DAYS)
def long_date(day: date, locale: Locale) -> str:
    """Format a date with its year, as the locale writes it: "Nov 20, 2026"."""
    return dates.format_date(day, "medium", locale=locale).translate(_WIDER_SPACES)


@lru_cache(_DAYS)
def month(day: date, locale: Locale) -> str:
    """Format the month of a day: "March 2026"."""
    return _day("yMMMM", day.replace(day=1), locale)


def clock(moment: datetime | time, locale: Locale) -> str:
    """Format a time as "2:41 PM", in the zone of `moment`."""
    return _time_of_day(time(moment.hour, moment.minute), locale)


def date_and_clock(moment: datetime, locale: Locale, now: datetime) -> str:
    """Format a timestamp as "Nov 20, 2:41 PM", in the zone of `moment`."""
    return _joined(
        short_date(moment.date(), locale, now.astimezone(moment.tzinfo).date()), clock(moment, locale), locale
    )


def date_and_seconds(moment: datetime, locale: Locale, now: datetime) -> str:
    """Format a timestamp as "Nov 20, 2:41:08 PM", in the zone of `moment`."""
    wall_clock = time(moment.hour, moment.minute, moment.second)
    text = dates.format_time(wall_clock, "medium", locale=locale).translate(_WIDER_SPACES)
    return _joined(short_date(moment.date(), locale, now.astimezone(moment.tzinfo).date()), text, locale)


def full_moment(moment: datetime, locale: Locale) -> str:
    """Format a timestamp as "Nov 20, 2026, 2:41 PM CST", in the zone of `moment`."""
    text = _joined(long_date(moment.date(), locale), clock(moment, locale), locale)
    return f"{text} {zone_name(moment, locale)}"


def age(moment: datetime, locale: Locale, now: datetime) -> str | None:
    """Format the distance to `now` as "6 min. ago" or "in 6 min."; None from an hour on.

    Beyond an hour, a date says more.
    """
    return long_age(moment, locale, now) if abs(moment - now) < _STILL_RELATIVE else None


def long_age(moment: datetime, locale: Locale, now: datetime) -> str:
    """Format the distance to `now`, of any length, in its largest unit: "3 hr. ago" or "in 2 days"."""
    distance = moment - now
    if abs(distance) < _JUST_NOW:
        return str(_("now"))
    return dates.format_timedelta(distance, granularity="minute", format="short", add_direction=True, locale=locale)


def date_span(first: date, last: date, locale: Locale) -> str:
    """Format a span of days, both inclusive: "Nov 7 – 20, 2026"."""
    if first == last:
        return long_date(first, locale)
    return dates.format_interval(first, last, "yMMMd", locale=locale).translate(_WIDER_SPACES)


@lru_cache(_DAYS)
def short_span(first: date, last: date, locale: Locale) -> str:
    """Format a span of days, both inclusive, without the year: "Nov 7 – 20"."""
    if first == last:
        return _day("MMMd", first, locale)
    return dates.format_interval(first, last, "MMMd", locale=locale).translate(_WIDER_SPACES)


def zone_name(moment: datetime, locale: Locale) -> str:
    """Return the abbreviation of the time zone if the language has one (CST), else its offset (UTC+5)."""
    name = _zone_name(moment.tzinfo or UTC, locale, is_summer=bool(moment.dst()))
    return name if name and name.isalpha() else zone_offset(moment)


def zone_offset(moment: datetime) -> str:
    """Return the offset from UTC, such as "UTC", "UTC+5" or "UTC+5:30"."""
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    if not seconds:
        return "UTC"
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"UTC{_MINUS if seconds < 0 else '+'}{hours}" + (f":{minutes:02}" if minutes else "")


@lru_cache(_DAYS)
def zones_of(start: date, end: date, zone: tzinfo, locale: Locale) -> str:
    """Return the time zone from `start` up to `end`, with its offset: "EDT (UTC−4)".

    If the clocks change in between, both are returned: "EST (UTC−5) / EDT (UTC−4)".
    """
    days = max((end - start).days, 1)
    looked_at = [*range(0, min(days, _DAYS_OF_ALL_SEASONS), _DAYS_OF_NO_TWO_CHANGES), days]
    moments = [datetime.combine(start, time(), zone) + timedelta(days=day) for day in looked_at]
    moments[-1] -= timedelta(minutes=1)
    return " / ".join(dict.fromkeys(_zone_with_offset(moment, locale) for moment in moments))


def _zone_with_offset(moment: datetime, locale: Locale) -> str:
    name, offset = zone_name(moment, locale), zone_offset(moment)
    return name if name == offset else f"{name} ({offset})"


def plain_spaces(words: str) -> str:
    """Replace typographic spaces with plain ones, because programs compare the text of a file."""
    return words.translate(_PLAIN_SPACES)


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Convert a timestamp to `zone`; one without a zone is assumed to be in UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone)


def duration(seconds: Number | timedelta | None) -> str:
    """Format a duration as 6:14, or as 1:02:03 from an hour on."""
    if seconds is None:
        return UNKNOWN
    hours, minutes, rest = _clock_parts(seconds)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def spoken_duration(seconds: Number | timedelta | None) -> str:
    """Format a duration as "6 min 14 s"; from an hour on without seconds."""
    if seconds is None:
        return UNKNOWN
    hours, minutes, rest = _clock_parts(seconds)
    if hours:
        return str(_("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes))
    if minutes:
        return str(_("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=rest))
    return str(_("%(seconds)s s", seconds=rest))


def number(value: Number | None, locale: Locale, decimals: int | None = None) -> str:
    """Format a number as 1,284 or 4.3.

    Without `decimals`, it has as many as the value has, at most three.
    """
    return UNKNOWN if value is None else _number(value or 0, locale, decimals)  # −0 is 0


def percent(fraction: Number | None, locale: Locale, decimals: int = 1) -> str:
    """Format a fraction as a percentage: 0.736 as 73.6%."""
    return UNKNOWN if fraction is None else _percent(fraction, locale, decimals)


def file_size(size: int | None, locale: Locale) -> str:
    """Format a size as 14.2 MB, in units of 1,024 as in the plans."""
    if size is None:
        return UNKNOWN
    power = min((max(size, 1).bit_length() - 1) // 10, len(_UNITS) - 1)
    amount = round(size / 1024**power, 1)
    return f"{number(amount, locale, 0 if amount == int(amount) else 1)}\N{NO-BREAK SPACE}{_UNITS[power]}"


def money(amount: Number | None, locale: Locale, currency: str = "USD", decimals: int = CENTS) -> str:
    """Format an amount as $38,900, with cents only if there are any.

    With more `decimals`, it has as many of them as it needs: $0.50, $0.0085.
    """
    return UNKNOWN if amount is None else _money(amount, locale, currency, decimals)


def signed(value: Number | None, locale: Locale, decimals: int | None = None) -> str:
    """Format a number with its sign: +14, −3 or 0."""
    text = number(value, locale, decimals)
    return f"+{text}" if value is not None and value > 0 else text


def points(fraction: Number | None, locale: Locale) -> str:
    """Format the difference of two rates in points: 0.05 as "+5.0 pts"."""
    if fraction is None:
        return UNKNOWN
    return str(_("%(points)s pts", points=signed(half_up(fraction, 3) * 100, locale, 1)))


def phone(number_: str | None) -> str:
    """Format a phone number that has a country code; any other text is returned unchanged."""
    return formatted(number_) if number_ else UNKNOWN


def contact_name(name: str | None) -> str:
    """Return the display name of a contact; '' if unknown.

    A name that is an E.164 number is formatted as a phone number.
    """
    return phone(name) if name and _E164.fullmatch(name) else name or ""


def initials(name: str) -> str:
    """Return the initials of the first two words that begin with a letter (MT).

    Returns # if no word does, as in a phone number.
    """
    return "".join(word[0] for word in name.split() if word[0].isalpha())[:2].upper() or "#"


def figure(value: Number | None, kind: str, locale: Locale) -> str:
    """Format a value by kind: number, decimal, percent, duration or money.

    Raises KeyError for another kind.
    """
    return _KINDS[kind](value, locale)


_KINDS: dict[str, Callable[[Number | None, Locale], str]] = {
    "number": number,
    "decimal": lambda value, locale: number(value, locale, 1),
    "percent": percent,
    "duration": lambda value, _locale: duration(value),
    "money": money,
}


@lru_cache(_NUMBERS)
def _number(value: Number, locale: Locale, decimals: int | None) -> str:
    if decimals is None:
        return _true_minus(numbers.format_decimal(value, locale=locale))
    rounded = half_up(value, decimals) or 0  # −0.0 is 0
    return _true_minus(numbers.format_decimal(rounded, _with_decimals("#,##0", decimals), locale=locale))


@lru_cache(_NUMBERS)
def _percent(fraction: Number, locale: Locale, decimals: int) -> str:
    pattern = _with_decimals(locale.percent_formats[None].pattern, decimals)
    # −0 is 0, here and below: both are one key of the cache.
    return _true_minus(numbers.format_percent(half_up(fraction or 0, decimals + 2), pattern, locale=locale))


@lru_cache(_NUMBERS)
def _money(amount: Number, locale: Locale, currency: str, decimals: int) -> str:
    pattern = locale.currency_formats["standard"].pattern
    amount = exact_amount(amount or 0, decimals)
    shown = "" if amount == int(amount) else f".{'0' * -int(amount.as_tuple().exponent)}"
    pattern = pattern.replace(".00", shown)
    text = numbers.format_currency(amount, currency, pattern, locale=locale, currency_digits=False)
    return _true_minus(_LETTERS_BEFORE_FIGURES.sub("\N{NO-BREAK SPACE}", text))


@lru_cache(_DAYS)
def _day(skeleton: str, day: date, locale: Locale) -> str:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)  # so that no zone moves it to another day
    return dates.format_skeleton(skeleton, noon, locale=locale).translate(_WIDER_SPACES)


@lru_cache(_MINUTES)
def _time_of_day(minute: time, locale: Locale) -> str:
    return dates.format_time(minute, "short", locale=locale).translate(_WIDER_SPACES)


@lru_cache(_ZONES)
def _zone_name(zone: tzinfo, locale: Locale, *, is_summer: bool) -> str | None:
    """Return the name of the zone's time, or None if it has no name but that of a city or country."""
    name = dates.get_timezone_name(zone, "short", locale=locale, zone_variant="daylight" if is_summer else "standard")
    return None if name == dates.get_timezone_location(zone, locale=locale) else name


@cache
def _day_and_time(locale: Locale) -> str:
    return str(locale.datetime_formats["medium"])


def _joined(day: str, time_of_day: str, locale: Locale) -> str:
    return _day_and_time(locale).format(time_of_day, day)


def _clock_parts(seconds: Number | timedelta) -> tuple[int, int, int]:
    total = int(half_up(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds, 0))
    minutes, rest = divmod(max(total, 0), 60)
    hours, minutes = divmod(minutes, 60)
    return hours, minutes, rest


def _with_decimals(pattern: str, decimals: int) -> str:
    return pattern.replace("0", f"0.{'0' * decimals}", 1) if decimals else pattern


def _true_minus(text: str) -> str:
    return text.replace("-", _MINUS)
