"""The months that a forecast is made of, of all reps or of some."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, and_, func, select

from app.db.filters import Person
from app.db.paging import Selection
from app.insight.metrics import rep_definitions as d
from app.insight.metrics.forecast_rules import Forecast, Month, forecast
from app.insight.metrics.grouping_queries import ByMonth, Columns, grouped
from app.insight.metrics.kept_queries import kept_numbers
from app.insight.metrics.question_queries import Credit, Question
from app.models import Appointment, AppointmentOutcome, AppointmentStatus
from app.periods import Span, midnight
from app.security.actor import Actor
from app.security.scope import restrict

#: How many months before this one the method is judged by; the earliest needs one more before it.
MONTHS = 6
_NOTHING = Decimal()


def forecast_of_revenue(actor: Actor, *, rep: Person | None, now: datetime) -> Forecast | None:
    """What will be won in this month; None where too little is known. Two statements.

    Raises Forbidden, and NotFound for another rep than oneself where one sees one's own numbers only.
    """
    question = Question.of(actor, Credit.REP, rep, now)
    today = now.astimezone(ZoneInfo(actor.timezone)).date()
    firsts = _last_months(today, MONTHS + 2)
    zone = ZoneInfo(actor.timezone)
    span = Span(midnight(firsts[0], zone), midnight(last_day_of_month(today) + timedelta(days=1), zone))
    grouping = ByMonth(span, actor.timezone, today.day)
    won = {row.key: row for row in _won.rows(question, grouping)}
    visits = {row.key: row for row in _visits.rows(question, grouping)}
    return forecast([_month(first, today, won.get(first), visits.get(first)) for first in firsts])


def last_day_of_month(day: date) -> date:
    """The last one of the month of `day`."""
    in_next = day.replace(day=28) + timedelta(days=4)
    return in_next - timedelta(days=in_next.day)


def _last_months(today: date, count: int) -> list[date]:
    """The first days of this month and of those before it, the earliest first."""
    firsts = [today.replace(day=1)]
    while len(firsts) < count:
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    return firsts[::-1]


@kept_numbers
def _won(question: Question, grouping: ByMonth) -> Selection:
    moment = Appointment.outcome_at
    total = func.sum(Appointment.deal_value)
    statement: Selection = select(total.label("won"), total.filter(grouping.is_before_day(moment)).label("so_far"))
    conditions = question.conditions(d.REVENUE_WON.rows, grouping.span)
    return _by_month(statement, question, grouping, Columns(moment, Appointment.sales_rep_id), conditions)


@kept_numbers
def _visits(question: Question, grouping: ByMonth) -> Selection:
    moment = Appointment.scheduled_start_at
    is_later = ~grouping.is_before_day(moment)
    counts: dict[str, ColumnElement[Any]] = {
        "visits": func.count(),
        "worth": func.sum(Appointment.deal_value).filter(Appointment.outcome == AppointmentOutcome.CLOSED_WON),
        "stood": func.count().filter(and_(is_later, Appointment.booked_at < grouping.beginning_of_day(moment))),
        "stands": func.count().filter(and_(is_later, Appointment.status == AppointmentStatus.SCHEDULED)),
    }
    statement: Selection = select(*(count.label(name) for name, count in counts.items()))
    conditions = question.conditions(d.HOURS_BOOKED.rows, grouping.span)
    return _by_month(statement, question, grouping, Columns(moment, Appointment.sales_rep_id), conditions)


def _by_month(
    statement: Selection, question: Question, grouping: ByMonth, columns: Columns, conditions: list[Any]
) -> Selection:
    rows = restrict(statement.select_from(Appointment), Appointment, question.actor).where(*conditions)
    return grouped(rows, grouping, columns)


def _month(first: date, today: date, won: Row[Any] | None, visits: Row[Any] | None) -> Month:
    """A month that is over as it stood on that day; this one as it stands now."""
    is_over = (first.year, first.month) != (today.year, today.month)
    total = (won and won.won) or _NOTHING
    return Month(
        first,
        total,
        so_far=((won and won.so_far) or _NOTHING) if is_over else total,
        visits=visits.visits if visits else 0,
        worth=(visits and visits.worth) or _NOTHING,
        standing=(visits.stood if is_over else visits.stands) if visits else 0,
    )
