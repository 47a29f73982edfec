"""Computation of any numbers of the catalogue: one way for pages, reports and the API.

Numbers that come from the same rows are computed together, so several numbers take hardly more statements than one.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from app.db.filters import Person
from app.insight.metrics import csr_definitions as csr
from app.insight.metrics import rep_definitions as rep
from app.insight.metrics.catalogue import metric_of
from app.insight.metrics.caveat_rules import CaveatReason
from app.insight.metrics.csr_queries import METRICS as CSR_METRICS
from app.insight.metrics.csr_queries import csr_numbers, csr_team
from app.insight.metrics.follow_up_queries import unbooked_without_follow_up
from app.insight.metrics.forecast_queries import forecast_of_revenue
from app.insight.metrics.metric import Credit, Metric
from app.insight.metrics.missed_queries import METRICS as MISSED_METRICS
from app.insight.metrics.missed_queries import missed_call_numbers
from app.insight.metrics.numbers import Measured, Number, withheld
from app.insight.metrics.people_queries import TeamNumbers, withheld_from
from app.insight.metrics.question_queries import are_needed_for_all, missing_reads
from app.insight.metrics.rep_queries import METRICS as REP_METRICS
from app.insight.metrics.rep_queries import hours_booked_by_rep, rep_numbers, rep_team
from app.insight.metrics.rules import ENOUGH_SCORED, NoOpportunity, coaching_opportunity
from app.insight.metrics.working_hours_queries import share_of_working_time, working_time
from app.periods import Period
from app.security.actor import Actor
from app.security.permissions import Permission

#: The numbers that make up the coaching opportunity, in the order of its arguments.
_OF_COACHING = (csr.CSR_CALLS_TOTAL, csr.MISS_RATE, csr.SOP_COMPLIANCE)


@dataclass(frozen=True, slots=True)
class _Request:
    """A request for numbers of one period and person; `person` is None for everyone the actor can see."""

    actor: Actor
    period: Period
    person: Person | None
    now: datetime
    compare: bool


@dataclass(frozen=True, slots=True)
class _Source:
    """A group of metrics that are computed together, and the function that computes some of them."""

    metrics: frozenset[Metric]
    compute: Callable[[_Request, Collection[Metric]], Mapping[str, Number]]


def compute(
    actor: Actor,
    name: str,
    period: Period,
    person: Person | None,
    *,
    now: datetime,
    compare: bool = True,
    credit: Credit = Credit.CSR,
) -> Number:
    """Return one number; see `compute_all`."""
    return compute_all(actor, [name], period, person, now=now, compare=compare, credit=credit)[name]


def compute_all(
    actor: Actor,
    names: Collection[str],
    period: Period,
    person: Person | None,
    *,
    now: datetime,
    compare: bool = True,
    credit: Credit = Credit.CSR,
) -> dict[str, Number]:
    """Return numbers of the catalogue by name.

    If `person` is None, they are those of everyone the actor can see. `credit` chooses the definition of names that
    have one for CSRs and one for reps. All numbers of one page take three statements at most; the follow-ups, the
    forecast and the working time take one or two more. Raises Forbidden, NotFound for another person if the actor can
    only see their own numbers, and KeyError for a name that isn't in the catalogue or has a number for each category.
    """
    asked = _Request(actor, period, person, now, compare)
    left = {metric_of(name, credit) for name in names}
    found: dict[str, Number] = {}
    # If one source has all of them, it saves the statements of the others.
    for source in next(([one] for one in _SOURCES if left <= one.metrics), _SOURCES):
        if these := left & source.metrics:
            found.update(source.compute(asked, these))
            left -= these
    return {name: found[name].among_kept(period) for name in names}


def compute_team(
    actor: Actor,
    credit: Credit,
    period: Period,
    person: Person | None,
    *,
    now: datetime,
    compare: bool = True,
    only: Collection[Metric] | None = None,
) -> TeamNumbers:
    """Return all numbers, or those of `only`, of each CSR or each rep, and of all of them together.

    At most three statements are executed. Raises the errors of `compute_all`.
    """
    if credit is Credit.CSR:
        team = csr_team(actor, period, csr=person, now=now, compare=compare, only=only)
    else:
        team = rep_team(actor, period, rep=person, now=now, compare=compare, only=only)
    return team.map(lambda number: number.among_kept(period)) if period.kept_from else team


def compute_readable(
    actor: Actor,
    names: Collection[str],
    period: Period,
    person: Person | None,
    *,
    now: datetime,
    compare: bool = True,
    credit: Credit = Credit.CSR,
) -> dict[str, Number]:
    """Return the numbers of `compute_all`, and withheld ones in the place of those that `actor` would get in part.

    Raises the errors of `compute_all`.
    """
    hidden = _withheld(actor, credit, person, {name: metric_of(name, credit) for name in names})
    readable = [name for name in names if name not in hidden] if hidden else names
    return compute_all(actor, readable, period, person, now=now, compare=compare, credit=credit) | hidden


def compute_readable_team(
    actor: Actor, credit: Credit, period: Period, person: Person | None, *, now: datetime, compare: bool = True
) -> TeamNumbers:
    """Return the numbers of `compute_team`, and withheld ones in the place of those that `actor` would get in part.

    Without the permission to see the people's names, there is nobody in the team. Raises the errors of `compute_all`.
    """
    metrics = CSR_METRICS if credit is Credit.CSR else REP_METRICS
    if needs := missing_reads(actor, credit, person, (), names_people=True):
        together = compute_readable(actor, tuple(metrics), period, person, now=now, compare=compare, credit=credit)
        return TeamNumbers([], together, needs)
    hidden = _withheld(actor, credit, person, metrics)
    if not hidden:
        return compute_team(actor, credit, period, person, now=now, compare=compare)
    readable = [metric for name, metric in metrics.items() if name not in hidden]
    team = compute_team(actor, credit, period, person, now=now, compare=compare, only=readable)
    return withheld_from(team, hidden)


def _withheld(actor: Actor, credit: Credit, person: Person | None, metrics: Mapping[str, Metric]) -> dict[str, Number]:
    """Return the numbers that `actor` would get in part as withheld ones, by name."""
    if not missing_reads(actor, credit, person, metrics.values()):
        return {}
    needs = ((name, metric, missing_reads(actor, credit, person, (metric,))) for name, metric in metrics.items())
    return {
        name: withheld(metric, missing, needs_all=are_needed_for_all(actor, credit, person, missing))
        for name, metric, missing in needs
        if missing
    }


def opportunity_of(numbers: Mapping[str, Number]) -> Decimal | NoOpportunity:
    """Return the unrounded coaching opportunity of the CSR with these numbers, or the reason there is none."""
    caveat = numbers[csr.MISS_RATE.name].current.caveat
    if caveat is not None and caveat.reason is CaveatReason.NOT_KEPT:
        return NoOpportunity.NOT_KEPT
    return _opportunity(*(numbers[metric.name].current for metric in _OF_COACHING))


def with_few_scored(opportunity: Measured, score: Measured) -> Measured:
    """Return a coaching opportunity with a caveat if it is based on few calls with a script score."""
    scored = score.averaged or 0
    if scored >= ENOUGH_SCORED:
        return opportunity
    return opportunity.with_caveat(CaveatReason.FEW_SCORED, scored, opportunity.denominator or 0)


def _opportunity(calls: Measured, missed: Measured, score: Measured) -> Decimal | NoOpportunity:
    sop = None if score.exact is None else Decimal(score.exact)
    return coaching_opportunity(int(calls.exact or 0), Decimal(missed.exact or 0), sop)


def _csr(asked: _Request, wanted: Collection[Metric]) -> Mapping[str, Number]:
    actor, period, person = asked.actor, asked.period, asked.person
    return csr_numbers(actor, period, csr=person, now=asked.now, compare=asked.compare, only=wanted)


def _rep(asked: _Request, wanted: Collection[Metric]) -> Mapping[str, Number]:
    actor, period, person = asked.actor, asked.period, asked.person
    return rep_numbers(actor, period, rep=person, now=asked.now, compare=asked.compare, only=wanted)


def _missed(asked: _Request, wanted: Collection[Metric]) -> Mapping[str, Number]:
    actor, period, person = asked.actor, asked.period, asked.person
    return missed_call_numbers(actor, period, csr=person, now=asked.now, compare=asked.compare, only=wanted)


def _follow_up(asked: _Request, _wanted: Collection[Metric]) -> Mapping[str, Number]:
    number = unbooked_without_follow_up(asked.actor, asked.period, csr=asked.person, now=asked.now)
    return {number.metric.name: number}


def _coaching(asked: _Request, _wanted: Collection[Metric]) -> Mapping[str, Number]:
    """Return the coaching opportunity of one CSR; that of several, or of no one, is unknown."""
    numbers = _csr(asked, _OF_COACHING)
    parts = [numbers[metric.name] for metric in _OF_COACHING]
    is_of_one = isinstance(asked.person, UUID) or not asked.actor.sees_all(Permission.DASHBOARDS_CSR)

    def measured(calls: Measured, missed: Measured, score: Measured) -> Measured:
        opportunity, count = _opportunity(calls, missed, score), int(calls.exact or 0)
        if not is_of_one or not isinstance(opportunity, Decimal):
            return Measured(None, denominator=count)
        return with_few_scored(Measured(opportunity, denominator=count), score)

    earlier = [part.before for part in parts if part.before is not None]
    before = measured(*earlier) if len(earlier) == len(parts) else None
    number = Number(csr.COACHING_OPPORTUNITY, measured(*(part.current for part in parts)), before)
    return {number.metric.name: number}


def _share_of_hours(asked: _Request, _wanted: Collection[Metric]) -> Mapping[str, Number]:
    booked = hours_booked_by_rep(asked.actor, asked.period, rep=asked.person, now=asked.now)
    times = working_time(asked.actor, asked.period, rep=asked.person, now=asked.now)
    number = Number(rep.HOURS_BOOKED_SHARE, share_of_working_time(booked, times), None)
    return {number.metric.name: number}


def _forecast(asked: _Request, _wanted: Collection[Metric]) -> Mapping[str, Number]:
    found = forecast_of_revenue(asked.actor, rep=asked.person, now=asked.now)
    measured = Measured(found.expected, denominator=found.scheduled) if found else Measured(None)
    return {rep.FORECAST_REVENUE_WON.name: Number(rep.FORECAST_REVENUE_WON, measured, None)}


_SOURCES = (
    _Source(frozenset(CSR_METRICS.values()), _csr),
    _Source(frozenset(REP_METRICS.values()), _rep),
    _Source(frozenset(MISSED_METRICS.values()), _missed),
    _Source(frozenset({csr.UNBOOKED_WITHOUT_FOLLOW_UP}), _follow_up),
    _Source(frozenset({csr.COACHING_OPPORTUNITY}), _coaching),
    _Source(frozenset({rep.HOURS_BOOKED_SHARE}), _share_of_hours),
    _Source(frozenset({rep.FORECAST_REVENUE_WON}), _forecast),
)
