"""Where coaching would bring most: CSRs by what their script score and their missed calls leave to win."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.filters import Person
from app.metrics import definitions as d
from app.metrics.call_pass import (
    AnalysisNumbers,
    CallNumbers,
    measure_analyses,
    measure_calls,
    nothing_of_analyses,
    nothing_of_calls,
)
from app.metrics.grouping import ByPerson
from app.metrics.numbers import Measured, rounded
from app.metrics.people import named_people
from app.metrics.question import Credit, Question
from app.metrics.rules import NoOpportunity, coaching_opportunity
from app.models import Role
from app.periods import Period
from app.security.actor import Actor

_CALLS = CallNumbers(d.CSR_CALLS, ratios=(d.MISS_RATE,))
_SCORES = AnalysisNumbers(d.SOP_COMPLIANCE)


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
    """Every CSR, the greatest opportunity first, those without one last. Three statements.

    Raises Forbidden, and NotFound for another CSR than oneself where one sees one's own numbers only.
    """
    question = Question.of(actor, Credit.CSR, csr, now)
    grouping = ByPerson(period.span)
    calls = measure_calls(question, grouping, _CALLS)
    scores = measure_analyses(question, grouping, _SCORES)
    names = named_people(actor, calls, Role.CSR if question.person is None else None)
    found = [
        _coaching(
            id_,
            name,
            calls.get(id_, nothing_of_calls(_CALLS))[d.MISS_RATE.name],
            scores.get(id_, nothing_of_analyses(_SCORES))[d.SOP_COMPLIANCE.name],
        )
        for id_, name in names.items()
    ]
    return sorted(found, key=_greatest_first)


def _coaching(id_: UUID, name: str, miss_rate: Measured, sop: Measured) -> Coaching:
    calls, missed = miss_rate.under or 0, miss_rate.over or 0
    opportunity = coaching_opportunity(calls, missed, sop.exact)
    shown = opportunity if isinstance(opportunity, NoOpportunity) else rounded(opportunity)
    return Coaching(id_, name, shown, calls, miss_rate, sop)


def _greatest_first(one: Coaching) -> tuple[bool, float]:
    none = isinstance(one.opportunity, NoOpportunity)
    return none, 0 if isinstance(one.opportunity, NoOpportunity) else -one.opportunity
