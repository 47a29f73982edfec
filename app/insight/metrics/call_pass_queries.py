"""Queries for all numbers of calls in one pass over them, and for those of their analyses in another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Row, and_, cast, extract, func, select

from app.db.paging import Selection
from app.insight.metrics.cached_queries import cached_numbers
from app.insight.metrics.grouping_queries import Columns, Grouping, grouped, keyed, outside
from app.insight.metrics.metric import Metric, Rows
from app.insight.metrics.numbers import Measured, average_of, ratio
from app.insight.metrics.question_queries import Question
from app.models import Call, CallAnalysis, CallType
from app.periods import Span
from app.security.recording_access import may_hear_condition
from app.security.scope import restrict
from app.work.calls.filters import CallFilters
from app.work.calls.resource import CALL_LIST

Key = Any
ByName = dict[str, Measured]

#: Scores have two decimals.
SCORE_SCALE = 100
MICROSECONDS = 1_000_000


def microseconds(interval: ColumnElement[Any]) -> ColumnElement[int]:
    """Return an interval as a whole number of microseconds."""
    return cast(extract("epoch", interval) * MICROSECONDS, BigInteger)


@dataclass(frozen=True, slots=True, eq=False)
class Mean:
    """The mean of `whole` over the rows of a metric: a whole number of 1 / `scale`, of which sums are exact."""

    metric: Metric
    whole: ColumnElement[Any]
    scale: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class CallNumbers:
    """Numbers of the calls in `rows`: counts, ratios and means; the first count is that of all of them.

    It is a constant that is only equal to itself, so that it can be part of the key of a cached statement.
    """

    rows: Rows
    counts: Sequence[Metric]
    ratios: Sequence[Metric] = ()
    means: Sequence[Mean] = ()

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """All metrics, in the order of their columns."""
        return (*self.counts, *self.ratios, *(one.metric for one in self.means))

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of the counts and sums that the numbers are made of."""
        over = (f"{metric.name}_over" for metric in self.ratios if metric.numerator is not None)
        sums = (f"{one.metric.name}_sum" for one in self.means)
        return (*(metric.name for metric in self.metrics), *over, *sums)


