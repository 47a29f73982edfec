"""When somebody is free for an appointment: within the hours, beside what takes their time, with time to travel."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.business_hours import BusinessHours, open_spans, spans_of

#: Of an organization that says nothing of its hours.
USUAL_SPANS = (("08:00", "18:00"),)

DAYS_SHOWN = 6
#: Free times begin with the hour of opening and every so often after it, and as soon as a stop allows.
STEP = timedelta(hours=1)
APART = timedelta(minutes=30)
_ROUND = timedelta(minutes=15)

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


def open_days(
    first: date, hours: BusinessHours, count: int = DAYS_SHOWN, *, own: Iterable[BusinessHours] = ()
) -> list[date]:
    """The first `count` days from `first` on with any hours: the organization's, or `own` ones of those who go."""
    anybodys = (hours, *own)
    days = (first + timedelta(days=ahead) for ahead in range(_FURTHEST))
    return [day for day in days if any(_spans_of(day, one) for one in anybodys)][:count]


def free_times(
    day: date, hours: BusinessHours, zone: ZoneInfo, taken: Sequence[Taken], length: Length, not_before: datetime
) -> list[FreeTime]:
    """When an appointment can begin on `day`, in UTC, the earliest first.

    Moments are counted in UTC: on a day on which the clocks change, an hour is an hour.
    """
    found: set[datetime] = set()
    for opening, closing in open_spans(day, _spans_of(day, hours), zone):
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


def _spans_of(day: date, hours: BusinessHours) -> Sequence[Sequence[str]]:
    return spans_of(day, hours) if any(hours.values()) else USUAL_SPANS
