"""The days or weeks of a series, counted from its first day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.caches import memoize
from app.periods import Span, midnight

#: Spans are half open: this much before the end is still inside.
_MOMENT = timedelta(microseconds=1)
_DAYS_A_WEEK = 7
_MAX_SERIES = 200


class Step(StrEnum):
    """The length of the intervals of a series."""

    DAY = "day"
    WEEK = "week"

    @property
    def days(self) -> int:
        """The number of days of a whole step."""
        return 1 if self is Step.DAY else _DAYS_A_WEEK


class Coverage(Enum):
    """The part of a step that a series covers, if it can't be compared with its other steps.

    SHORT has fewer days, CUT ends at a time of day, and OPEN is not over.
    """

    WHOLE = "whole"
    SHORT = "short"
    CUT = "cut"
    OPEN = "open"


class StepDays(NamedTuple):
    """The local days of one step, both inclusive."""

    first_day: date
    last_day: date
    coverage: Coverage = Coverage.WHOLE


def steps_of(span: Span, step: Step, zone: str, now: datetime | None = None) -> Sequence[StepDays]:
    """Return the steps of a span that starts at a local midnight, in order.

    Weeks count from its first day, so that only the last step can be shorter than the others. With `now`, the step that
    contains it is open.
    """
    local = ZoneInfo(zone)
    first, last = (moment.astimezone(local).date() for moment in (span.start, max(span.start, span.end - _MOMENT)))
    today = now.astimezone(local).date() if now is not None else None
    is_cut = span.end < midnight(last + timedelta(days=1), local)
    return _steps(first, last, step, today, is_cut=is_cut)


@memoize(_MAX_SERIES)
def _steps(first: date, last: date, step: Step, today: date | None, *, is_cut: bool) -> Sequence[StepDays]:
    """Return the steps from the first to the last day, which ends at a time of day if it `is_cut`."""

    def days_from(day: date) -> StepDays:
        end = day + timedelta(days=step.days - 1)
        if today is not None and day <= today <= min(end, last):
            return StepDays(day, min(end, last), Coverage.OPEN)
        if is_cut and end >= last:
            return StepDays(day, last, Coverage.CUT)
        return StepDays(day, end) if end <= last else StepDays(day, last, Coverage.SHORT)

    return tuple([days_from(first + timedelta(days=ahead)) for ahead in range(0, (last - first).days + 1, step.days)])