@dataclass(frozen=True, slots=True, eq=False)
class AnalysisNumbers:
    """Numbers of analyzed calls: the mean `score` over its rows, and counts of some of them.

    It is a constant that is only equal to itself, like CallNumbers.
    """

    score: Metric
    counts: Sequence[Metric] = ()

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of the counts and sums that the numbers are made of."""
        return ("analysed", "scored", "score_sum", *(metric.name for metric in self.counts))


def measure_calls(question: Question, grouping: Grouping, wanted: CallNumbers) -> dict[Key, ByName]:
    """Return the numbers of each group by name; a group without calls is missing (see `nothing_of_calls`)."""
    return numbers_of_calls(_calls.rows(question, grouping, wanted), grouping, wanted)


@cached_numbers
def _calls(question: Question, grouping: Grouping, wanted: CallNumbers) -> Selection:
    statement: Selection = select(*_labelled(_columns_of_calls(question, wanted))).select_from(Call)
    return _of_each(statement, question, grouping, wanted.rows)


def _columns_of_calls(question: Question, wanted: CallNumbers) -> Mapping[str, ColumnElement[Any]]:
    """Return the counts and sums by name, of calls that a statement selects."""
    columns = {metric.name: func.count().filter(question.is_one_of(metric.rows)) for metric in wanted.metrics}
    over = {
        f"{metric.name}_over": func.count().filter(question.is_one_of(metric.numerator))
        for metric in wanted.ratios
        if metric.numerator is not None
    }
    sums = {
        f"{one.metric.name}_sum": func.sum(one.whole).filter(question.is_one_of(one.metric.rows))
        for one in wanted.means
    }
    return {**columns, **over, **sums}


def nothing_of_calls(wanted: CallNumbers) -> ByName:
    """Return the numbers of a group without calls."""
    return _measured({}, wanted)


def measure_analyses(question: Question, grouping: Grouping, wanted: AnalysisNumbers) -> dict[Key, ByName]:
    """Return the numbers of analyzed calls that the actor can listen to, by group.

    The `denominator` of the score is the number of these calls.
    """
    return numbers_of_analyses(_analyses.rows(question, grouping, wanted), grouping, wanted)


@cached_numbers
def _analyses(question: Question, grouping: Grouping, wanted: AnalysisNumbers) -> Selection:
    analysis = and_(CallAnalysis.organization_id == Call.organization_id, CallAnalysis.call_id == Call.id)
    columns = _columns_of_analyses(question, wanted)
    statement: Selection = select(*_labelled(columns)).select_from(Call).join(CallAnalysis, analysis)
    rows = _analysed(wanted.score)
    if _has_visits(rows):
        # Only with visit calls: without them, the condition changes nothing but still costs time, because the planner
        # overestimates its cost and underestimates its selectivity.
        statement = statement.where(may_hear_condition(question.actor))
    return _of_each(statement, question, grouping, rows)


def _columns_of_analyses(
    question: Question, wanted: AnalysisNumbers, *among: ColumnElement[bool]
) -> Mapping[str, ColumnElement[Any]]:
    """Return the counts and sums by name, of analyzed calls that a statement selects and that match `among`."""
    score = CallAnalysis.sop_compliance_score
    columns = {
        "analysed": (func.count(), ()),
        "scored": (func.count(score), ()),
        "score_sum": (func.sum(cast(score * SCORE_SCALE, Integer)), ()),
        **{metric.name: (func.count(), (question.is_one_of(_analysed(metric)),)) for metric in wanted.counts},
    }
    return {
        name: measured.filter(*among, *conditions) if among or conditions else measured
        for name, (measured, conditions) in columns.items()
    }


def count_calls(question: Question, span: Span, calls: CallNumbers, analyses: AnalysisNumbers) -> Selection:
    """Select the counts and sums of the calls in a span and of their analyses, from one pass over them."""
    analysis = and_(CallAnalysis.organization_id == Call.organization_id, CallAnalysis.call_id == Call.id)
    rows = _analysed(analyses.score)
    among = [CallAnalysis.call_id.is_not(None), question.is_one_of(rows)]
    if _has_visits(rows):
        among.append(may_hear_condition(question.actor))
    columns = {**_columns_of_calls(question, calls), **_columns_of_analyses(question, analyses, *among)}
    statement: Selection = select(*_labelled(columns)).select_from(Call).outerjoin(CallAnalysis, analysis)
    return restrict(statement, Call, question.actor).where(*question.conditions(calls.rows, span))


def numbers_of_calls(rows: Iterable[Row[Any]], grouping: Grouping, wanted: CallNumbers) -> dict[Key, ByName]:
    """Return the numbers of each group by name, from rows with their counts and sums.

    Rows without any calls are left out: of a day that is cut, all calls can have been subtracted.
    """
    found = ((key, row._asdict()) for key, row in keyed(rows, grouping))
    return {key: _measured(measured, wanted) for key, measured in found if measured[wanted.counts[0].name]}


def numbers_of_analyses(rows: Iterable[Row[Any]], grouping: Grouping, wanted: AnalysisNumbers) -> dict[Key, ByName]:
    """Return the numbers of analyzed calls of each group by name, from rows with their counts and sums.

    Rows without analyzed calls are left out.
    """
    found = ((key, row._asdict()) for key, row in keyed(rows, grouping))
    return {key: _of_analyses(measured, wanted) for key, measured in found if measured["analysed"]}


def nothing_of_analyses(wanted: AnalysisNumbers) -> ByName:
    """Return the numbers of a group without analyzed calls."""
    return _of_analyses({}, wanted)


def _has_visits(rows: Rows) -> bool:
    """Return whether the rows can include visit calls, which not everyone can listen to."""
    kinds = CallFilters.of(rows.filters).call_type
    return not kinds or CallType.VISIT_CALL in kinds


def _analysed(metric: Metric) -> Rows:
    """Return the metric's rows without the "analysed" filter: the join already selects analyzed calls."""
    return metric.rows.without("analysed")


def _labelled(columns: Mapping[str, ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    return [column.label(name) for name, column in columns.items()]


def _of_each(statement: Selection, question: Question, grouping: Grouping, rows: Rows) -> Selection:
    columns = Columns(Call.started_at, question.person_column(CALL_LIST))
    conditions = [*question.conditions(rows, grouping.span), *outside(grouping.gap, Call.started_at)]
    return grouped(restrict(statement, Call, question.actor).where(*conditions), grouping, columns)


def _measured(found: Mapping[str, Any], wanted: CallNumbers) -> ByName:
    return {
        **{metric.name: Measured(found.get(metric.name, 0)) for metric in wanted.counts},
        **{
            metric.name: ratio(found.get(f"{metric.name}_over", 0), found.get(metric.name, 0))
            for metric in wanted.ratios
        },
        **{
            name: average_of(found.get(f"{name}_sum"), found.get(name, 0), scale=one.scale)
            for name, one in ((one.metric.name, one) for one in wanted.means)
        },
    }


def _of_analyses(found: Mapping[str, Any], wanted: AnalysisNumbers) -> ByName:
    return {
        wanted.score.name: average_of(
            found.get("score_sum"), found.get("scored", 0), scale=SCORE_SCALE, denominator=found.get("analysed", 0)
        ),
        **{metric.name: Measured(found.get(metric.name, 0)) for metric in wanted.counts},
    }
