"""The numbers that can have a target, declared once: for which roles, and how a target is entered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.insight.metrics.catalogue import metric_of
from app.insight.metrics.metric import Better, Metric, Unit
from app.models import Role, TargetMetric
from app.periods import Period


@dataclass(frozen=True, slots=True)
class Typed:
    """The input format of targets in a unit.

    The typed value is the stored one times `factor`. It has at most `decimals` decimal places and is between 0 and
    `most`.
    """

    factor: int
    decimals: int
    most: Decimal
    wrong: LazyText

    @property
    def step(self) -> Decimal:
        """The smallest difference of two stored values: 0.001 for percentages with one decimal."""
        return Decimal(1).scaleb(-self.decimals) / self.factor


TYPED: Mapping[Unit, Typed] = {
    Unit.COUNT: Typed(1, 0, Decimal(9_999_999), _l("Enter a whole number from 0 to 9,999,999.")),
    Unit.RATIO: Typed(100, 1, Decimal(1000), _l("Enter a percentage from 0 to 1,000, with one decimal at most.")),
    Unit.SCORE: Typed(1, 1, Decimal(100), _l("Enter a score from 0 to 100, with one decimal at most.")),
    Unit.MONEY: Typed(1, 2, Decimal("9999999999.99"), _l("Enter an amount from 0 to 9,999,999,999.99.")),
}

_CSR, _REP = frozenset({Role.CSR}), frozenset({Role.SALES_REP})


@dataclass(frozen=True, slots=True)
class Targeted:
    """A number that can have a target, and the roles whose members can have a target of their own.

    The organization as a whole can always have one.
    """

    metric: Metric
    roles: frozenset[Role]

    @property
    def typed(self) -> Typed:
        return TYPED[self.metric.unit]

    @property
    def is_of_any_period(self) -> bool:
        """True if targets of this number apply to any period, as for rates and means.

        Counts and sums are compared with their targets in whole months only.
        """
        return not self.metric.adds_up


_ROLES: Mapping[TargetMetric, frozenset[Role]] = {
    TargetMetric.BOOKING_RATE: _CSR | _REP,
    TargetMetric.APPOINTMENTS_BOOKED: _CSR | _REP,
    TargetMetric.QUALIFIED_LEADS: _CSR | _REP,
    TargetMetric.MISS_RATE: _CSR,
    TargetMetric.ANSWER_RATE: _CSR,
    TargetMetric.SOP_COMPLIANCE: _CSR,
    TargetMetric.WIN_RATE: _REP,
    TargetMetric.REVENUE_WON: _REP,
    TargetMetric.AVERAGE_DEAL: _REP,
    TargetMetric.VISITS_WON: _REP,
    TargetMetric.FIRST_ATTEMPT_IN_TIME: frozenset(),
}
TARGETED: Mapping[str, Targeted] = {name: Targeted(metric_of(name), roles) for name, roles in _ROLES.items()}


def month_of(period: Period) -> date:
    """Return the first day of the month whose targets apply to a period: that of its last day."""
    return period.last_day.replace(day=1)


def is_whole_month(period: Period) -> bool:
    """Return whether the period is exactly one calendar month, whether over or not."""
    month = month_of(period)
    return period.first_day == month and (period.last_day + timedelta(days=1)).day == 1


def stored_value(metric: str, typed: Decimal) -> Decimal:
    """Convert a typed value to the stored one, such as 75 to 0.75.

    Raises ValueError, with a message for users, if the value is out of range or has too many decimals.
    """
    how = TARGETED[metric].typed
    if not typed.is_finite() or not 0 <= typed <= how.most or typed != round(typed, how.decimals):
        raise ValueError(how.wrong)
    return typed / how.factor


def typed_value(metric: str, stored: Decimal) -> Decimal:
    """Convert a stored value to the typed one, without trailing zeros, such as 0.7500 to 75."""
    typed = stored * TARGETED[metric].typed.factor
    return typed.to_integral_value() if typed == typed.to_integral_value() else typed.normalize()


def is_reached(metric: str, value: int | Decimal | None, target: Decimal) -> bool | None:
    """Return whether a number meets its target, both rounded as displayed; None without a number."""
    if value is None:
        return None
    targeted = TARGETED[metric]
    shown = Decimal(value).quantize(targeted.typed.step, ROUND_HALF_UP)
    return shown <= target if targeted.metric.better is Better.LESS else shown >= target
