"""Business hours: the opening hours of each weekday, in the organization's time zone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

#: {"monday": [["08:00", "17:00"], …], …}; a missing day is closed.
BusinessHours = Mapping[str, Sequence[Sequence[str]]]

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MIDNIGHT = "24:00"


def spans_of(day: date, hours: BusinessHours) -> Sequence[Sequence[str]]:
    """Return the hours stored for the weekday of a local day, as pairs of opening and closing time."""
    return hours.get(_DAYS[day.weekday()], ())


def open_spans(day: date, spans: Sequence[Sequence[str]], zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield the hours of a local day in UTC, in order.

    A span that lies entirely within the hour skipped by a clock change is omitted.
    """
    for opens, closes in sorted(spans, key=lambda span: span[0]):
        opening, closing = _moment(day, opens, zone), _moment(day, closes, zone)
        if opening < closing:
            yield opening, closing


def open_time(start: datetime, end: datetime, hours: BusinessHours, zone: ZoneInfo) -> timedelta:
    """Return how much of [start, end) lies within the business hours.

    Hours skipped by a clock change are not counted. Whole days are counted per weekday; only the first and last day and
    days with a clock change are examined individually, because statistics ask for many users over years.
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
    """Return the days that don't have exactly 24 hours."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 2)]
    offsets = [datetime.combine(day, time(), zone).utcoffset() for day in days]
    return frozenset(day for day, one, other in zip(days, offsets, offsets[1:], strict=False) if one != other)


def _weekdays(first: date, last: date, weekday: int) -> int:
    """Return how often a weekday occurs from `first` to `last`, inclusive."""
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
