"""The contributions of people to the change of a number; the displayed parts add up to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.db.filters import NOBODY
from app.insight.dashboards.request_page import DashboardRequest
from app.insight.dashboards.tiles_page import SHOWN_DECIMALS, raw, shown, signed
from app.insight.metrics.metric import Metric, Unit
from app.insight.metrics.movement import (
    Cause,
    Contribution,
    Movement,
    cases_of,
    main_cause,
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


_NO_NUMBER = PeriodNumber("", "", None)


@dataclass(frozen=True, slots=True)
class MovementLine:
    """The contribution of one person, or of rows that aren't one person's; `key` is empty if those can't be listed.

    `brought` is the contribution as text. For a rate, `own` is the effect of the person's own rate, `share` the effect
    of the change in their share of the cases.
    """

    cause: Cause
    brought: str
    key: str = ""
    own: str | None = None
    share: str | None = None
    now: PeriodNumber = _NO_NUMBER
    before: PeriodNumber = _NO_NUMBER

    @property
    def length(self) -> float:
        """The signed length of its bar."""
        return float(self.cause.part)


@dataclass(frozen=True, slots=True)
class MovementPanel:
    """The contributions to the change of a number, those in the direction of the change first; it is their sum.

    `summary` is the change in a sentence. Panels are hashable.
    """

    summary: str
    change: str
    is_rate: bool
    lines: tuple[MovementLine, ...]


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
    *rounded, of_others, rest = rounded_to_add_up([*totals, movement.rest], step)
    change = sum(rounded, of_others + rest)
    lines = [
        _line(asked, metric, person, contribution, part)
        for (person, contribution), part in zip(told, rounded, strict=True)
    ]
    if rest:
        lines.append(_line_of_rows(Cause(_l("Credited to more than one person"), rest), metric))
    lines.sort(key=lambda line: -line.cause.part if change >= 0 else line.cause.part)
    cause = main_cause(change, [line.cause for line in lines])
    people = sum(bool(person.id) and contribution.total * change > 0 for person, contribution in order)
    if others:
        lines.append(_line_of_rows(Cause(_l("All others"), of_others), metric))
    return MovementPanel(
        _summary(metric, change, cause, people),
        _words(change, metric.unit),
        is_rate=not metric.adds_up,
        lines=tuple(lines),
    )


def _summary(metric: Metric, change: Fraction, cause: Cause | None, people: int) -> str:
    """Return the change in a sentence, with its cause, or with the number of `people` it is spread over."""
    texts = {"name": metric.label, "change": _words(change, metric.unit)}
    if cause is None and people > 1:
        spread = ngettext(
            "%(name)s: %(change)s overall, spread over %(num)s person",
            "%(name)s: %(change)s overall, spread over %(num)s people",
            people,
            **texts,
        )
        return str(spread)
    if cause is None or not cause.may_be_named:
        return str(_("%(name)s: %(change)s overall", **texts))
    texts["part"] = _words(cause.part, metric.unit)
    if cause.cases is None:
        return str(_("%(name)s: %(change)s overall, mostly “%(line)s” (%(part)s)", line=cause.name, **texts))
    return str(_("%(name)s: %(change)s overall, mostly %(person)s (%(part)s)", person=cause.name, **texts))


def _movement(metric: Metric, whole: Number, people: Sequence[Number]) -> Movement | None:
    if whole.before is None or whole.change is None or not (metric.adds_up or metric.numerator):
        return None
    parts = [(one.current, one.before or Measured(None)) for one in people]
    moved = movement_of_sum if metric.adds_up else movement_of_ratio
    return moved(parts, whole.current, whole.before)


def _line(
    request: DashboardRequest, metric: Metric, person: PersonNumbers, contribution: Contribution, part: Fraction
) -> MovementLine:
    number, own = person.numbers[metric.name], _rounded(contribution.own, metric.unit)
    cases = cases_of(number.current, number.before or Measured(None), adds_up=metric.adds_up)
    # A list can't show a period that is cut off at a time of day.
    days = request.previous_days if request.compared_until is None else None
    links = request.links_of(person.id or NOBODY)
    return MovementLine(
        Cause(person.name or request.dashboard.unassigned_label, part, cases if person.id else None),
        _words(part, metric.unit),
        key=str(person.id or NOBODY),
        own=None if metric.adds_up else _words(own, metric.unit),
        share=None if metric.adds_up else _words(part - own, metric.unit),
        now=_period_number(metric, number.current, links.to(metric.rows)),
        before=_period_number(metric, number.before, links.of_days(*days).to(metric.rows) if days else None),
    )


def _line_of_rows(cause: Cause, metric: Metric) -> MovementLine:
    return MovementLine(cause, _words(cause.part, metric.unit))


def _period_number(metric: Metric, measured: Measured | None, href: str | None) -> PeriodNumber:
    exact = measured.exact if measured else None
    return PeriodNumber(shown(exact, metric.unit), raw(measured.value if measured else None), href)


def _rounded(value: Fraction, unit: Unit) -> Fraction:
    return rounded_to_add_up([value], Fraction(1, 10 ** SHOWN_DECIMALS[unit]))[0]


def _words(value: Fraction, unit: Unit) -> str:
    """Return a rounded change as text with its sign."""
    return signed(Decimal(value.numerator) / value.denominator, unit)
