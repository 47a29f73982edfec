"""Queries for the numbers of sales: of one rep, a team or all; per person; per day or week."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from app.db.filters import Person
from app.insight.metrics import rep_definitions as d
from app.insight.metrics.call_ledger import REP_ANALYSES, REP_CALLS
from app.insight.metrics.call_pass_queries import (
    ByName,
    Key,
    nothing_of_analyses,
    nothing_of_calls,
)
from app.insight.metrics.call_queries import numbers_of
from app.insight.metrics.caveat_rules import CaveatReason
from app.insight.metrics.grouping_queries import EVERYBODY, BySpan, ByStep, Grouping, OfEach
from app.insight.metrics.metric import Credit, Metric
from app.insight.metrics.numbers import Measured, Number, average_of, ratio, summed
from app.insight.metrics.people_queries import TeamNumbers, numbers_of_team
from app.insight.metrics.question_queries import Question
from app.insight.metrics.series_queries import Point, WeeksOfPeople, points_of, ratios_by_week
from app.insight.metrics.step_rules import Step
from app.insight.metrics.tally_ledgers import (
    ANALYSED,
    BOOKED_FOR_REP,
    COMPLETED,
    DEALS,
    LOST,
    QUALIFIED_FOR_REP,
    RECORDED,
    REVENUE,
    SCHEDULED,
    WON,
)
from app.insight.metrics.tally_pass_queries import Tally
from app.insight.metrics.tally_queries import NOTHING, Counts, needed, tally
from app.models import Role
from app.periods import Period, Span
from app.security.actor import Actor

_COUNTED = (
    d.VISITS_COMPLETED,
    d.VISITS_WON,
    d.VISITS_LOST,
    d.VISITS_ANALYSED,
    d.APPOINTMENTS_BOOKED,
    d.QUALIFIED_LEADS,
)
_RATE_TALLIES = (WON, COMPLETED)
_VISITS = (*_RATE_TALLIES, LOST)
_IN_PERIOD = (
    *_VISITS,
    ANALYSED,
    BOOKED_FOR_REP,
    QUALIFIED_FOR_REP,
    REVENUE,
    DEALS,
    RECORDED,
    SCHEDULED,
)
_OF_NOW = (Tally(d.PENDING_LEADS_BY_REP),)

_TALLY_OF = {one.metric: one for one in (*_IN_PERIOD, *_OF_NOW)}
#: The tallies that each metric is computed from.
_TALLIES_OF: Mapping[str, Sequence[Tally]] = {
    **{metric.name: (one,) for metric, one in _TALLY_OF.items()},
    d.WIN_RATE.name: _VISITS,
    d.BOOKING_RATE.name: [_TALLY_OF[metric] for metric in (d.APPOINTMENTS_BOOKED, d.QUALIFIED_LEADS)],
    d.AUTO_USAGE.name: [_TALLY_OF[metric] for metric in (d.VISITS_ANALYSED, d.VISITS_COMPLETED)],
}
_OF_CALLS = frozenset((*REP_CALLS.counts, d.AUTO_USAGE))
_OF_ANALYSES = frozenset((d.PROCESS_GRADE, d.SALES_CALLS_ANALYSED, d.AUTO_USAGE))

METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        *REP_CALLS.counts,
        d.PROCESS_GRADE,
        d.SALES_CALLS_ANALYSED,
        *(one.metric for one in (*_IN_PERIOD, *_OF_NOW)),
        d.WIN_RATE,
        d.AUTO_USAGE,
        d.BOOKING_RATE,
    )
}


def rep_numbers(
    actor: Actor,
    period: Period,
    *,
    rep: Person | None,
    now: datetime,
    compare: bool = True,
    only: Collection[Metric] | None = None,
) -> dict[str, Number]:
    """Return all numbers by name, or those of `only`, with three statements at most.

    If `rep` is None, they are those of everyone the actor can see. Numbers as of now have no earlier value. Raises
    Forbidden, and NotFound for another rep if the actor can only see their own numbers.
    """
    grouping = BySpan.of(period, compare=compare)
    question = Question.of(actor, Credit.REP, rep, now, METRICS.values() if only is None else only)
    groups = _measure(question, grouping, (*_IN_PERIOD, *_OF_NOW), only)
    before = dict(groups.get(False, _nothing())) if compare else {}
    before.pop(d.PENDING_LEADS_BY_REP.name, None)
    current = groups.get(True, _nothing())
    return {
        name: Number(METRICS[name], measured, before.get(name))
        for name, measured in current.items()
        if only is None or METRICS[name] in only
    }


def rep_team(
    actor: Actor,
    period: Period,
    *,
    rep: Person | None,
    now: datetime,
    compare: bool = True,
    only: Collection[Metric] | None = None,
) -> TeamNumbers:
    """Return all numbers, or those of `only`, of each rep and of all together, with at most three statements.

    Each is one pass over the period; names are cached. If everyone's numbers are returned, active reps are included
    even without any rows. Counts and sums add up to those of everyone. Raises the errors of `rep_numbers`.
    """
    metrics = METRICS if only is None else {name: metric for name, metric in METRICS.items() if metric in only}
    question = Question.of(actor, Credit.REP, rep, now, metrics.values(), names_people=True)
    groups = _measure(question, OfEach(BySpan.of(period, compare=compare)), (*_IN_PERIOD, *_OF_NOW), only)
    of_now = [one.metric.name for one in _OF_NOW]
    return numbers_of_team(question, Role.SALES_REP, metrics, groups, _nothing(), compare=compare, of_now=of_now)


def hours_booked_by_rep(
    actor: Actor, period: Period, *, rep: Person | None, now: datetime
) -> dict[UUID | None, Measured]:
    """Return the booked hours of each rep, and of no one under the key None, with one statement.

    Raises the errors of `rep_numbers`.
    """
    question = Question.of(actor, Credit.REP, rep, now, (d.HOURS_BOOKED,))
    groups = _measure(question, OfEach(BySpan.of(period, compare=False)), _IN_PERIOD, (d.HOURS_BOOKED,))
    return {
        person: numbers[d.HOURS_BOOKED.name] for (person, _is_current), numbers in groups.items() if person != EVERYBODY
    }


def win_rates_by_week(actor: Actor, until: Period, *, rep: Person | None, now: datetime, weeks: int) -> WeeksOfPeople:
    """Return each rep's win rate in each of the last `weeks` weeks, with one statement.

    The last of them is the week in which the period `until` ends, or the current week if the period ends later. The key
    None is for rows credited to no one.
    """
    return ratios_by_week(Question.of(actor, Credit.REP, rep, now, (d.WIN_RATE,)), until, *_RATE_TALLIES, weeks=weeks)


def rep_trend(
    actor: Actor, span: Span, *, rep: Person | None, now: datetime, step: Step, only: Metric | None = None
) -> list[Point]:
    """Return the numbers of each day or week of a span up to today, in order and without gaps.

    Weeks count from its first day. Numbers as of now are not included, and later days or weeks only up to the last with
    data. Three statements are executed, or one if `only` requests a number that is computed from a single list.
    """
    question = Question.of(actor, Credit.REP, rep, now, METRICS.values() if only is None else (only,))
    grouping = ByStep.of(span, step, actor)
    nothing = _nothing()
    del nothing[d.PENDING_LEADS_BY_REP.name]
    found = _measure(question, grouping, _IN_PERIOD, None if only is None else (only,))
    return points_of(question, step, grouping, METRICS, found, nothing, only=only)


def _measure(
    question: Question, grouping: Grouping, tallies: Sequence[Tally], only: Collection[Metric] | None = None
) -> dict[Key, ByName]:
    """Return the numbers by group and name, those of other lists only if `tallies` include them.

    With `only`, just the rows that this number needs are queried, and the other numbers are meaningless.
    """
    tallied: Mapping[Key, Counts] = {}
    wanted = METRICS.values() if only is None else only
    of_calls, of_analyses = (not metrics.isdisjoint(wanted) for metrics in (_OF_CALLS, _OF_ANALYSES))
    calls, analyses = numbers_of(
        question, grouping, REP_CALLS if of_calls else None, REP_ANALYSES if of_analyses else None
    )
    if of_lists := needed(tallies, _TALLIES_OF, wanted):
        tallied = tally(question, grouping, of_lists)
    no_calls, no_analyses = nothing_of_calls(REP_CALLS), nothing_of_analyses(REP_ANALYSES)
    no_counts = {one.metric.name: NOTHING for one in tallies}
    found: dict[Key, ByName] = {}
    for key in {*calls, *analyses, *tallied}:
        both = {**calls.get(key, no_calls), **analyses.get(key, no_analyses)}
        counts = {**no_counts, **tallied.get(key, {})}
        found[key] = {**both, **_of_other_lists(counts), **_made_of_both(both, counts)}
    return found


def _nothing() -> ByName:
    of_calls = {**nothing_of_calls(REP_CALLS), **nothing_of_analyses(REP_ANALYSES)}
    counts = {one.metric.name: NOTHING for one in (*_IN_PERIOD, *_OF_NOW)}
    return {**of_calls, **_of_other_lists(counts), **_made_of_both(of_calls, counts)}


def _of_other_lists(counts: Counts) -> ByName:
    counted = (*_COUNTED, *(one.metric for one in _OF_NOW))
    whole = {metric.name: Measured(counts[metric.name].cases) for metric in counted if metric.name in counts}
    deals = counts[d.AVERAGE_DEAL.name]
    won, completed, lost = (counts[visit_tally.metric.name].cases for visit_tally in _VISITS)
    win_rate = ratio(won, completed).with_caveat(CaveatReason.UNDECIDED, completed - won - lost, completed)
    return {
        **whole,
        **{
            metric.name: summed(counts[metric.name].total, counts[metric.name].cases, scale=_TALLY_OF[metric].scale)
            for metric in (d.TOTAL_RECORDED_HOURS, d.HOURS_BOOKED, d.REVENUE_WON)
        },
        d.AVERAGE_DEAL.name: average_of(deals.total, deals.cases, scale=_TALLY_OF[d.AVERAGE_DEAL].scale),
        d.WIN_RATE.name: win_rate,
        d.BOOKING_RATE.name: ratio(counts[d.APPOINTMENTS_BOOKED.name].cases, counts[d.QUALIFIED_LEADS.name].cases),
    }


def _made_of_both(of_calls: ByName, counts: Counts) -> ByName:
    """Return the number that combines calls and visits, by its name: the share of both that is analyzed."""
    analysed, all_calls = (int(of_calls[one.name].value or 0) for one in (d.SALES_CALLS_ANALYSED, d.SALES_CALLS))
    analysed += counts[d.VISITS_ANALYSED.name].cases
    return {d.AUTO_USAGE.name: ratio(analysed, all_calls + counts[d.VISITS_COMPLETED.name].cases)}
