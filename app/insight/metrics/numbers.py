"""Computed numbers, each with its value in the comparison period."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from app.insight.metrics.caveat_rules import Caveat, CaveatReason
from app.insight.metrics.metric import Metric
from app.periods import Period
from app.security.permissions import Permission

DECIMALS = 4
#: A change that rests on fewer cases can be chance.
MIN_CASES = 20
_LAST_DECIMAL = Decimal(1).scaleb(-DECIMALS)


class Measured(NamedTuple):
    """A number of one span; `exact` is None if it can't be computed, as with a zero denominator.

    `numerator` and `denominator` are set for a ratio; for a mean, `denominator` is the number of rows averaged.
    """

    #: Unrounded: a displayed value is rounded once, and changes are computed from two of these.
    exact: int | Decimal | None
    numerator: int | None = None
    denominator: int | None = None
    caveat: Caveat | None = None
    #: For a mean: how many of the rows have a value.
    averaged: int | None = None

    @property
    def without(self) -> "Measured | None":
        """The ratio without the rows of the caveat; None if the caveat is about another kind of number."""
        if self.caveat is None or self.caveat.reason not in _LEFT_OUT or self.numerator is None:
            return None
        return ratio(self.numerator, self.caveat.whole - self.caveat.rows)

    def with_caveat(self, reason: CaveatReason, rows: int, whole: int, day: date | None = None) -> "Measured":
        """Return the number with this caveat, or as it is if there are no such rows."""
        return self._replace(caveat=Caveat(reason, rows, whole, day)) if rows else self

    @property
    def value(self) -> int | float | None:
        """The machine-readable value: a count unchanged, anything else rounded to four decimals."""
        return rounded(self.exact) if isinstance(self.exact, Decimal) else self.exact

    @property
    def cases(self) -> float:
        """The number of rows it is based on: the denominator, or the count itself."""
        return self.denominator if self.denominator is not None else self.value or 0


class Number(NamedTuple):
    """A number in a period and in the period it is compared with (None without a comparison).

    It is withheld from an asker who lacks the permissions `needs`: then it has no value. They are needed for the whole
    organization, or for the asker's own rows if not `needs_all`.
    """

    metric: Metric
    current: Measured
    before: Measured | None
    needs: tuple[Permission, ...] = ()
    needs_all: bool = True

    @property
    def value(self) -> int | float | None:
        """The value in the period: a count unchanged, anything else rounded to four decimals."""
        return self.current.value

    @property
    def previous(self) -> int | float | None:
        return self.before.value if self.before else None

    def among_kept(self, period: Period) -> "Number":
        """Return the number without values that need records which have been deleted for their age.

        A ratio or mean of a period with such records is unknown; a count or sum is that of those that are left, but
        unknown for the comparison, since its change would say nothing.
        """
        if not period.kept_from or not (kinds := self.metric.kept_by):
            return self
        judged = period.judged_by(kinds)
        unknown = Measured(None, caveat=Caveat(CaveatReason.NOT_KEPT, day=judged.calls_kept_from))
        is_complete = self.metric.adds_up or judged.has_all_calls(period.span)
        is_compared = self.before is None or judged.has_all_calls(period.comparison)
        return self._replace(
            current=self.current if is_complete else unknown, before=self.before if is_compared else unknown
        )

    @property
    def change(self) -> int | Decimal | None:
        """The difference between the two unrounded values; None if one of them is unknown."""
        if self.before is None or self.current.exact is None or self.before.exact is None:
            return None
        return self.current.exact - self.before.exact


def withheld(metric: Metric, needs: tuple[Permission, ...], *, needs_all: bool = True) -> Number:
    """Return a number without a value for an asker who lacks the permissions `needs`."""
    return Number(metric, Measured(None), None, needs, needs_all)


def ratio(numerator: int, denominator: int) -> Measured:
    """Return the ratio of two counts; its value is None, not 0, if the denominator is zero."""
    return Measured(Decimal(numerator) / denominator if denominator else None, numerator, denominator)


_LEFT_OUT = frozenset({CaveatReason.BOOKED_BEFORE, CaveatReason.UNDECIDED})


def median(value: Decimal | None, denominator: int) -> Measured:
    """Return a number for `value`, a median of `denominator` rows computed by the database."""
    return Measured(value, denominator=denominator)


def average_of(total: int | Decimal | None, values: int, *, scale: int = 1, denominator: int | None = None) -> Measured:
    """Return the mean of `values` whole numbers of 1 / `scale` that add up to `total`; its value is None without any.

    `denominator` is the number of rows if some of them have no value.
    """
    exact = Decimal(total) / (values * scale) if total is not None and values else None
    return Measured(exact, denominator=values if denominator is None else denominator, averaged=values)


def summed(total: int | Decimal | None, denominator: int, *, scale: int = 1) -> Measured:
    """Return the sum of whole numbers of 1 / `scale` over `denominator` rows; 0 without any rows."""
    return Measured(Decimal(total or 0) / scale, denominator=denominator)


def rounded(value: Decimal) -> float:
    """Round to four decimals, half away from zero, as PostgreSQL does: 1 of 32 is 0.0313.

    Python's `round` would return 0.0312.
    """
    return float(value.quantize(_LAST_DECIMAL, ROUND_HALF_UP))
