"""Where coaching would bring most: CSRs by what their script score and their missed calls leave to win."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from app.db.filters import Person
from app.db.paging import Selection
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.grouping_queries import BySpan, Grouping
from app.insight.metrics.kept_queries import kept_numbers
from app.insight.metrics.numbers import Measured, mean, ratio, rounded
from app.insight.metrics.people_queries import named_people
from app.insight.metrics.question_queries import Credit, Question
from app.insight.metrics.rules import NoOpportunity, coaching_opportunity
from app.models import Call, CallAnalysis, Role
from app.periods import Period
from app.security.actor import Actor
from app.security.scope import restrict

_MISSED = d.CSR_CALLS.and_(status=d.MISSED)


@dataclass(frozen=True, slots=True)
class Coaching:
    """A CSR's opportunity (0 to 100, four decimals) or why there is none, and what it is made of.

    `calls` are all CSR calls, `miss_rate` the missed ones of them; `under` of `sop_compliance` is how many are
    analysed.
    """

    id: UUID
    name: str
    opportunity: float | NoOpportunity
    calls: int
    miss_rate: Measured
    sop_compliance: Measured


def coaching(actor: Actor, period: Period, *, csr: Person | None = None, now: datetime) -> Sequence[Coaching]:
    """Every CSR, the greatest opportunity first, those without one last. Two statements.

    Raises Forbidden, and NotFound for another CSR than oneself where one sees one's own numbers only.
    """
    question = Question.of(actor, Credit.CSR, csr, now)
    found = {row.csr_id: row for row in _calls.rows(question, BySpan.of(period))}
    names = named_people(actor, found, Role.CSR if question.person is None else None)
    return sorted((_coaching(id_, name, found.get(id_)) for id_, name in names.items()), key=_greatest_first)


@kept_numbers
def _calls(question: Question, period: Grouping) -> Selection:
    """The CSR calls of each CSR, once over, with the scores of those that are analysed."""
    analysis = and_(CallAnalysis.organization_id == Call.organization_id, CallAnalysis.call_id == Call.id)
    counted: Selection = select(
        Call.csr_id,
        func.count().label("calls"),
        func.count().filter(question.is_one_of(_MISSED)).label("missed"),
        func.count(CallAnalysis.call_id).label("analysed"),
        func.avg(CallAnalysis.sop_compliance_score).label("score"),
    ).outerjoin(CallAnalysis, analysis)
    calls = question.conditions(d.CSR_CALLS, period.span)
    return restrict(counted, Call, question.actor).where(*calls, Call.csr_id.is_not(None)).group_by(Call.csr_id)


def _coaching(id_: UUID, name: str, row: Any) -> Coaching:
    """`row` None is of a CSR without calls."""
    calls, missed, analysed, score = (row.calls, row.missed, row.analysed, row.score) if row else (0, 0, 0, None)
    opportunity = coaching_opportunity(calls, missed, score)
    shown = opportunity if isinstance(opportunity, NoOpportunity) else rounded(opportunity)
    return Coaching(id_, name, shown, calls, ratio(missed, calls), mean(score, analysed))


def _greatest_first(one: Coaching) -> tuple[bool, float]:
    none = isinstance(one.opportunity, NoOpportunity)
    return none, 0 if isinstance(one.opportunity, NoOpportunity) else -one.opportunity
