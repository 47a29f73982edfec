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
from app.insight.metrics.csr_queries import METRICS as CSR_METRICS
from app.insight.metrics.csr_queries import csr_numbers, csr_team
from app.insight.metrics.follow_up_queries import unbooked_without_follow_up
from app.insight.metrics.forecast_queries import forecast_of_revenue
from app.insight.metrics.metric import Credit, Metric
from app.insight.metrics.missed_queries import METRICS as MISSED_METRICS
from app.insight.metrics.missed_queries import missed_call_numbers
from app.insight.metrics.numbers import Measured, Number
from app.insight.metrics.people_queries import TeamNumbers
from app.insight.metrics.rep_queries import METRICS as REP_METRICS
from app.insight.metrics.rep_queries import rep_numbers, rep_team
from app.insight.metrics.rules import NoOpportunity, coaching_opportunity
from app.insight.metrics.working_hours_queries import share_of_working_time, working_time
from app.periods import Period
from app.security.actor import Actor
from app.security.permissions import Permission


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
    return {name: found[name] for name in names}


def compute_team(
    actor: Actor, credit: Credit, period: Period, person: Person | None, *, now: datetime, compare: bool = True
) -> TeamNumbers:
    """Return all numbers of each CSR or each rep, and of all of them together, with at most three statements.

    Raises the errors of `compute_all`.
    """
    if credit is Credit.CSR:
        return csr_team(actor, period, csr=person, now=now, compare=compare)
    return rep_team(actor, period, rep=person, now=now, compare=compare)


def opportunity_of(numbers: Mapping[str, Number]) -> Decimal | NoOpportunity:
    """Return the unrounded coaching opportunity of the CSR with these numbers, or the reason there is none."""
    return _opportunity(numbers[csr.MISS_RATE.name].current, numbers[csr.SOP_COMPLIANCE.name].current)


def _opportunity(missed: Measured, score: Measured) -> Decimal | NoOpportunity:
    sop = None if score.exact is None else Decimal(score.exact)
    return coaching_opportunity(missed.denominator or 0, missed.numerator or 0, sop)


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
    parts = _csr(asked, (csr.MISS_RATE, csr.SOP_COMPLIANCE))
    missed, score = parts[csr.MISS_RATE.name], parts[csr.SOP_COMPLIANCE.name]
    is_of_one = isinstance(asked.person, UUID) or not asked.actor.sees_all(Permission.DASHBOARDS_CSR)

    def measured(rate: Measured, sop: Measured) -> Measured:
        found = _opportunity(rate, sop)
        return Measured(found if is_of_one and isinstance(found, Decimal) else None, denominator=rate.denominator)

    before = None
    if missed.before is not None and score.before is not None:
        before = measured(missed.before, score.before)
    number = Number(csr.COACHING_OPPORTUNITY, measured(missed.current, score.current), before)
    return {number.metric.name: number}


def _share_of_hours(asked: _Request, _wanted: Collection[Metric]) -> Mapping[str, Number]:
    booked = _rep(asked, (rep.HOURS_BOOKED,))[rep.HOURS_BOOKED.name].current
    times = working_time(asked.actor, asked.period, rep=asked.person, now=asked.now)
    number = Number(rep.HOURS_BOOKED_SHARE, share_of_working_time(booked, times.values()), None)
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
