"""Queries for calls that ended without a booking and have no follow-up."""

from datetime import datetime

from app.db.filters import Person
from app.db.paging import Selection
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.cached_queries import cached_numbers
from app.insight.metrics.follow_up_ledger import FOLLOW_UPS, UNBOOKED, count_unbooked
from app.insight.metrics.grouping_queries import BySpan, Grouping
from app.insight.metrics.ledger_queries import day_numbers, is_stored_for
from app.insight.metrics.metric import Credit
from app.insight.metrics.numbers import Measured, Number
from app.insight.metrics.question_queries import Question
from app.periods import Period
from app.security.actor import Actor


def unbooked_without_follow_up(actor: Actor, period: Period, *, csr: Person | None, now: datetime) -> Number:
    """Count the period's unbooked calls that have no follow-up now, with one statement.

    The number has no comparison.
    """
    metric = d.UNBOOKED_WITHOUT_FOLLOW_UP
    question, grouping = Question.of(actor, Credit.CSR, csr, now, (metric,)), BySpan.of(period)
    if is_stored_for(question, grouping, FOLLOW_UPS, UNBOOKED):
        rows = day_numbers(question, grouping, FOLLOW_UPS, UNBOOKED)
    else:
        rows = _calls.rows(question, grouping)
    return Number(metric, Measured(sum(getattr(row, metric.name) for row in rows)), None)


@cached_numbers
def _calls(question: Question, period: Grouping) -> Selection:
    return count_unbooked(question, period.span)
