"""Which numbers may have a target, whose it can be, and how it is typed. The one declaration of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from flask_babel import lazy_gettext as _l

from app.errors import Sentence
from app.insight.metrics import csr_definitions as csr
from app.insight.metrics import missed_definitions as missed
from app.insight.metrics import rep_definitions as rep
from app.insight.metrics.metric import Better, Metric, Unit
from app.models import Role, TargetMetric
from app.periods import Period


@dataclass(frozen=True, slots=True)
class Typed:
    """How a target in a unit is typed: the stored value times `factor`, with so many decimals, from 0 to `most`."""

    factor: int
    decimals: int
    most: Decimal
    wrong: Sentence

    @property
    def step(self) -> Decimal:
        """By how much two stored values differ at least: 0.001 where a tenth of a percent is typed."""
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
    """A number, and the roles of those who can have a target of their own; the company always can."""

    metric: Metric
    roles: frozenset[Role]

    @property
    def typed(self) -> Typed:
        return TYPED[self.metric.unit]

    @property
    def is_of_any_period(self) -> bool:
        """Whether it is compared in any period: rates and means are, counts and sums in whole months only."""
        return not self.metric.adds_up


TARGETED: Mapping[str, Targeted] = {
    TargetMetric.BOOKING_RATE: Targeted(csr.BOOKING_RATE, _CSR | _REP),
    TargetMetric.APPOINTMENTS_BOOKED: Targeted(csr.APPOINTMENTS_BOOKED, _CSR | _REP),
    TargetMetric.QUALIFIED_LEADS: Targeted(csr.QUALIFIED_LEADS, _CSR | _REP),
    TargetMetric.MISS_RATE: Targeted(csr.MISS_RATE, _CSR),
    TargetMetric.ANSWER_RATE: Targeted(csr.ANSWER_RATE, _CSR),
    TargetMetric.SOP_COMPLIANCE: Targeted(csr.SOP_COMPLIANCE, _CSR),
    TargetMetric.WIN_RATE: Targeted(rep.WIN_RATE, _REP),
    TargetMetric.REVENUE_WON: Targeted(rep.REVENUE_WON, _REP),
    TargetMetric.AVERAGE_DEAL: Targeted(rep.AVERAGE_DEAL, _REP),
    TargetMetric.VISITS_WON: Targeted(rep.VISITS_WON, _REP),
    TargetMetric.FIRST_ATTEMPT_IN_TIME: Targeted(missed.FIRST_ATTEMPT_IN_TIME, frozenset()),
}


def month_of(period: Period) -> date:
    """The month whose targets a period is compared with, by its first day: that in which its last day lies."""
    return period.last_day.replace(day=1)


def is_whole_month(period: Period) -> bool:
    """Whether the period is one calendar month from its first day to its last, over or not."""
    month = month_of(period)
    return period.first_day == month and (period.last_day + timedelta(days=1)).day == 1


def stored_value(metric: str, typed: Decimal) -> Decimal:
    """What is stored of a value that was typed in the unit of the number: 0.75 of 75. Raises ValueError."""
    how = TARGETED[metric].typed
    if not typed.is_finite() or not 0 <= typed <= how.most or typed != round(typed, how.decimals):
        raise ValueError(how.wrong)
    return typed / how.factor


def typed_value(metric: str, stored: Decimal) -> Decimal:
    """What is typed for a stored value, without zeros that say nothing: 75 of 0.7500."""
    typed = stored * TARGETED[metric].typed.factor
    return typed.to_integral_value() if typed == typed.to_integral_value() else typed.normalize()


def is_reached(metric: str, value: int | Decimal | None, target: Decimal) -> bool | None:
    """Whether a number is as good as its target, both as people read them; None while there is no number."""
    if value is None:
        return None
    targeted = TARGETED[metric]
    shown = Decimal(value).quantize(targeted.typed.step, ROUND_HALF_UP)
    return shown <= target if targeted.metric.better is Better.LESS else shown >= target
