"""Computed numbers, each with its value in the comparison period."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from app.insight.metrics.metric import Metric

DECIMALS = 4
_LAST_DECIMAL = Decimal(1).scaleb(-DECIMALS)


class Measured(NamedTuple):
    """A number of one span; `exact` is None if it can't be computed, as with a zero denominator.

    `numerator` and `denominator` are set for a ratio; for a mean, `denominator` is the number of rows averaged.
    """

    #: Unrounded: a displayed value is rounded once, and changes are computed from two of these.
    exact: int | Decimal | None
    numerator: int | None = None
    denominator: int | None = None

    @property
    def value(self) -> int | float | None:
        """The machine-readable value: a count unchanged, anything else rounded to four decimals."""
        return rounded(self.exact) if isinstance(self.exact, Decimal) else self.exact


class Number(NamedTuple):
    """A number in a period and in the period it is compared with (None without a comparison)."""

    metric: Metric
    current: Measured
    before: Measured | None

    @property
    def value(self) -> int | float | None:
        """The value in the period: a count unchanged, anything else rounded to four decimals."""
        return self.current.value

    @property
    def previous(self) -> int | float | None:
        return self.before.value if self.before else None

    @property
    def change(self) -> int | Decimal | None:
        """The difference between the two unrounded values; None if one of them is unknown."""
        if self.before is None or self.current.exact is None or self.before.exact is None:
            return None
        return self.current.exact - self.before.exact


def ratio(numerator: int, denominator: int) -> Measured:
    """Return the ratio of two counts; its value is None, not 0, if the denominator is zero."""
    return Measured(Decimal(numerator) / denominator if denominator else None, numerator, denominator)


def median(value: Decimal | None, denominator: int) -> Measured:
    """Return a number for `value`, a median of `denominator` rows computed by the database."""
    return Measured(value, denominator=denominator)


def average_of(total: int | Decimal | None, values: int, *, scale: int = 1, denominator: int | None = None) -> Measured:
    """Return the mean of `values` whole numbers of 1 / `scale` that add up to `total`; its value is None without any.

    `denominator` is the number of rows if some of them have no value.
    """
    exact = Decimal(total) / (values * scale) if total is not None and values else None
    return Measured(exact, denominator=values if denominator is None else denominator)


def summed(total: int | Decimal | None, denominator: int, *, scale: int = 1) -> Measured:
    """Return the sum of whole numbers of 1 / `scale` over `denominator` rows; 0 without any rows."""
    return Measured(Decimal(total or 0) / scale, denominator=denominator)


def rounded(value: Decimal) -> float:
    """Round to four decimals, half away from zero, as PostgreSQL does: 1 of 32 is 0.0313.

    Python's `round` would return 0.0312.
    """
    return float(value.quantize(_LAST_DECIMAL, ROUND_HALF_UP))
