"""Numbers over time: one point for each day or week."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from app.insight.metrics.call_pass_queries import ByName, Key
from app.insight.metrics.grouping_queries import EVERYBODY, ByStep, OfEach, Step, first_day_of
from app.insight.metrics.metric import Metric
from app.insight.metrics.numbers import Number, ratio
from app.insight.metrics.people_queries import as_numbers
from app.insight.metrics.question_queries import Question
from app.insight.metrics.tally_pass_queries import Tally
from app.insight.metrics.tally_queries import NOTHING, tally
from app.models import WeekStart
from app.periods import Period, Span, midnight

_MAX_BY_DAY = 31

#: A ratio by person (None for no one) and week; None for a week without any cases.
WeeksOfPeople = Mapping[UUID | None, Sequence[Decimal | int | None]]


@dataclass(frozen=True, slots=True)
class Point:
    """The numbers of the local days from `first_day` to `last_day`, inclusive.

    A week at either end can be partial.
    """

    first_day: date
    last_day: date
    numbers: Mapping[str, Number]


def step_for(period: Period) -> Step:
    """Return the step of a series: days for a month at most, weeks for a longer period."""
    days = (period.last_day - period.first_day).days + 1
    return Step.DAY if days <= _MAX_BY_DAY else Step.WEEK


def points_of(
    question: Question,
    period: Period,
    grouping: ByStep,
    metrics: Mapping[str, Metric],
    found: Mapping[Key, ByName],
    nothing: ByName,
    *,
    only: Metric | None = None,
) -> list[Point]:
    """Return a point for each step of the period up to today, and for later steps that have data.

    A point has all numbers, or just `only`. Steps missing from `found` get the numbers in `nothing`.
    """
    today = question.now.astimezone(ZoneInfo(period.timezone)).date()
    begins = grouping.first_day_of

    def shown(numbers: ByName) -> ByName:
        return numbers if only is None else {only.name: numbers[only.name]}

    return [
        Point(first, last, as_numbers(metrics, shown(found.get(begins(first), nothing))))
        for first, last in _steps(period, grouping)
        if first <= today or begins(first) in found
    ]


def ratios_by_week(question: Question, until: Period, part: Tally, whole: Tally, *, weeks: int) -> WeeksOfPeople:
    """Return `part` divided by `whole` for each person and week.

    The weeks are the last `weeks` up to the end of a period, or up to today if it ends later. Runs one statement.
    """
    actor, zone = question.actor, ZoneInfo(until.timezone)
    last = min(until.last_day, question.now.astimezone(zone).date())
    from_sunday = actor.week_start == WeekStart.SUNDAY
    first = first_day_of(last, Step.WEEK, from_sunday=from_sunday) - timedelta(weeks=weeks - 1)
    span = Span(midnight(first, zone), midnight(last + timedelta(days=1), zone))
    by_week = ByStep.of(span, Step.WEEK, actor)
    counts = tally(question, OfEach(by_week), (part, whole))

    names = part.metric.name, whole.metric.name

    def rate(person: UUID | None, week: date) -> Decimal | int | None:
        found = counts.get((person, week))
        return ratio(*[found.get(name, NOTHING).cases for name in names]).exact if found else None

    people = {person for person, _week in counts} - {EVERYBODY}
    return {person: [rate(person, week) for week in by_week.first_days] for person in people}


def _steps(period: Period, grouping: ByStep) -> Iterator[tuple[date, date]]:
    length = timedelta(days=1 if grouping.step is Step.DAY else 7)
    first = period.first_day
    while first <= period.last_day:
        following = grouping.first_day_of(first) + length
        yield first, min(following - timedelta(days=1), period.last_day)
        first = following
