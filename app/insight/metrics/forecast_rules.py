"""The forecast of a month from what is known so far, and its error in earlier months."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

#: With fewer months than this, the method's error can't be estimated.
MIN_MONTHS = 3

_NOTHING = Decimal()


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month, as of today's day of the month and as it ended.

    `won` is the value of all its deals, `so_far` of those won before that day, in the current month of those won until
    now. Of appointments that were not canceled, `visits` is the number, `worth` the value won by them, and `scheduled`
    the number in the rest of the month that were booked by that day.
    """

    first_day: date
    won: Decimal
    so_far: Decimal
    visits: int
    worth: Decimal
    scheduled: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """The expected revenue: `so_far`, plus `scheduled` visits at `each`, plus what usually comes `later`.

    `error` is the mean absolute error of the same method on the same day of the `months` before.
    """

    month: date
    so_far: Decimal
    scheduled: int
    each: Decimal
    later: Decimal
    error: Decimal
    months: int

    @property
    def by_visits(self) -> Decimal:
        """The revenue expected from appointments that are booked."""
        return self.scheduled * self.each

    @property
    def expected(self) -> Decimal:
        return self.so_far + self.by_visits + self.later


def forecast(months: Sequence[Month]) -> Forecast | None:
    """Return the forecast for the last of `months`, which are consecutive; None if too little is known.

    Too little is known with fewer than MIN_MONTHS months to learn from, or if the previous month has no appointments. A
    booked appointment is valued at the mean value of an appointment of the previous month. Revenue beyond that, from
    appointments not yet booked or those of earlier months, is estimated as its mean in earlier months; the total is
    never less than what is already won. The error of each of these months is measured against the mean of the others.
    """
    *past, this = months
    known = [(before, month) for before, month in pairwise(past) if before.visits]
    if len(known) < MIN_MONTHS or not past[-1].visits:
        return None
    later = [month.won - _pace(before, month) for before, month in known]
    off = [abs(one - _mean([*later[:at], *later[at + 1 :]])) for at, one in enumerate(later)]
    each = _each(past[-1])
    # A month can't end with less than is already won.
    least = -this.scheduled * each
    return Forecast(this.first_day, this.so_far, this.scheduled, each, max(_mean(later), least), _mean(off), len(known))


def _pace(before: Month, month: Month) -> Decimal:
    return month.so_far + month.scheduled * _each(before)


def _each(month: Month) -> Decimal:
    return month.worth / month.visits


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, _NOTHING) / len(values)
