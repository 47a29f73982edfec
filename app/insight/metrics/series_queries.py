"""Numbers over time: one point for each day or week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from app.insight.metrics.call_pass_queries import ByName, Key
from app.insight.metrics.grouping_queries import EVERYBODY, ByStep, OfEach
from app.insight.metrics.metric import Metric
from app.insight.metrics.numbers import Measured, Number, ratio
from app.insight.metrics.people_queries import as_numbers
from app.insight.metrics.question_queries import Question
from app.insight.metrics.step_rules import Step, StepDays, steps_of
from app.insight.metrics.tally_pass_queries import Tally
from app.insight.metrics.tally_queries import NOTHING, tally
from app.periods import Period, Span, midnight, week_beginning

_MAX_BY_DAY = 31

#: A ratio by person (None for no one) and week; None for a week without any cases.
WeeksOfPeople = Mapping[UUID | None, Sequence[Decimal | int | None]]


@dataclass(frozen=True, slots=True)
class Point:
    """The numbers of one step of a series."""

    days: StepDays
    numbers: Mapping[str, Number]

    @property
    def first_day(self) -> date:
        return self.days.first_day

    @property
    def last_day(self) -> date:
        return self.days.last_day


def step_for(period: Period, now: datetime) -> Step:
    """Return the step of a series: days for a month at most, weeks for a longer period.

    In its first week, a longer period has days too: one week would be no series.
    """
    today = now.astimezone(ZoneInfo(period.timezone)).date()
    is_in_first_week = period.first_day <= today < period.first_day + timedelta(days=Step.WEEK.days)
    days = (period.last_day - period.first_day).days + 1
    return Step.DAY if days <= _MAX_BY_DAY or is_in_first_week else Step.WEEK


def points_of(
    question: Question,
    step: Step,
    grouping: ByStep,
    metrics: Mapping[str, Metric],
    found: Mapping[Key, ByName],
    nothing: ByName,
    *,
    only: Metric | None = None,
) -> list[Point]:
    """Return a point for each step of the grouping up to today, and for later ones up to the last that has data.

    A point has all numbers, or just `only`. Steps missing from `found` get the numbers in `nothing`.
    """
    today = question.now.astimezone(ZoneInfo(grouping.zone)).date()

    def is_reached(days: StepDays) -> bool:
        numbers = found.get(days.first_day)
        return days.first_day <= today or bool(numbers and (only is None or numbers[only.name].exact))

    def selected(numbers: ByName) -> ByName:
        return numbers if only is None else {only.name: numbers[only.name]}

    steps = steps_of(grouping.span, step, grouping.zone, question.now)
    length = max((number for number, days in enumerate(steps, 1) if is_reached(days)), default=0)
    return [Point(days, as_numbers(metrics, selected(found.get(days.first_day, nothing)))) for days in steps[:length]]


def ratios_by_week(question: Question, until: Period, part: Tally, whole: Tally, *, weeks: int) -> WeeksOfPeople:
    """Return `part` divided by `whole` for each person and week.

    The weeks are the last `weeks` up to the end of a period, or up to today if it ends later. Runs one statement.
    """
    actor, zone = question.actor, ZoneInfo(until.timezone)
    last = min(until.last_day, question.now.astimezone(zone).date())
    first = week_beginning(last, actor.week_start) - timedelta(weeks=weeks - 1)
    span = Span(midnight(first, zone), midnight(last + timedelta(days=1), zone))
    by_week = ByStep.of(span, Step.WEEK, actor)
    counts = tally(question, OfEach(by_week), (part, whole))

    names = part.metric.name, whole.metric.name

    def rate(person: UUID | None, week: date) -> Decimal | int | None:
        tallies = counts.get((person, week)) if _is_kept(whole.metric, week, until) else None
        return ratio(*[tallies.get(name, NOTHING).cases for name in names]).exact if tallies else None

    people = {person for person, _week in counts} - {EVERYBODY}
    return {person: [rate(person, week) for week in by_week.first_days] for person in people}


def without_deleted_calls(points: Sequence[Point], period: Period, *, is_comparison: bool) -> Sequence[Point]:
    """Return the points, with the numbers unknown that need calls which have been deleted for their age.

    As in `Number.among_kept`, a count or sum of the period is that of the calls that are left, and one of the
    comparison is unknown.
    """
    if period.calls_kept_from is None:
        return points
    is_compared = period.has_all_calls(period.comparison)

    def has_value(metric: Metric, point: Point) -> bool:
        if is_comparison:
            return is_compared or not metric.needs_calls
        return metric.adds_up or _is_kept(metric, point.first_day, period)

    return [
        Point(
            point.days,
            {
                name: number if has_value(number.metric, point) else number._replace(current=Measured(None))
                for name, number in point.numbers.items()
            },
        )
        for point in points
    ]


def _is_kept(metric: Metric, first: date, period: Period) -> bool:
    return period.calls_kept_from is None or first >= period.calls_kept_from or not metric.needs_calls
