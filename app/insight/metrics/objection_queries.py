"""Queries for callers' objections: their frequency and severity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, SmallInteger, Text, and_, cast, column, func, select, true

from app.db.filters import Person
from app.db.paging import Selection
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.cached_queries import cached_numbers
from app.insight.metrics.call_ledger import CALLS, CALLS_BY_CSR, OBJECTIONS
from app.insight.metrics.grouping_queries import BySpan, Grouping
from app.insight.metrics.ledger_queries import counted_rows, is_stored_for
from app.insight.metrics.metric import Credit
from app.insight.metrics.numbers import Measured, ratio
from app.insight.metrics.question_queries import Question
from app.models import Call, CallAnalysis, Severity
from app.periods import Period, Span
from app.security.actor import Actor
from app.security.scope import restrict, unscoped

TOP = 5
_METRICS = (d.CSR_OBJECTIONS,)
#: Numbered as in the database (migration 0046).
_SEVERITIES = {1: Severity.LOW, 2: Severity.MEDIUM, 3: Severity.HIGH}


@dataclass(frozen=True, slots=True)
class Objection:
    """A category of objections, the share of analyzed calls that have it, and its worst severity.

    The severity is None if unknown.
    """

    category: str
    share: Measured
    worst: Severity | None


def top_objections(actor: Actor, period: Period, *, csr: Person | None, now: datetime) -> Sequence[Objection]:
    """Return the most frequent objections, each with its share of the period's analyzed CSR calls.

    There are none if calls of the period have been deleted for their age, because the shares are unknown then.
    """
    if not period.has_all_calls(period.span):
        return []
    rows = _rows(Question.of(actor, Credit.CSR, csr, now, _METRICS), BySpan.of(period), TOP)
    return [Objection(row.category, ratio(row.calls, row.analysed), _SEVERITIES.get(row.worst)) for row in rows]


def objection_shares(actor: Actor, span: Span, *, csr: Person | None, now: datetime) -> Mapping[str, Measured]:
    """Return each category's share of the analyzed CSR calls of a span, for comparison."""
    rows = _rows(Question.of(actor, Credit.CSR, csr, now, _METRICS), BySpan(span), None)
    return {row.category: ratio(row.calls, row.analysed) for row in rows}


def _rows(question: Question, period: Grouping, most: int | None) -> Sequence[Row[Any]]:
    return _objections.rows(question, period, most, is_stored_for(question, period, CALLS, OBJECTIONS))


@cached_numbers
def _objections(question: Question, period: Grouping, most: int | None, are_stored: bool) -> Selection:
    return _from_ledger(question, period, most) if are_stored else _from_rows(question, period, most)


def _from_ledger(question: Question, period: Grouping, most: int | None) -> Selection:
    """Return the statement that adds up stored days."""
    raised, analysed = counted_rows(question, period, CALLS, OBJECTIONS, CALLS_BY_CSR)
    all_analysed = cast(select(func.sum(analysed.c.analysed)).scalar_subquery(), Integer).label("analysed")
    calls = cast(func.sum(raised.c.calls), Integer).label("calls")
    read = unscoped(
        select(raised.c.category, calls, func.max(raised.c.worst).label("worst"), all_analysed),
        why="both combined queries are scoped",
    )
    return read.group_by(raised.c.category).order_by(calls.desc(), raised.c.category).limit(most)


def _from_rows(question: Question, period: Grouping, most: int | None) -> Selection:
    """Return the statement that counts calls by category, from two indexes only.

    One index covers which calls are analyzed, the other their objections; the analyses themselves are not read.
    """
    analysis = and_(CallAnalysis.organization_id == Call.organization_id, CallAnalysis.call_id == Call.id)
    analysed = (
        restrict(select(Call.organization_id, Call.id).join(CallAnalysis, analysis), Call, question.actor)
        .where(*question.conditions(d.CSR_CALLS, period.span))  # the join selects the analyzed ones
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
        why="joined to calls that are already scoped",
    )
    return (
        of_the_calls.select_from(analysed.join(CallAnalysis, found).join(raised, true()))
        .group_by(raised.c.category)
        .order_by(calls.desc(), raised.c.category)
        .limit(most)
    )
