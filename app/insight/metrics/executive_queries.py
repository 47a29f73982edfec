"""Queries for each tab of the executive dashboard.

Numbers that the asker would get in part are withheld. The number of statements does not depend on the number of
people.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.db.filters import Person
from app.insight.metrics.compute_queries import compute_readable, compute_readable_team
from app.insight.metrics.csr_definitions import BOOKING_RATE, CSR_OBJECTIONS
from app.insight.metrics.csr_queries import booking_rates_by_week, csr_trend
from app.insight.metrics.forecast_queries import forecast_of_revenue
from app.insight.metrics.forecast_rules import Forecast
from app.insight.metrics.metric import Credit, Metric
from app.insight.metrics.missed_queries import METRICS as MISSED_METRICS
from app.insight.metrics.missed_queries import Funnel, missed_call_funnel
from app.insight.metrics.numbers import Measured, Number
from app.insight.metrics.objection_queries import Objection, objection_shares, top_objections
from app.insight.metrics.people_queries import TeamNumbers
from app.insight.metrics.question_queries import missing_reads
from app.insight.metrics.rep_definitions import FORECAST_REVENUE_WON, REVENUE_WON, WIN_RATE
from app.insight.metrics.rep_queries import rep_trend, win_rates_by_week
from app.insight.metrics.series_queries import Point, WeeksOfPeople, step_for, without_deleted_calls
from app.insight.metrics.step_rules import Step
from app.insight.metrics.working_hours_queries import working_time
from app.periods import Period, Span
from app.security.actor import Actor
from app.security.permissions import Permission

#: Number of weeks shown for each person.
WEEKS = 7


@dataclass(frozen=True, slots=True)
class Trend:
    """A number for each day or week up to today, and for each of the comparison period.

    The steps of both have the same length and count from the first day of each period; their number can differ. The
    numbers of both add up to those of the periods, for counts and sums. `before` is empty without a comparison.
    """

    points: Sequence[Point]
    before: Sequence[Point]


_NO_TREND = Trend((), ())


@dataclass(frozen=True, slots=True)
class ExecutiveCsr:
    """The numbers of the call center: all CSRs together, each of them, the trend, and callers' objections."""

    team: TeamNumbers
    weeks: WeeksOfPeople
    trend: Trend
    objections: Sequence[Objection]
    #: The share of each category in the period before; None without a comparison.
    objections_before: Mapping[str, Measured] | None


@dataclass(frozen=True, slots=True)
class ExecutiveSales:
    """The numbers of sales: all reps together and each of them, the trend, working time and the forecast.

    `forecast` is that of the current month's revenue; None if too little is known.
    """

    team: TeamNumbers
    weeks: WeeksOfPeople
    trend: Trend
    working_time: Mapping[UUID, timedelta]
    forecast: Forecast | None


@dataclass(frozen=True, slots=True)
class ExecutiveMissedCalls:
    """The numbers of the missed-call queue, and how many callers reached each stage, by time."""

    numbers: Mapping[str, Number]
    funnel: Funnel


def executive_csr(
    actor: Actor,
    period: Period,
    *,
    csr: Person | None = None,
    now: datetime,
    compare: bool = True,
    course_of: Metric = BOOKING_RATE,
) -> ExecutiveCsr:
    """Return the content of the CSR tab, with `course_of` as the number over time.

    With a comparison, at most eight statements are executed. Raises Forbidden.
    """
    actor.requires(Permission.DASHBOARDS_EXEC)

    def may_read(metric: Metric) -> bool:
        return not missing_reads(actor, Credit.CSR, csr, (metric,))

    has_objections = may_read(CSR_OBJECTIONS) and period.has_all_calls(period.span)
    return ExecutiveCsr(
        compute_readable_team(actor, Credit.CSR, period, csr, now=now, compare=compare),
        booking_rates_by_week(actor, period, csr=csr, now=now, weeks=WEEKS) if may_read(BOOKING_RATE) else {},
        _trend(
            period.judged_by(course_of.kept_by),
            lambda span, step: csr_trend(actor, span, csr=csr, now=now, step=step, only=course_of),
            now=now,
            compare=compare,
        )
        if may_read(course_of)
        else _NO_TREND,
        top_objections(actor, period, csr=csr, now=now) if has_objections else (),
        objection_shares(actor, period.comparison, csr=csr, now=now)
        if compare and has_objections and period.has_all_calls(period.comparison)
        else None,
    )


def executive_sales(
    actor: Actor,
    period: Period,
    *,
    rep: Person | None = None,
    now: datetime,
    compare: bool = True,
    course_of: Metric = REVENUE_WON,
) -> ExecutiveSales:
    """Return the content of the sales tab, with `course_of` as the number over time.

    With a comparison, at most ten statements are executed. Raises Forbidden.
    """
    actor.requires(Permission.DASHBOARDS_EXEC)

    def may_read(metric: Metric) -> bool:
        return not missing_reads(actor, Credit.REP, rep, (metric,))

    return ExecutiveSales(
        compute_readable_team(actor, Credit.REP, period, rep, now=now, compare=compare),
        win_rates_by_week(actor, period, rep=rep, now=now, weeks=WEEKS) if may_read(WIN_RATE) else {},
        _trend(
            period.judged_by(course_of.kept_by),
            lambda span, step: rep_trend(actor, span, rep=rep, now=now, step=step, only=course_of),
            now=now,
            compare=compare,
        )
        if may_read(course_of)
        else _NO_TREND,
        working_time(actor, period, rep=rep, now=now),
        forecast_of_revenue(actor, rep=rep, now=now) if may_read(FORECAST_REVENUE_WON) else None,
    )


def executive_missed_calls(
    actor: Actor, period: Period, *, csr: Person | None = None, now: datetime, compare: bool = True
) -> ExecutiveMissedCalls:
    """Return the content of the missed-call tab.

    Three statements are executed. Raises Forbidden.
    """
    actor.requires(Permission.DASHBOARDS_EXEC)
    return ExecutiveMissedCalls(
        compute_readable(actor, MISSED_METRICS, period, csr, now=now, compare=compare),
        missed_call_funnel(actor, period, csr=csr, now=now),
    )


def _trend(
    period: Period, points_of: Callable[[Span, Step], Sequence[Point]], *, now: datetime, compare: bool
) -> Trend:
    step = step_for(period, now)
    before = points_of(period.comparison, step) if compare else []
    return Trend(
        without_deleted_calls(points_of(period.span, step), period, is_comparison=False),
        without_deleted_calls(before, period, is_comparison=True),
    )
