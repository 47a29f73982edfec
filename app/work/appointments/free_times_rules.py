"""Rules of free times: within working hours, clear of busy times, with time to travel."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.business_hours import BusinessHours, open_spans, spans_of

#: Hours of an organization that hasn't set any.
USUAL_SPANS = (("08:00", "18:00"),)

DAYS_SHOWN = 6
#: Free times start at opening and at this interval after it, and as soon as a stop allows.
STEP = timedelta(hours=1)
APART = timedelta(minutes=30)
_ROUND = timedelta(minutes=15)

#: No company is closed for more days in a row than this.
_FURTHEST = 60


@dataclass(frozen=True, slots=True)
class Taken:
    """A busy time [start, end).

    At a stop, the rep is with a customer, and travels before and after it. `is_near` is True if that customer is in the
    same place as the new appointment.
    """

    start: datetime
    end: datetime
    is_stop: bool
    is_near: bool = False


@dataclass(frozen=True, slots=True)
class Length:
    """Length of an appointment, and the travel time between two appointments."""

    visit: timedelta
    travel: timedelta


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A free start time.

    `is_near` is True if the rep's previous stop is in the same place as the new appointment.
    """

    start: datetime
    is_near: bool = False


def open_days(
    first: date, hours: BusinessHours, count: int = DAYS_SHOWN, *, own: Iterable[BusinessHours] = ()
) -> list[date]:
    """Return the next `count` days from `first` on which the organization or any rep works.

    `own` are the working hours of reps who have their own.
    """
    anybodys = (hours, *own)
    days = (first + timedelta(days=ahead) for ahead in range(_FURTHEST))
    return [day for day in days if any(_spans_of(day, one) for one in anybodys)][:count]


def free_times(
    day: date, hours: BusinessHours, zone: ZoneInfo, taken: Sequence[Taken], length: Length, not_before: datetime
) -> list[FreeTime]:
    """Return the times at which an appointment can begin on `day`, in UTC, the earliest first.

    Durations are computed in UTC, so they stay correct when the clocks change.
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
    """Yield the start times in order, without those less than `APART` after the last one yielded."""
    last: datetime | None = None
    for start in starts:
        if last is None or start - last >= APART:
            last = start
            yield start


def clashes(taken: Sequence[Taken], start: datetime, end: datetime, travel: timedelta) -> bool:
    """Return whether [start, end) overlaps a busy time, or leaves too little time to travel."""
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
    """Return whether the rep's last stop before `start` on that day is in the appointment's place."""
    before = [one for one in taken if one.is_stop and one.end <= start and one.end.astimezone(zone).date() == day]
    return bool(before) and max(before, key=lambda one: one.end).is_near


def _spans_of(day: date, hours: BusinessHours) -> Sequence[Sequence[str]]:
    return spans_of(day, hours) if any(hours.values()) else USUAL_SPANS
