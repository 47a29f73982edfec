"""Queries for the months on which a forecast is based, for all reps or some of them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, func, select

from app.db.filters import Person
from app.db.paging import Selection
from app.insight.metrics import rep_definitions as d
from app.insight.metrics.cached_queries import cached_numbers
from app.insight.metrics.forecast_rules import Forecast, Month, forecast
from app.insight.metrics.grouping_queries import ByStretch, Columns, grouped
from app.insight.metrics.metric import Credit
from app.insight.metrics.question_queries import Question
from app.models import Appointment, AppointmentOutcome, AppointmentStatus
from app.periods import midnight
from app.security.actor import Actor
from app.security.scope import restrict

#: Number of earlier months that the method is judged by; the earliest needs one more before it.
MONTHS = 6
_NOTHING = Decimal()


def forecast_of_revenue(actor: Actor, *, rep: Person | None, now: datetime) -> Forecast | None:
    """Return the forecast of the current month's revenue, or None if too little is known.

    Two statements are executed. Raises Forbidden, and NotFound for another rep if the actor can only see their own
    numbers.
    """
    question = Question.of(actor, Credit.REP, rep, now)
    zone = ZoneInfo(actor.timezone)
    today = now.astimezone(zone).date()
    firsts = _last_months(today, MONTHS + 2)
    grouping = ByStretch(_halves(firsts, today, zone))
    won = {row.key: row for row in _won.rows(question, grouping)}
    visits = {row.key: row for row in _visits.rows(question, grouping)}
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
def _won(question: Question, grouping: ByStretch) -> Selection:
    statement: Selection = select(func.sum(Appointment.deal_value).label("won"))
    conditions = question.conditions(d.REVENUE_WON.rows, grouping.span)
    columns = Columns(Appointment.outcome_at, Appointment.sales_rep_id)
    return _by_half(statement, question, grouping, columns, conditions)


@cached_numbers
def _visits(question: Question, grouping: ByStretch) -> Selection:
    moment = Appointment.scheduled_start_at
    counts: dict[str, ColumnElement[Any]] = {
        "visits": func.count(),
        "worth": func.sum(Appointment.deal_value).filter(Appointment.outcome == AppointmentOutcome.CLOSED_WON),
        # Booked in an earlier stretch, that is, before that day began.
        "stood": func.count().filter(grouping.number(Appointment.booked_at.expression) < grouping.number(moment)),
        "stands": func.count().filter(Appointment.status == AppointmentStatus.SCHEDULED),
    }
    statement: Selection = select(*(count.label(name) for name, count in counts.items()))
    conditions = question.conditions(d.HOURS_BOOKED.rows, grouping.span)
    return _by_half(statement, question, grouping, Columns(moment, Appointment.sales_rep_id), conditions)


def _by_half(
    statement: Selection, question: Question, grouping: ByStretch, columns: Columns, conditions: list[Any]
) -> Selection:
    rows = restrict(statement.select_from(Appointment), Appointment, question.actor).where(*conditions)
    return grouped(rows, grouping, columns)


def _month(
    first: date, at: int, won: Mapping[int, Row[Any]], visits: Mapping[int, Row[Any]], *, is_over: bool
) -> Month:
    """Build the month with the index `at`.

    A past month is described as of today's day of the month, the current one as of now.
    """
    beginning, rest = 2 * at + 1, 2 * at + 2
    so_far, later = ((won[half].won or _NOTHING) if half in won else _NOTHING for half in (beginning, rest))
    both = [visits[half] for half in (beginning, rest) if half in visits]
    standing = visits.get(rest)
    return Month(
        first,
        so_far + later,
        so_far=so_far if is_over else so_far + later,
        visits=sum(half.visits for half in both),
        worth=sum((half.worth or _NOTHING for half in both), _NOTHING),
        scheduled=(standing.stood if is_over else standing.stands) if standing else 0,
    )
