"""The contributions of people to the change of a number; the displayed parts add up to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.db.filters import NOBODY
from app.errors import LazyText
from app.insight.dashboards.request_page import DashboardRequest
from app.insight.dashboards.tiles_page import SHOWN_DECIMALS, raw, shown, signed
from app.insight.metrics.metric import Metric, Unit
from app.insight.metrics.movement import (
    Contribution,
    Movement,
    movement_of_ratio,
    movement_of_sum,
    rounded_to_add_up,
)
from app.insight.metrics.numbers import Measured, Number
from app.insight.metrics.people_queries import PersonNumbers, TeamNumbers

#: The number of people listed separately; the others share one line.
_MAX_PEOPLE = 6


@dataclass(frozen=True, slots=True)
class PeriodNumber:
    """A number of one period, as text and machine-readable, with the address of its rows.

    The address is None if the rows can't be listed.
    """

    value: str
    raw: str
    href: str | None


@dataclass(frozen=True, slots=True)
class MovementLine:
    """The contribution of one person; `name` is None for rows credited to no one.

    `bar` is its size relative to the largest one. For a rate, `own` is the effect of the person's own rate, `share` the
    effect of the change in their share of the cases.
    """

    key: str
    name: str | None
    brought: str
    bar: float
    own: str | None
    share: str | None
    now: PeriodNumber
    before: PeriodNumber


@dataclass(frozen=True, slots=True)
class MovementPanel:
    """The contributions to the change of `label`, the largest first.

    `others` is the contribution of all further people; `rest` is due to rows that count for several people. `change` is
    the sum of all.
    """

    label: LazyText
    change: str
    is_rate: bool
    lines: Sequence[MovementLine]
    #: The largest contribution in the direction of the change; None if it didn't change.
    mover: MovementLine | None
    others: str | None
    rest: str | None


def movement_panel(asked: DashboardRequest, metric: Metric, team: TeamNumbers) -> MovementPanel | None:
    """Build the panel of people's contributions to the change of `metric`.

    Returns None without a comparison or data for it, and for a mean, which ignores rows without a value and therefore
    can't be split by person.
    """
    whole = team.together[metric.name]
    movement = _movement(metric, whole, [one.numbers[metric.name] for one in team.people])
    if movement is None:
        return None
    known = zip(team.people, movement.contributions, strict=True)
    order = sorted((one for one in known if one[1].total), key=lambda one: -abs(one[1].total))
    told, others = order[:_MAX_PEOPLE], order[_MAX_PEOPLE:]
    totals = [*(one.total for _person, one in told), sum((one.total for _person, one in others), Fraction())]
    step = Fraction(1, 10 ** SHOWN_DECIMALS[metric.unit])
    *parts, of_others, rest = rounded_to_add_up([*totals, movement.rest], step)
    change = sum(parts, of_others + rest)
    lines = [
        _line(asked, metric, person, one, part, abs(told[0][1].total))
        for (person, one), part in zip(told, parts, strict=True)
    ]
    return MovementPanel(
        metric.label,
        _words(change, metric.unit),
        is_rate=not metric.adds_up,
        lines=lines,
        # Larger contributions can be in the opposite direction.
        mover=next((line for line, part in zip(lines, parts, strict=True) if part * change > 0), None),
        others=_words(of_others, metric.unit) if others else None,
        rest=_words(rest, metric.unit) if rest else None,
    )


def _movement(metric: Metric, whole: Number, people: Sequence[Number]) -> Movement | None:
    if whole.before is None or not (metric.adds_up or metric.numerator):
        return None
    parts = [(one.current, one.before or Measured(None)) for one in people]
    moved = movement_of_sum if metric.adds_up else movement_of_ratio
    return moved(parts, whole.current, whole.before)


def _line(
    asked: DashboardRequest,
    metric: Metric,
    person: PersonNumbers,
    one: Contribution,
    part: Fraction,
    greatest: Fraction,
) -> MovementLine:
    number, own = person.numbers[metric.name], _rounded(one.own, metric.unit)
    # A list can't show a period that is cut off at a time of day.
    days = asked.previous_days if asked.compared_until is None else None
    links = asked.links_of(person.id or NOBODY)
    return MovementLine(
        str(person.id or NOBODY),
        person.name,
        _words(part, metric.unit),
        float(abs(one.total) / greatest),
        own=None if metric.adds_up else _words(own, metric.unit),
        share=None if metric.adds_up else _words(part - own, metric.unit),
        now=_period_number(metric, number.current, links.to(metric.rows)),
        before=_period_number(metric, number.before, links.of_days(*days).to(metric.rows) if days else None),
    )


def _period_number(metric: Metric, measured: Measured | None, href: str | None) -> PeriodNumber:
    exact = measured.exact if measured else None
    return PeriodNumber(shown(exact, metric.unit), raw(measured.value if measured else None), href)


def _rounded(value: Fraction, unit: Unit) -> Fraction:
    return rounded_to_add_up([value], Fraction(1, 10 ** SHOWN_DECIMALS[unit]))[0]


def _words(value: Fraction, unit: Unit) -> str:
    """Return a rounded change as text with its sign."""
    return signed(Decimal(value.numerator) / value.denominator, unit)
