"""What callers object to: how often, and how badly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, and_, case, distinct, func, select

from app.db.filters import Person
from app.db.paging import Selection
from app.extensions import db
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.numbers import Measured, ratio
from app.insight.metrics.question_queries import Credit, Question
from app.models import Call, CallAnalysis, Severity
from app.periods import Period
from app.security.actor import Actor
from app.security.scope import restrict

TOP = 5
_WEIGHTS = {Severity.LOW: 1, Severity.MEDIUM: 2, Severity.HIGH: 3}


@dataclass(frozen=True, slots=True)
class Objection:
    """A category, the share of analysed calls that have it, and how grave it was at worst (None where nothing says)."""

    category: str
    share: Measured
    worst: Severity | None


def top_objections(actor: Actor, period: Period, *, csr: Person | None, now: datetime) -> Sequence[Objection]:
    """The most frequent ones, each a share of the analysed CSR calls of the period."""
    rows = db.session.execute(_statement(Question.of(actor, Credit.CSR, csr, now), period)).all()
    severities = {weight: severity for severity, weight in _WEIGHTS.items()}
    return [Objection(row.category, ratio(row.calls, row.analysed), severities.get(row.worst)) for row in rows]


def _statement(question: Question, period: Period) -> Selection:
    analysis = and_(CallAnalysis.organization_id == Call.organization_id, CallAnalysis.call_id == Call.id)
    analysed = (
        restrict(select(Call.id, CallAnalysis.objections).join(CallAnalysis, analysis), Call, question.actor)
        .where(*question.conditions(d.CSR_CALLS, period.span))  # the join keeps the analysed ones
        .cte("analysed")
    )
    raised = func.jsonb_array_elements(analysed.c.objections).table_valued("value", name="raised")
    category = raised.c.value.op("->>")("category").cast(String)
    severity = raised.c.value.op("->>")("severity").cast(String)
    calls = func.count(distinct(analysed.c.id)).label("calls")
    return (
        select(
            category.label("category"),
            calls,
            func.max(case(_WEIGHTS, value=severity)).label("worst"),
            select(func.count()).select_from(analysed).scalar_subquery().label("analysed"),
        )
        .select_from(analysed.join(raised, onclause=category.is_not(None)))
        .group_by(category)
        .order_by(calls.desc(), category)
        .limit(TOP)
    )
