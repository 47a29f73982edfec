"""What callers object to: how often, and how badly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import SmallInteger, Text, and_, column, func, select, true

from app.db.filters import Person
from app.db.paging import Selection
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.grouping_queries import BySpan, Grouping
from app.insight.metrics.kept_queries import kept_numbers
from app.insight.metrics.numbers import Measured, ratio
from app.insight.metrics.question_queries import Credit, Question
from app.models import Call, CallAnalysis, Severity
from app.periods import Period, Span
from app.security.actor import Actor
from app.security.scope import restrict, unscoped

TOP = 5
#: As the database numbers them (migration 0046).
_SEVERITIES = {1: Severity.LOW, 2: Severity.MEDIUM, 3: Severity.HIGH}


@dataclass(frozen=True, slots=True)
class Objection:
    """A category, the share of analysed calls that have it, and how grave it was at worst (None where nothing says)."""

    category: str
    share: Measured
    worst: Severity | None


def top_objections(actor: Actor, period: Period, *, csr: Person | None, now: datetime) -> Sequence[Objection]:
    """The most frequent ones, each a share of the analysed CSR calls of the period."""
    rows = _objections.rows(Question.of(actor, Credit.CSR, csr, now), BySpan.of(period), TOP)
    return [Objection(row.category, ratio(row.calls, row.analysed), _SEVERITIES.get(row.worst)) for row in rows]


def objection_shares(actor: Actor, span: Span, *, csr: Person | None, now: datetime) -> Mapping[str, Measured]:
    """The share of the analysed CSR calls of a span that each category has, to set beside others."""
    rows = _objections.rows(Question.of(actor, Credit.CSR, csr, now), BySpan(span), None)
    return {row.category: ratio(row.calls, row.analysed) for row in rows}


@kept_numbers
def _objections(question: Question, period: Grouping, most: int | None) -> Selection:
    """One index says which calls are analysed, another what was objected to: no analysis is read."""
    analysis = and_(CallAnalysis.organization_id == Call.organization_id, CallAnalysis.call_id == Call.id)
    analysed = (
        restrict(select(Call.organization_id, Call.id).join(CallAnalysis, analysis), Call, question.actor)
        .where(*question.conditions(d.CSR_CALLS, period.span))  # the join keeps the analysed ones
        .cte("analysed")
    )
    found = and_(
        CallAnalysis.organization_id == analysed.c.organization_id,
        CallAnalysis.call_id == analysed.c.id,
        CallAnalysis.has_objections,
    )
    named = func.unnest(CallAnalysis.objection_categories, CallAnalysis.objection_severities)
    raised = named.table_valued(column("category", Text), column("severity", SmallInteger), name="raised")
    raised = raised.render_derived()
    calls = func.count().label("calls")
    all_analysed = select(func.count()).select_from(analysed).scalar_subquery().label("analysed")
    of_the_calls = unscoped(
        select(raised.c.category, calls, func.max(raised.c.severity).label("worst"), all_analysed),
        why="joined to calls that are scoped already",
    )
    return (
        of_the_calls.select_from(analysed.join(CallAnalysis, found).join(raised, true()))
        .group_by(raised.c.category)
        .order_by(calls.desc(), raised.c.category)
        .limit(most)
    )
