"""All of a tab of the executive dashboard at once, each in a bounded number of statements however many the people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.db.filters import Person
from app.insight.metrics.coaching_queries import Coaching, coaching
from app.insight.metrics.csr_queries import csr_numbers, csr_table, csr_trend
from app.insight.metrics.missed_queries import Funnel, missed_call_funnel, missed_call_numbers
from app.insight.metrics.numbers import Number
from app.insight.metrics.objection_queries import Objection, top_objections
from app.insight.metrics.people_queries import PersonNumbers
from app.insight.metrics.rep_queries import rep_numbers, rep_table, rep_trend
from app.insight.metrics.series_queries import Point, step_for
from app.periods import Period
from app.security.actor import Actor
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class ExecutiveCsr:
    """The call centre: over all CSRs, for each, over time, and where to help."""

    numbers: Mapping[str, Number]
    people: Sequence[PersonNumbers]
    trend: Sequence[Point]
    objections: Sequence[Objection]
    coaching: Sequence[Coaching]


@dataclass(frozen=True, slots=True)
class ExecutiveSales:
    """Sales: over all reps, for each, over time."""

    numbers: Mapping[str, Number]
    people: Sequence[PersonNumbers]
    trend: Sequence[Point]


@dataclass(frozen=True, slots=True)
class ExecutiveMissedCalls:
    """The missed-call queue, and how far people came by hour and day."""

    numbers: Mapping[str, Number]
    funnel: Funnel


def executive_csr(
    actor: Actor, period: Period, *, csr: Person | None = None, now: datetime, compare: bool = True
) -> ExecutiveCsr:
    """The CSR tab. Thirteen statements. Raises Forbidden."""
    actor.requires(Permission.DASHBOARDS_EXEC)
    return ExecutiveCsr(
        csr_numbers(actor, period, csr=csr, now=now, compare=compare),
        csr_table(actor, period, csr=csr, now=now),
        csr_trend(actor, period, csr=csr, now=now, step=step_for(period)),
        top_objections(actor, period, csr=csr, now=now),
        coaching(actor, period, csr=csr, now=now),
    )


def executive_sales(
    actor: Actor, period: Period, *, rep: Person | None = None, now: datetime, compare: bool = True
) -> ExecutiveSales:
    """The sales tab. Ten statements. Raises Forbidden."""
    actor.requires(Permission.DASHBOARDS_EXEC)
    return ExecutiveSales(
        rep_numbers(actor, period, rep=rep, now=now, compare=compare),
        rep_table(actor, period, rep=rep, now=now),
        rep_trend(actor, period, rep=rep, now=now, step=step_for(period)),
    )


def executive_missed_calls(
    actor: Actor, period: Period, *, csr: Person | None = None, now: datetime, compare: bool = True
) -> ExecutiveMissedCalls:
    """The missed-call tab. Three statements. Raises Forbidden."""
    actor.requires(Permission.DASHBOARDS_EXEC)
    return ExecutiveMissedCalls(
        missed_call_numbers(actor, period, csr=csr, now=now, compare=compare),
        missed_call_funnel(actor, period, csr=csr, now=now),
    )
