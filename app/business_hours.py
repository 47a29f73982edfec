"""When a company is open: the hours of each weekday, as organizations keep them in their zone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

#: {"monday": [["08:00", "17:00"], …], …}; a day without any is closed.
BusinessHours = Mapping[str, Sequence[Sequence[str]]]

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MIDNIGHT = "24:00"


def spans_of(day: date, hours: BusinessHours) -> Sequence[Sequence[str]]:
    """The hours of a local day as they are kept."""
    return hours.get(_DAYS[day.weekday()], ())


def open_spans(day: date, spans: Sequence[Sequence[str]], zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The hours of a local day in UTC, in order. Where the clocks jump over both ends, nothing is left of them."""
    for opens, closes in sorted(spans, key=lambda span: span[0]):
        opening, closing = _moment(day, opens, zone), _moment(day, closes, zone)
        if opening < closing:
            yield opening, closing


def open_time(start: datetime, end: datetime, hours: BusinessHours, zone: ZoneInfo) -> timedelta:
    """How much of [start, end) lies within the hours. An hour that clocks jump over is none of it.

    Weekdays are counted, and looked at one by one only at both ends and where clocks change: many people are asked
    about years.
    """
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    single = {first, last, *_uneven_days(first, last, zone)}
    found = sum((_open_on(day, spans_of(day, hours), zone, start, end) for day in single), timedelta())
    for number, name in enumerate(_DAYS):
        days = _weekdays(first, last, number) - sum(day.weekday() == number for day in single)
        found += days * sum(map(_length, hours.get(name, ())), timedelta())
    return found


@lru_cache(maxsize=64)
def _uneven_days(first: date, last: date, zone: ZoneInfo) -> frozenset[date]:
    """The days that have other than 24 hours."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 2)]
    offsets = [datetime.combine(day, time(), zone).utcoffset() for day in days]
    return frozenset(day for day, one, other in zip(days, offsets, offsets[1:], strict=False) if one != other)


def _weekdays(first: date, last: date, weekday: int) -> int:
    """How many days of this weekday there are from `first` to `last`, both inside."""
    return ((last - first).days - (weekday - first.weekday()) % len(_DAYS)) // len(_DAYS) + 1


def _length(span: Sequence[str]) -> timedelta:
    opens, closes = (_since_midnight(clock) for clock in span)
    return closes - opens


def _since_midnight(clock: str) -> timedelta:
    hour, minute = clock.split(":")
    return timedelta(hours=int(hour), minutes=int(minute))


def _open_on(day: date, spans: Sequence[Sequence[str]], zone: ZoneInfo, start: datetime, end: datetime) -> timedelta:
    lengths = (
        min(closing, end) - max(opening, start)
        for opening, closing in open_spans(day, spans, zone)
        if opening < end and start < closing
    )
    return sum(lengths, timedelta())


def _moment(day: date, clock: str, zone: ZoneInfo) -> datetime:
    if clock == _MIDNIGHT:
        return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)
