"""Queries for each tab of the executive dashboard.

The number of statements does not depend on the number of people.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.db.filters import Person
from app.insight.metrics.compute_queries import compute_all, compute_team
from app.insight.metrics.csr_definitions import BOOKING_RATE
from app.insight.metrics.csr_queries import booking_rates_by_week, csr_trend
from app.insight.metrics.forecast_queries import forecast_of_revenue
from app.insight.metrics.forecast_rules import Forecast
from app.insight.metrics.metric import Credit, Metric
from app.insight.metrics.missed_queries import METRICS as MISSED_METRICS
from app.insight.metrics.missed_queries import Funnel, missed_call_funnel
from app.insight.metrics.numbers import Measured, Number
from app.insight.metrics.objection_queries import Objection, objection_shares, top_objections
from app.insight.metrics.people_queries import TeamNumbers
from app.insight.metrics.rep_definitions import REVENUE_WON
from app.insight.metrics.rep_queries import rep_trend, win_rates_by_week
from app.insight.metrics.series_queries import Point, WeeksOfPeople, step_for
from app.insight.metrics.working_hours_queries import working_time
from app.periods import Period, PeriodName, resolve_period
from app.security.actor import Actor
from app.security.permissions import Permission

#: Number of weeks shown for each person.
WEEKS = 7


@dataclass(frozen=True, slots=True)
class Trend:
    """A number for each day or week up to today, and for the comparison period in the same steps.

    `before` is empty without a comparison.
    """

    points: Sequence[Point]
    before: Sequence[Point]


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
    return ExecutiveCsr(
        compute_team(actor, Credit.CSR, period, csr, now=now, compare=compare),
        booking_rates_by_week(actor, period, csr=csr, now=now, weeks=WEEKS),
        _trend(
            period,
            now,
            lambda days: csr_trend(actor, days, csr=csr, now=now, step=step_for(period), only=course_of),
            compare=compare,
        ),
        top_objections(actor, period, csr=csr, now=now),
        objection_shares(actor, period.comparison, csr=csr, now=now) if compare else None,
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
    return ExecutiveSales(
        compute_team(actor, Credit.REP, period, rep, now=now, compare=compare),
        win_rates_by_week(actor, period, rep=rep, now=now, weeks=WEEKS),
        _trend(
            period,
            now,
            lambda days: rep_trend(actor, days, rep=rep, now=now, step=step_for(period), only=course_of),
            compare=compare,
        ),
        working_time(actor, period, rep=rep, now=now),
        forecast_of_revenue(actor, rep=rep, now=now),
    )


def executive_missed_calls(
    actor: Actor, period: Period, *, csr: Person | None = None, now: datetime, compare: bool = True
) -> ExecutiveMissedCalls:
    """Return the content of the missed-call tab.

    Three statements are executed. Raises Forbidden.
    """
    actor.requires(Permission.DASHBOARDS_EXEC)
    return ExecutiveMissedCalls(
        compute_all(actor, MISSED_METRICS, period, csr, now=now, compare=compare),
        missed_call_funnel(actor, period, csr=csr, now=now),
    )


def _trend(period: Period, now: datetime, ask: Callable[[Period], Sequence[Point]], *, compare: bool) -> Trend:
    today = now.astimezone(ZoneInfo(period.timezone)).date()
    # Future points are only plans, not part of the trend yet.
    points = [point for point in ask(period) if point.first_day <= today]
    if not compare:
        return Trend(points, [])
    first, last = period.previous_days
    before = resolve_period(PeriodName.CUSTOM, now=now, timezone=period.timezone, first_day=first, last_day=last)
    return Trend(points, ask(before)[: len(points)])
