"""Queries for the months on which a forecast is based, for all reps or some of them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, Row, cast, func, select

from app.db.filters import Person
from app.db.paging import Selection
from app.insight.metrics.cached_queries import cached_numbers
from app.insight.metrics.forecast_rules import Forecast, Month, forecast
from app.insight.metrics.grouping_queries import ByStretch
from app.insight.metrics.ledger_queries import counted_rows, is_stored_for
from app.insight.metrics.metric import Credit
from app.insight.metrics.question_queries import Question
from app.insight.metrics.rep_definitions import FORECAST_REVENUE_WON
from app.insight.metrics.tally_ledgers import APPOINTMENTS_BY_SCHEDULE, REVENUE, VISITS_BY_BOOKING
from app.insight.metrics.tally_queries import tally
from app.periods import midnight
from app.security.actor import Actor
from app.security.scope import unscoped

#: Number of earlier months that the method is judged by; the earliest needs one more before it.
MONTHS = 6


def forecast_of_revenue(actor: Actor, *, rep: Person | None, now: datetime) -> Forecast | None:
    """Return the forecast of the current month's revenue, or None if too little is known.

    Two statements are executed. Raises Forbidden, and NotFound for another rep if the actor can only see their own
    numbers.
    """
    question = Question.of(actor, Credit.REP, rep, now, (FORECAST_REVENUE_WON,))
    zone = ZoneInfo(actor.timezone)
    today = now.astimezone(zone).date()
    firsts = _last_months(today, MONTHS + 2)
    grouping = ByStretch(_halves(firsts, today, zone))
    won = {key: found[REVENUE.metric.name].total for key, found in tally(question, grouping, (REVENUE,)).items()}
    are_stored = is_stored_for(question, grouping, APPOINTMENTS_BY_SCHEDULE, VISITS_BY_BOOKING)
    visits = {row.key: row for row in _visits.rows(question, grouping, are_stored)}
    return forecast([_month(first, at, won, visits, is_over=first != firsts[-1]) for at, first in enumerate(firsts)])


def last_day_of_month(day: date) -> date:
    """Return the last day of the month that `day` is in."""
    in_next = day.replace(day=28) + timedelta(days=4)
    return in_next - timedelta(days=in_next.day)


def _last_months(today: date, count: int) -> list[date]:
    """Return the first days of the last `count` months including the current one, the earliest first."""
    firsts = [today.replace(day=1)]
    while len(firsts) < count:
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    return firsts[::-1]


def _halves(firsts: Sequence[date], today: date, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the bounds of two parts of each month: before today's day of the month, and from that day on.

    The second part is empty if the month has no such day. The last bound is the end of the current month.
    """
    ends = [*firsts[1:], last_day_of_month(today) + timedelta(days=1)]
    days = [min(first + timedelta(days=today.day - 1), end) for first, end in zip(firsts, ends, strict=True)]
    bounds = [bound for pair in zip(firsts, days, strict=True) for bound in pair]
    return tuple(midnight(bound, zone) for bound in (*bounds, ends[-1]))


@cached_numbers
def _visits(question: Question, grouping: ByStretch, are_stored: bool) -> Selection:
    [rows] = counted_rows(question, grouping, APPOINTMENTS_BY_SCHEDULE, VISITS_BY_BOOKING, are_stored=are_stored)
    of_day = rows.c
    # Booked in an earlier stretch, that is, before the day on which this one begins.
    booked_before = func.sum(of_day.visits).filter(of_day.booked_on < grouping.start_of(of_day.key))
    sums = {
        "visits": func.sum(of_day.visits),
        "scheduled": func.sum(of_day.stands),
        "booked_before": booked_before,
    }
    numbers = select(
        of_day.key,
        func.sum(of_day.worth_sum).label("worth"),
        *(cast(func.coalesce(number, 0), Integer).label(name) for name, number in sums.items()),
    )
    return unscoped(numbers.group_by(of_day.key), why="the counted rows are scoped")


def _month(
    first: date, at: int, won: Mapping[int, int | None], visits: Mapping[int, Row[Any]], *, is_over: bool
) -> Month:
    """Build the month with the index `at`.

    A past month is described as of today's day of the month, the current one as of now.
    """
    beginning, rest = 2 * at + 1, 2 * at + 2
    so_far, later = (_money(won.get(half)) for half in (beginning, rest))
    both = [visits[half] for half in (beginning, rest) if half in visits]
    upcoming = visits.get(rest)
    return Month(
        first,
        so_far + later,
        so_far=so_far if is_over else so_far + later,
        visits=sum(half.visits for half in both),
        worth=sum((_money(half.worth) for half in both), Decimal()),
        scheduled=(upcoming.booked_before if is_over else upcoming.scheduled) if upcoming else 0,
    )


def _money(cents: int | None) -> Decimal:
    return Decimal(cents or 0).scaleb(-2)
