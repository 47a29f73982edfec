"""Queries for all numbers of calls in one pass over them, and for those of their analyses in another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from app.db.paging import Selection
from app.insight.metrics.cached_queries import cached_numbers
from app.insight.metrics.grouping_queries import Columns, Grouping, grouped, key_of, outside
from app.insight.metrics.metric import Metric, Rows
from app.insight.metrics.numbers import Measured, mean, ratio
from app.insight.metrics.question_queries import Question
from app.models import Call, CallAnalysis, CallType
from app.security.recording_access import may_hear_condition
from app.security.scope import restrict
from app.work.calls.filters import CallFilters
from app.work.calls.resource import CALL_LIST

Key = Any
ByName = dict[str, Measured]


@dataclass(frozen=True, slots=True, eq=False)
class CallNumbers:
    """Numbers of the calls in `rows`: counts, ratios, and means of a column or expression.

    It is a constant that is only equal to itself, so that it can be part of the key of a cached statement.
    """

    rows: Rows
    counts: Sequence[Metric] = ()
    ratios: Sequence[Metric] = ()
    means: Sequence[tuple[Metric, ColumnElement[Any]]] = ()


@dataclass(frozen=True, slots=True, eq=False)
class AnalysisNumbers:
    """Numbers of analyzed calls: the mean `score` over its rows, and counts of some of them.

    It is a constant that is only equal to itself, like CallNumbers.
    """

    score: Metric
    counts: Sequence[Metric] = ()


def measure_calls(question: Question, grouping: Grouping, wanted: CallNumbers) -> dict[Key, ByName]:
    """Return the numbers of each group by name; a group without calls is missing (see `nothing_of_calls`)."""
    return {key_of(row, grouping): _measured(row._asdict(), wanted) for row in _calls.rows(question, grouping, wanted)}


@cached_numbers
def _calls(question: Question, grouping: Grouping, wanted: CallNumbers) -> Selection:
    metrics = (*wanted.counts, *wanted.ratios, *(metric for metric, _ in wanted.means))
    columns = {metric.name: func.count().filter(question.is_one_of(metric.rows)) for metric in metrics}
    over = {
        f"{metric.name}_over": func.count().filter(question.is_one_of(metric.numerator))
        for metric in wanted.ratios
        if metric.numerator is not None
    }
    means = {
        f"{metric.name}_mean": func.avg(value).filter(question.is_one_of(metric.rows)) for metric, value in wanted.means
    }
    statement: Selection = select(*_labelled({**columns, **over, **means})).select_from(Call)
    return _of_each(statement, question, grouping, wanted.rows)


def nothing_of_calls(wanted: CallNumbers) -> ByName:
    """Return the numbers of a group without calls."""
    return _measured({}, wanted)


def measure_analyses(question: Question, grouping: Grouping, wanted: AnalysisNumbers) -> dict[Key, ByName]:
    """Return the numbers of analyzed calls that the actor can listen to, by group.

    The `denominator` of the score is the number of these calls.
    """
    return {
        key_of(row, grouping): _of_analyses(row._asdict(), wanted) for row in _analyses.rows(question, grouping, wanted)
    }


@cached_numbers
def _analyses(question: Question, grouping: Grouping, wanted: AnalysisNumbers) -> Selection:
    analysis = and_(CallAnalysis.organization_id == Call.organization_id, CallAnalysis.call_id == Call.id)
    counts = {metric.name: func.count().filter(question.is_one_of(_analysed(metric))) for metric in wanted.counts}
    score = {"score": func.avg(CallAnalysis.sop_compliance_score), "analysed": func.count()}
    statement: Selection = select(*_labelled({**score, **counts})).select_from(Call).join(CallAnalysis, analysis)
    rows = _analysed(wanted.score)
    if _has_visits(rows):
        # Only with visit calls: without them, the condition changes nothing but still costs time, because the planner
        # overestimates its cost and underestimates its selectivity.
        statement = statement.where(may_hear_condition(question.actor))
    return _of_each(statement, question, grouping, rows)


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
            metric.name: mean(found.get(f"{metric.name}_mean"), found.get(metric.name, 0)) for metric, _ in wanted.means
        },
    }


def _of_analyses(found: Mapping[str, Any], wanted: AnalysisNumbers) -> ByName:
    return {
        wanted.score.name: mean(found.get("score"), found.get("analysed", 0)),
        **{metric.name: Measured(found.get(metric.name, 0)) for metric in wanted.counts},
    }
