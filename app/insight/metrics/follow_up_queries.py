"""Which calls ended without a booking, and nobody does anything about."""

from datetime import datetime

from sqlalchemy import func, select

from app.db.filters import Person
from app.db.paging import Selection
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.grouping_queries import BySpan, Grouping
from app.insight.metrics.kept_queries import kept_numbers
from app.insight.metrics.numbers import Measured, Number
from app.insight.metrics.question_queries import Credit, Question
from app.models import Call
from app.periods import Period
from app.security.actor import Actor
from app.security.scope import restrict


def unbooked_without_follow_up(actor: Actor, period: Period, *, csr: Person | None, now: datetime) -> Number:
    """How many unbooked calls of the period nobody follows up now, compared with nothing; one statement."""
    [row] = _calls.rows(Question.of(actor, Credit.CSR, csr, now), BySpan.of(period))
    return Number(d.UNBOOKED_WITHOUT_FOLLOW_UP, Measured(row.calls), None)


@kept_numbers
def _calls(question: Question, period: Grouping) -> Selection:
    """A statement of its own: what follows a call is looked up in other tables, for unbooked ones alone."""
    counted: Selection = select(func.count().label("calls")).select_from(Call)
    conditions = question.conditions(d.UNBOOKED_WITHOUT_FOLLOW_UP.rows, period.span)
    return restrict(counted, Call, question.actor).where(*conditions)
