"""When a company is open: the hours of each weekday, as organizations keep them in their zone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
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
    """How much of [start, end) lies within the hours. An hour that clocks jump over is none of it."""
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return sum((_open_on(day, spans_of(day, hours), zone, start, end) for day in days), timedelta())


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
