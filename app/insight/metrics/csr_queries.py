"""Queries for the numbers of the call center: of one CSR, a team or all; per person; per day or week.

Every number uses the conditions of the list that its link opens, so the two can't differ. All numbers of calls come
from one pass over the period and its comparison, whatever they are grouped by.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from app.db.filters import Person
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.call_ledger import CSR_ANALYSES, CSR_CALLS
from app.insight.metrics.call_pass_queries import ByName, Key, nothing_of_analyses, nothing_of_calls
from app.insight.metrics.call_queries import numbers_of
from app.insight.metrics.caveat_rules import CaveatReason
from app.insight.metrics.grouping_queries import BySpan, ByStep, Grouping, OfEach
from app.insight.metrics.metric import Credit, Metric
from app.insight.metrics.numbers import Measured, Number, ratio
from app.insight.metrics.people_queries import TeamNumbers, numbers_of_team
from app.insight.metrics.question_queries import Question
from app.insight.metrics.series_queries import Point, WeeksOfPeople, points_of, ratios_by_week
from app.insight.metrics.step_rules import Step
from app.insight.metrics.tally_ledgers import BOOKED, CANCELLED, QUALIFIED, RESCUED
from app.insight.metrics.tally_pass_queries import Tally
from app.insight.metrics.tally_queries import NOTHING, Counts, needed, tally
from app.models import Role
from app.periods import Period, Span
from app.security.actor import Actor

RATE_TALLIES = (BOOKED, QUALIFIED)
TALLIES = (*RATE_TALLIES, CANCELLED, RESCUED)
_OF_CALLS = frozenset(CSR_CALLS.metrics)
_TALLIES_OF: Mapping[str, tuple[Tally, ...]] = {
    **{one.metric.name: (one,) for one in TALLIES},
    d.BOOKING_RATE.name: RATE_TALLIES,
}
METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        *CSR_CALLS.metrics,
        *(one.metric for one in TALLIES),
        d.BOOKING_RATE,
        d.SOP_COMPLIANCE,
    )
}


def csr_numbers(
    actor: Actor,
    period: Period,
    *,
    csr: Person | None,
    now: datetime,
    compare: bool = True,
    only: Collection[Metric] | None = None,
) -> dict[str, Number]:
    """Return all numbers by name, or those of `only`, with three statements at most.

    If `csr` is None, they are those of everyone the actor can see. Raises Forbidden, and NotFound for another CSR if
    the actor can only see their own numbers.
    """
    grouping = BySpan.of(period, compare=compare)
    question = Question.of(actor, Credit.CSR, csr, now, METRICS.values() if only is None else only)
    groups = _measure(question, grouping, only)
    before = groups.get(False, _nothing()) if compare else {}
    current = groups.get(True, _nothing())
    return {
        name: Number(METRICS[name], measured, before.get(name))
        for name, measured in current.items()
        if only is None or METRICS[name] in only
    }


def csr_team(
    actor: Actor,
    period: Period,
    *,
    csr: Person | None,
    now: datetime,
    compare: bool = True,
    only: Collection[Metric] | None = None,
) -> TeamNumbers:
    """Return all numbers, or those of `only`, of each CSR and of all together, with at most three statements.

    Each is one pass over the period; names are cached. If everyone's numbers are returned, active CSRs are included
    even without calls. Counts add up to those of everyone, except qualified leads: a lead that two CSRs spoke to counts
    for both. Raises the errors of `csr_numbers`.
    """
    metrics = METRICS if only is None else {name: metric for name, metric in METRICS.items() if metric in only}
    question = Question.of(actor, Credit.CSR, csr, now, metrics.values(), names_people=True)
    groups = _measure(question, OfEach(BySpan.of(period, compare=compare)), only)
    return numbers_of_team(question, Role.CSR, metrics, groups, _nothing(), compare=compare)


def booking_rates_by_week(
    actor: Actor, until: Period, *, csr: Person | None, now: datetime, weeks: int
) -> WeeksOfPeople:
    """Return each CSR's booking rate in each of the last `weeks` weeks, with one statement.

    The last of them is the week in which the period `until` ends, or the current week if the period ends later. The key
    None is for rows credited to no one.
    """
    question = Question.of(actor, Credit.CSR, csr, now, (d.BOOKING_RATE,))
    return ratios_by_week(question, until.judged_by(d.BOOKING_RATE.kept_by), *RATE_TALLIES, weeks=weeks)


def csr_trend(
    actor: Actor, span: Span, *, csr: Person | None, now: datetime, step: Step, only: Metric | None = None
) -> list[Point]:
    """Return the numbers of each day or week of a span up to today, in order and without gaps.

    Weeks count from its first day. Later days or weeks are included only up to the last with data. Three statements are
    executed, or one if `only` requests a single number.
    """
    question = Question.of(actor, Credit.CSR, csr, now, METRICS.values() if only is None else (only,))
    grouping = ByStep.of(span, step, actor)
    found = _measure(question, grouping, None if only is None else (only,))
    return points_of(question, step, grouping, METRICS, found, _nothing(), only=only)


def _measure(question: Question, grouping: Grouping, only: Collection[Metric] | None = None) -> dict[Key, ByName]:
    """Return all numbers by group and name; with `only`, the values of the other numbers are meaningless."""
    counts: Mapping[Key, Counts] = {}
    wanted = METRICS.values() if only is None else only
    of_calls, of_analyses = not _OF_CALLS.isdisjoint(wanted), d.SOP_COMPLIANCE in wanted
    calls, scores = numbers_of(
        question, grouping, CSR_CALLS if of_calls else None, CSR_ANALYSES if of_analyses else None
    )
    if tallies := needed(TALLIES, _TALLIES_OF, wanted):
        counts = tally(question, grouping, tallies)
    no_calls, no_scores = nothing_of_calls(CSR_CALLS), nothing_of_analyses(CSR_ANALYSES)
    return {
        key: {
            **calls.get(key, no_calls),
            **scores.get(key, no_scores),
            **_of_other_lists(counts.get(key, {}), is_of_person=_is_of_person(question, key)),
        }
        for key in {*calls, *scores, *counts}
    }


def _is_of_person(question: Question, key: Key) -> bool:
    """Return whether the numbers of a group are those of a single CSR."""
    return isinstance(question.person, UUID) or (isinstance(key, tuple) and isinstance(key[0], UUID))


def _nothing() -> ByName:
    return {
        **nothing_of_calls(CSR_CALLS),
        **nothing_of_analyses(CSR_ANALYSES),
        **_of_other_lists({}),
    }


def _of_other_lists(counts: Counts, *, is_of_person: bool = False) -> ByName:
    found = {one.metric.name: Measured(counts.get(one.metric.name, NOTHING).cases) for one in TALLIES}
    booked, qualified = (counts.get(rate_tally.metric.name, NOTHING) for rate_tally in RATE_TALLIES)
    rate = ratio(booked.cases, qualified.cases)
    if is_of_person and qualified.total is not None:
        booked_before = qualified.cases - qualified.total
        rate = rate.with_caveat(CaveatReason.BOOKED_BEFORE, booked_before, qualified.cases)
    return {**found, d.BOOKING_RATE.name: rate}
