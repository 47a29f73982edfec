"""When a caller who was missed must have been called back: a clock that runs while the company is open."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: As organizations keep them: {"monday": [["08:00", "17:00"], …], …} in their zone; a day without any is closed.
BusinessHours = Mapping[str, Sequence[Sequence[str]]]

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MIDNIGHT = "24:00"


def sla_due_at(missed_at: datetime, minutes: int, hours: BusinessHours, timezone: str) -> datetime:
    """When `minutes` of business time have passed since `missed_at`, in UTC.

    A promise that is over exactly at closing time is due then, not at the next opening. Of a company that says nothing
    of its hours, or is never open, the clock runs day and night.
    """
    left, missed_at = timedelta(minutes=minutes), missed_at.astimezone(UTC)
    if not any(hours.values()):
        return missed_at + left
    for opening, closing in _open_spans(missed_at, hours, ZoneInfo(timezone)):
        start = max(opening, missed_at)
        if start + left <= closing:
            return start + left
        left -= closing - start
    raise AssertionError("a company that is open at all opens again")


def _open_spans(since: datetime, hours: BusinessHours, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The hours of each day in UTC, in order, without end: from those that are not over at `since`."""
    day = since.astimezone(zone).date()
    while True:
        for opening, closing in sorted(hours.get(_DAYS[day.weekday()], ()), key=lambda span: span[0]):
            span = _moment(day, opening, zone), _moment(day, closing, zone)
            # Where the clocks jump over both ends, nothing is left of the hours.
            if since < span[1] and span[0] < span[1]:
                yield span
        day += timedelta(days=1)


def _moment(day: date, clock: str, zone: ZoneInfo) -> datetime:
    if clock == _MIDNIGHT:
        return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)
