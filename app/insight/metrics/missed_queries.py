"""Queries for the numbers of the missed-call queue, and for the stages that missed callers reached."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Date, Integer, Label, Numeric, and_, cast, extract, func, select, tuple_

from app.db.conditions import is_any_of
from app.db.filters import Person
from app.db.paging import Selection
from app.insight.metrics import missed_definitions as d
from app.insight.metrics.cached_queries import cached_numbers
from app.insight.metrics.call_ledger import MISSED_CALLS
from app.insight.metrics.call_pass_queries import nothing_of_calls
from app.insight.metrics.call_queries import numbers_of
from app.insight.metrics.caveat_rules import CaveatReason
from app.insight.metrics.csr_definitions import MISSED_CALLS_TOTAL
from app.insight.metrics.grouping_queries import BySpan, Columns, Grouping, grouped, outside
from app.insight.metrics.ledger_queries import counted_rows, day_numbers, is_stored_for
from app.insight.metrics.metric import Metric
from app.insight.metrics.missed_ledger import (
    CALLERS_BY_CSR,
    CALLERS_BY_HOUR,
    COUNTS_OF_NOW,
    FUNNEL,
    MISSED_CALLERS,
    counts_of,
    stored_counts,
)
from app.insight.metrics.numbers import Measured, Number, median, ratio
from app.insight.metrics.question_queries import Question
from app.models import MissedCallEntry, Organization
from app.periods import Period
from app.security.actor import Actor
from app.security.scope import restrict, unscoped
from app.work.missed_calls.queries import WAITING

ENTRY_COUNTS = (
    d.MISSED_ENTRIES_TOTAL,
    d.CALLS_RESCUED_BY_AUTO,
    d.CALLS_RESCUED_BY_HUMANS,
    d.CALLS_RESCUED_BY_ME,
    d.MISSED_CALLS_OPEN,
    d.MISSED_CALLS_OVERDUE,
    d.MISSED_CALLS_LOST,
    d.MISSED_CALLS_ANSWERED_LATER,
    d.MISSED_CALLS_DISMISSED,
    d.MISSED_CALLS_ATTEMPTED,
    d.MISSED_CALLS_UNTRIED,
    d.MISSED_CALLS_REACHED,
    d.MISSED_CALLS_BOOKED,
)
_OF_CALLS = (MISSED_CALLS_TOTAL, d.ABANDONED_WAIT)
#: The numbers whose rows are callers, which everyone who works the queue sees as a whole.
CALLER_METRICS = (*ENTRY_COUNTS, d.FIRST_ATTEMPT_IN_TIME, d.MEDIAN_TIME_TO_FIRST_ATTEMPT)
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in (*_OF_CALLS, *CALLER_METRICS)}

#: The number of callers that the median is of.
_MEDIAN_OF = "median_of"
#: The number of callers who wait within the rescue window, and the local day on which that of the last one ends.
_WITHIN_WINDOW, _WINDOW_ENDS = "within_window", "window_ends_at"
#: Numbers that the callers who wait within the rescue window can still change.
_UNSETTLED = (d.MISSED_CALLS_OPEN, d.MISSED_CALLS_LOST)
_HOURS_A_DAY = 24
_PARTS = ("hour", "weekday", "day")
#: The value of GROUPING() for each kind of row: one bit per element of `_PARTS`, 0 if the row is grouped by it.
_BY_HOUR, _BY_WEEKDAY, _BY_DAY, _BY_BOTH = 0b011, 0b101, 0b110, 0b001


class Stage(NamedTuple):
    """The callers first missed in one part of the period, and how many of them reached each stage.

    `key` is an hour (0-23), a weekday (1 Monday, 7 Sunday), an hour of a weekday (both), or a day.
    """

    key: Any
    missed: int
    attempted: int
    reached: int
    booked: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """Missed callers, broken down in four ways, each in order; parts without callers are omitted."""

    by_hour: Sequence[Stage]
    by_day: Sequence[Stage]
    by_weekday: Sequence[Stage]
    by_hour_and_weekday: Sequence[Stage]


def missed_call_numbers(
    actor: Actor,
    period: Period,
    *,
    csr: Person | None = None,
    now: datetime,
    compare: bool = True,
    only: Collection[Metric] | None = None,
) -> dict[str, Number]:
    """Return all numbers by name, or those of `only`: of leads credited to `csr`, or (if None) of the whole queue.

    Three statements are executed at most. Everyone with the permission gets the numbers of the whole queue. Raises
    Forbidden, also for numbers of missed calls if the actor sees part of the calls only, and NotFound for another CSR
    if the actor can only see their own numbers.
    """
    metrics = METRICS.values() if only is None else only
    question = Question.of_queue(actor, csr, now, metrics)
    grouping = BySpan.of(period, compare=compare)
    calls, _ = numbers_of(question, grouping, None if set(metrics).isdisjoint(_OF_CALLS) else MISSED_CALLS)
    entries = {} if set(metrics) <= {*_OF_CALLS} else _measure_entries(question, grouping)
    current, before = (
        {**calls.get(is_current, nothing_of_calls(MISSED_CALLS)), **entries.get(is_current, _counts({}))}
        for is_current in (True, False)
    )
    return {
        name: Number(METRICS[name], measured, before[name] if compare else None)
        for name, measured in current.items()
        if METRICS[name] in metrics
    }


def missed_call_funnel(actor: Actor, period: Period, *, csr: Person | None = None, now: datetime) -> Funnel:
    """Return how many callers reached each stage, by hour, weekday and day of the first missed call.

    Runs one statement. Raises the errors of `missed_call_numbers`.
    """
    question = Question.of_queue(actor, csr, now, FUNNEL)
    grouping = BySpan.of(period)
    are_stored = is_stored_for(question, grouping, MISSED_CALLERS, CALLERS_BY_HOUR)
    rows = _stages.rows(question, grouping, are_stored)

    def stages(others: int, key: Callable[[Any], Any]) -> list[Stage]:
        found = (_stage(row, key(row)) for row in rows if row.others == others)
        return sorted(found, key=lambda stage: stage.key)

    return Funnel(
        by_hour=stages(_BY_HOUR, lambda row: row.hour),
        by_day=stages(_BY_DAY, lambda row: row.day),
        by_weekday=stages(_BY_WEEKDAY, lambda row: row.weekday),
        by_hour_and_weekday=stages(_BY_BOTH, lambda row: (row.hour, row.weekday)),
    )


def _measure_entries(question: Question, grouping: BySpan) -> dict[bool, dict[str, Measured]]:
    """Return the numbers of missed callers in each of the two periods, with two statements if they are stored."""
    are_stored = is_stored_for(question, grouping, MISSED_CALLERS, CALLERS_BY_CSR)
    live = {row.key: row._asdict() for row in _entries.rows(question, grouping, are_stored)}
    stored = day_numbers(question, grouping, MISSED_CALLERS, CALLERS_BY_CSR) if are_stored else ()
    by_key = {row.key: row._asdict() for row in stored}
    return {key: _counts({**by_key.get(key, {}), **live.get(key, {})}) for key in {*live, *by_key}}


@cached_numbers
def _entries(question: Question, grouping: Grouping, are_others_stored: bool) -> Selection:
    """Build the statement for the numbers of missed callers, or for those that are never stored."""
    moment = MissedCallEntry.first_missed_at
    conditions = [*question.conditions(d.MISSED_ENTRIES_TOTAL.rows, grouping.span), *outside(grouping.gap, moment)]
    columns: list[Label[Any]] = [*counts_of(question, COUNTS_OF_NOW)]
    if not are_others_stored:
        columns += stored_counts(question)
    is_attempted = MissedCallEntry.attempts > 0
    median = func.percentile_cont(0.5).within_group(MissedCallEntry.first_attempt_seconds).filter(is_attempted)
    columns.append(cast(median, Numeric).label(d.MEDIAN_TIME_TO_FIRST_ATTEMPT.name))
    columns.append(func.count().filter(is_attempted).label(_MEDIAN_OF))
    window = func.make_interval(0, 0, 0, 0, _rescue_window_days(question.actor) * _HOURS_A_DAY)
    is_within_window = and_(moment > question.now - window, is_any_of(MissedCallEntry.status, WAITING))
    columns.append(func.count().filter(is_within_window).label(_WITHIN_WINDOW))
    last = func.timezone(question.actor.timezone, func.max(moment).filter(is_within_window) + window)
    columns.append(cast(last, Date).label(_WINDOW_ENDS))
    counted: Selection = select(*columns).select_from(MissedCallEntry)
    statement = restrict(counted, MissedCallEntry, question.actor).where(*conditions)
    return grouped(statement, grouping, Columns(moment, MissedCallEntry.claimed_by))


def _rescue_window_days(actor: Actor) -> Any:
    own = select(Organization.rescue_window_days).where(Organization.id == actor.organization_id)
    return own.scalar_subquery()


def _counts(columns: Mapping[str, Any]) -> dict[str, Measured]:
    counts = {metric.name: Measured(columns.get(metric.name, 0)) for metric in ENTRY_COUNTS}
    in_time, all_of_them = (columns.get(part.name, 0) for part in (d.FIRST_ATTEMPT_IN_TIME, d.MISSED_ENTRIES_TOTAL))
    unsettled = columns.get(_WITHIN_WINDOW, 0), all_of_them, columns.get(_WINDOW_ENDS)
    for metric in _UNSETTLED:
        counts[metric.name] = counts[metric.name].with_caveat(CaveatReason.WITHIN_WINDOW, *unsettled)
    middle = median(columns.get(d.MEDIAN_TIME_TO_FIRST_ATTEMPT.name), columns.get(_MEDIAN_OF, 0))
    return {
        **counts,
        d.FIRST_ATTEMPT_IN_TIME.name: ratio(in_time, all_of_them),
        d.MEDIAN_TIME_TO_FIRST_ATTEMPT.name: middle,
    }


@cached_numbers
def _stages(question: Question, period: Grouping, are_stored: bool) -> Selection:
    """Return the statement that counts the stages by hour, weekday and day.

    It groups rows by calendar hour first; there are few of those hours, which are then grouped by the other parts. The
    last columns are the stages.
    """
    [hours] = counted_rows(question, period, MISSED_CALLERS, CALLERS_BY_HOUR, are_stored=are_stored)
    local_hour = hours.c.local_hour
    parts = (
        cast(extract("hour", local_hour), Integer).label("hour"),
        cast(extract("isodow", local_hour), Integer).label("weekday"),
        cast(local_hour, Date).label("day"),
    )
    stages = select(
        *parts,
        func.grouping(*parts).label("others"),
        *(cast(func.sum(hours.c[metric.name]), Integer).label(metric.name) for metric in FUNNEL),
    ).group_by(func.grouping_sets(*(tuple_(part) for part in parts), tuple_(*parts[:2])))
    return unscoped(stages, why="the counted rows are scoped")


def _stage(row: Any, key: Any) -> Stage:
    return Stage(key, *row[-len(FUNNEL) :])
