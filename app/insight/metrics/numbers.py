"""A computed number with what it was before."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.insight.metrics.metric import Metric

DECIMALS = 4
_LAST_DECIMAL = Decimal(1).scaleb(-DECIMALS)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number of one span. `exact` is None where nothing can be computed (a zero denominator).

    `numerator` and `denominator` are a ratio's; of a mean, `denominator` is how many rows it is over.
    """

    #: Not rounded: what people read is rounded once, and changes are those between two of these.
    exact: int | Decimal | None
    numerator: int | None = None
    denominator: int | None = None

    @property
    def value(self) -> int | float | None:
        """For programs: a count as it is, all else with four decimals."""
        return rounded(self.exact) if isinstance(self.exact, Decimal) else self.exact


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a period, and of what the period is compared with (None when nothing is compared)."""

    metric: Metric
    current: Measured
    before: Measured | None

    @property
    def value(self) -> int | float | None:
        """Rounded to four decimals."""
        return self.current.value

    @property
    def previous(self) -> int | float | None:
        return self.before.value if self.before else None

    @property
    def change(self) -> int | Decimal | None:
        """What it is less what it was, of which neither is rounded; None when one of them is unknown."""
        if self.before is None or self.current.exact is None or self.before.exact is None:
            return None
        return self.current.exact - self.before.exact


def ratio(numerator: int, denominator: int) -> Measured:
    """A fraction; None, not 0, when there is nothing to divide by."""
    return Measured(Decimal(numerator) / denominator if denominator else None, numerator, denominator)


def mean(value: Decimal | None, denominator: int) -> Measured:
    """A mean over `denominator` rows as the database gave it."""
    return Measured(value, denominator=denominator)


def mean_of(total: Decimal | None, denominator: int) -> Measured:
    """The mean of `denominator` values that make `total`; None of none."""
    return mean(total / denominator if total is not None and denominator else None, denominator)


def summed(total: Decimal | None, denominator: int, *, unit: int = 1) -> Measured:
    """A sum over `denominator` rows, in parts of `unit`; 0 of none."""
    return Measured((total or Decimal()) / unit, denominator=denominator)


def rounded(value: Decimal) -> float:
    """With four decimals, as people and PostgreSQL round, a half away from zero: 1 of 32 is 0.0313.

    Python's `round` would say 0.0312.
    """
    return float(value.quantize(_LAST_DECIMAL, ROUND_HALF_UP))
