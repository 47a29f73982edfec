"""Queries for calls that ended without a booking and have no follow-up."""

from datetime import datetime

from sqlalchemy import func, select

from app.db.filters import Person
from app.db.paging import Selection
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.cached_queries import cached_numbers
from app.insight.metrics.grouping_queries import BySpan, Grouping
from app.insight.metrics.metric import Credit
from app.insight.metrics.numbers import Measured, Number
from app.insight.metrics.question_queries import Question
from app.models import Call
from app.periods import Period
from app.security.actor import Actor
from app.security.scope import restrict


def unbooked_without_follow_up(actor: Actor, period: Period, *, csr: Person | None, now: datetime) -> Number:
    """Count the period's unbooked calls that have no follow-up now, with one statement.

    The number has no comparison.
    """
    [row] = _calls.rows(Question.of(actor, Credit.CSR, csr, now), BySpan.of(period))
    return Number(d.UNBOOKED_WITHOUT_FOLLOW_UP, Measured(row.calls), None)


@cached_numbers
def _calls(question: Question, period: Grouping) -> Selection:
    """Return the statement that counts unbooked calls without a follow-up.

    It is separate from the other numbers because it looks up follow-ups in other tables, which only unbooked calls
    need.
    """
    counted: Selection = select(func.count().label("calls")).select_from(Call)
    conditions = question.conditions(d.UNBOOKED_WITHOUT_FOLLOW_UP.rows, period.span)
    return restrict(counted, Call, question.actor).where(*conditions)
