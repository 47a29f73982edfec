"""What a month will bring, from what stands: the method, and how far off it was in the months before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

#: Fewer months than this say nothing about how far off the method is.
MIN_MONTHS = 3

_NOTHING = Decimal()


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month, as it stood at the same day as today, and as it ended.

    Of the deals, `won` is all of them and `so_far` those won before that day. Of the visits, cancelled ones left out,
    `visits` is how many there were, `worth` what was won by them, `standing` how many of the rest of the month were
    booked by then.
    """

    first_day: date
    won: Decimal
    so_far: Decimal
    visits: int
    worth: Decimal
    standing: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """`so_far`, `standing` visits at `each`, and what usually comes later make `expected`.

    `error` is by how much the same was off, on average, on the same day of the `months` before.
    """

    month: date
    so_far: Decimal
    standing: int
    each: Decimal
    later: Decimal
    error: Decimal
    months: int

    @property
    def by_visits(self) -> Decimal:
        """What the visits that stand are expected to bring."""
        return self.standing * self.each

    @property
    def expected(self) -> Decimal:
        return self.so_far + self.by_visits + self.later


def forecast(months: Sequence[Month]) -> Forecast | None:
    """Of the last of `months`, one at least, which follow each other; None where too few before it can be judged by.

    A visit that stands is worth what a visit of the month before was. What is won beyond that, by visits not yet booked
    or by ones of earlier months, is the mean of what it was in the months before. Each of these months is judged by the
    mean of the others.
    """
    *past, this = months
    known = [(before, month) for before, month in pairwise(past) if before.visits]
    if len(known) < MIN_MONTHS or not past[-1].visits:
        return None
    later = [month.won - _said(before, month) for before, month in known]
    off = [abs(one - _mean([*later[:at], *later[at + 1 :]])) for at, one in enumerate(later)]
    each = _each(past[-1])
    # No month ends with less than is won already.
    least = -this.standing * each
    return Forecast(this.first_day, this.so_far, this.standing, each, max(_mean(later), least), _mean(off), len(known))


def _said(before: Month, month: Month) -> Decimal:
    return month.so_far + month.standing * _each(before)


def _each(month: Month) -> Decimal:
    return month.worth / month.visits


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, _NOTHING) / len(values)
