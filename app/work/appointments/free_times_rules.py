"""When somebody is free for an appointment: within the hours, beside what takes their time, with time to travel."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: As organizations keep them: {"monday": [["08:00", "17:00"], …], …}; a day without any is closed.
Hours = Mapping[str, Sequence[Sequence[str]]]

#: Of an organization that says nothing of its hours.
USUAL_SPANS = (("08:00", "18:00"),)

DAYS_SHOWN = 6
#: Free times begin with the hour of opening and every so often after it, and as soon as a stop allows.
STEP = timedelta(hours=1)
APART = timedelta(minutes=30)
_ROUND = timedelta(minutes=15)

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_END_OF_DAY = "24:00"
#: No company is closed on more days in a row than this.
_FURTHEST = 60


@dataclass(frozen=True, slots=True)
class Taken:
    """[start, end) of somebody's time. At a stop they are with a customer, and travel before and after; `is_near` where
    that customer is in the same place as the one who is to be visited."""

    start: datetime
    end: datetime
    is_stop: bool
    is_near: bool = False


@dataclass(frozen=True, slots=True)
class Length:
    """How long an appointment takes, and how long it takes to get from one to the next."""

    visit: timedelta
    travel: timedelta


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time that holds; `is_near` where the stop before it is in the same place."""

    start: datetime
    is_near: bool = False


def open_days(first: date, hours: Hours, count: int = DAYS_SHOWN) -> list[date]:
    """The first `count` days from `first` on with any hours."""
    days = (first + timedelta(days=ahead) for ahead in range(_FURTHEST))
    return [day for day in days if _spans_of(day, hours)][:count]


def free_times(
    day: date, hours: Hours, zone: ZoneInfo, taken: Sequence[Taken], length: Length, not_before: datetime
) -> list[FreeTime]:
    """When an appointment can begin on `day`, in UTC, the earliest first.

    Moments are counted in UTC: on a day on which the clocks change, an hour is an hour.
    """
    found: set[datetime] = set()
    for opening, closing in _open_spans(day, hours, zone):
        found |= {
            start
            for start in _candidates(opening, closing, taken, length)
            if max(opening, not_before) <= start
            and start + length.visit <= closing
            and not clashes(taken, start, start + length.visit, length.travel)
        }
    return [FreeTime(start, _is_near(start, taken, day, zone)) for start in _apart(sorted(found))]


def _apart(starts: Sequence[datetime]) -> Iterator[datetime]:
    """Of times that are nearly the same, the first."""
    last: datetime | None = None
    for start in starts:
        if last is None or start - last >= APART:
            last = start
            yield start


def clashes(taken: Sequence[Taken], start: datetime, end: datetime, travel: timedelta) -> bool:
    """Whether [start, end) meets something, or leaves too little time to get there from a stop or on to it."""
    return any(start < one.end + _around(one, travel) and one.start - _around(one, travel) < end for one in taken)


def _around(one: Taken, travel: timedelta) -> timedelta:
    return travel if one.is_stop else timedelta()


def _candidates(opening: datetime, closing: datetime, taken: Sequence[Taken], length: Length) -> Iterator[datetime]:
    start = opening
    while start < closing:
        yield start
        start += STEP
    for one in taken:
        yield _rounded_up(one.end + _around(one, length.travel))


def _rounded_up(moment: datetime) -> datetime:
    over = timedelta(seconds=moment.timestamp() % _ROUND.total_seconds())
    return moment + (_ROUND - over) if over else moment


def _is_near(start: datetime, taken: Sequence[Taken], day: date, zone: ZoneInfo) -> bool:
    """Whether the last stop of that day before `start` is in the same place."""
    before = [one for one in taken if one.is_stop and one.end <= start and one.end.astimezone(zone).date() == day]
    return bool(before) and max(before, key=lambda one: one.end).is_near


def _spans_of(day: date, hours: Hours) -> Sequence[Sequence[str]]:
    return hours.get(_WEEKDAYS[day.weekday()], ()) if any(hours.values()) else USUAL_SPANS


def _open_spans(day: date, hours: Hours, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    for opens, closes in sorted(_spans_of(day, hours), key=lambda span: span[0]):
        opening, closing = _moment(day, opens, zone), _moment(day, closes, zone)
        # Where the clocks jump over both ends, nothing is left of the hours.
        if opening < closing:
            yield opening, closing


def _moment(day: date, clock: str, zone: ZoneInfo) -> datetime:
    if clock == _END_OF_DAY:
        return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)
