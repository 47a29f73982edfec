"""A computed number with what it was before."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.metrics.metric import Metric

DECIMALS = 4
_LAST_DECIMAL = Decimal(1).scaleb(-DECIMALS)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number of one span. `value` is None where nothing can be computed (a zero denominator).

    `over` and `under` are a ratio's numerator and denominator; of a mean, `under` is how many rows it is over.
    """

    value: int | float | None
    over: int | None = None
    under: int | None = None


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
        """What it was."""
        return self.before.value if self.before else None

    @property
    def change(self) -> float | None:
        """The value less what it was; None when one of them is unknown."""
        if self.value is None or self.previous is None:
            return None
        return round(self.value - self.previous, DECIMALS)


def ratio(over: int, under: int) -> Measured:
    """A fraction with four decimals; None, not 0, when there is nothing to divide by."""
    return Measured(rounded(Decimal(over) / under) if under else None, over, under)


def mean(value: Decimal | None, under: int) -> Measured:
    """A mean over `under` rows as the database gave it, with four decimals."""
    return Measured(None if value is None else rounded(value), under=under)


def mean_of(total: Decimal | None, under: int) -> Measured:
    """The mean of `under` values that make `total`, with four decimals; None of none."""
    return mean(total / under if total is not None and under else None, under)


def summed(total: Decimal | None, under: int, *, unit: int = 1) -> Measured:
    """A sum over `under` rows, in parts of `unit`, with four decimals; 0 of none."""
    return Measured(rounded((total or Decimal()) / unit), under=under)


def rounded(value: Decimal) -> float:
    """With four decimals, as people and PostgreSQL round, a half away from zero: 1 of 32 is 0.0313.

    Python's `round` would say 0.0312.
    """
    return float(value.quantize(_LAST_DECIMAL, ROUND_HALF_UP))
