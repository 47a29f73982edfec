"""The numbers of the call centre: of one CSR, or of all of them.

Every number is made of the conditions of the list that its link opens, so that the two cannot differ. All numbers of
calls come from one pass over the period and what it is compared with.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, extract, func, or_, select

from app.db.paging import Selection
from app.extensions import db
from app.metrics import definitions as d
from app.metrics.numbers import Measured, Number, mean, ratio
from app.metrics.question import Question
from app.models import Appointment, Call, CallAnalysis, Lead, MissedCallEntry
from app.models.base import TenantRow
from app.periods import Period, Span
from app.security.actor import Actor
from app.security.scope import restrict

CALL_COUNTS = (
    d.CALLS,
    d.CALLS_ANSWERED,
    d.MISSED_CALLS_TOTAL,
    d.CALLS_RESOLVED,
    d.TOTAL_LEADS_SPOKEN_TO,
    d.UNBOOKED_APPOINTMENTS,
    d.SERVICE_NOT_OFFERED,
)
CALL_RATIOS = (d.MISS_RATE, d.ANSWER_RATE, d.RESOLUTION_RATE)
CALL_MEANS: tuple[tuple[d.Metric, ColumnElement[Any]], ...] = (
    (d.AVERAGE_SPEED_OF_ANSWER, extract("epoch", Call.answered_at - Call.started_at)),
    (d.AVERAGE_TALK_TIME, Call.duration_seconds.expression),
    (d.SATISFACTION, Call.call_quality.expression),
)
#: Numbers that count rows of another list than that of calls.
COUNTS_ELSEWHERE: tuple[tuple[d.Metric, type[TenantRow]], ...] = (
    (d.APPOINTMENTS_BOOKED, Appointment),
    (d.APPOINTMENTS_CANCELLED, Appointment),
    (d.QUALIFIED_LEADS, Lead),
    (d.AUTO_RESCUES, MissedCallEntry),
)
METRICS: Mapping[str, d.Metric] = {
    metric.name: metric
    for metric in (
        *CALL_COUNTS,
        *CALL_RATIOS,
        *(metric for metric, _ in CALL_MEANS),
        *(metric for metric, _ in COUNTS_ELSEWHERE),
        d.BOOKING_RATE,
        d.SOP_COMPLIANCE,
    )
}


def csr_numbers(
    actor: Actor, period: Period, *, csr: UUID | None, now: datetime, compare: bool = True
) -> dict[str, Number]:
    """All numbers by name; `csr` None means the whole call centre. Three statements, whether they compare or not."""
    question = Question(actor, csr, now)
    spans = [period.span, period.comparison] if compare else [period.span]
    parts = zip(
        _measure_calls(question, spans), _script_scores(question, spans), _count_elsewhere(question, spans), strict=True
    )
    current, *earlier = [{**calls, **scores, **counts} for calls, scores, counts in parts]
    before = earlier[0] if earlier else {}
    return {name: Number(METRICS[name], measured, before.get(name)) for name, measured in current.items()}


def _measure_calls(question: Question, spans: Sequence[Span]) -> list[dict[str, Measured]]:
    """All counts, ratios and means of calls, by name, of each span."""
    metrics = (*CALL_COUNTS, *CALL_RATIOS, *(metric for metric, _ in CALL_MEANS))
    columns = {metric.name: func.count().filter(question.is_one_of(metric.rows)) for metric in metrics}
    over = {
        f"{metric.name}_over": func.count().filter(question.is_one_of(metric.numerator))
        for metric in CALL_RATIOS
        if metric.numerator is not None
    }
    means = {
        f"{metric.name}_mean": func.avg(value).filter(question.is_one_of(metric.rows)) for metric, value in CALL_MEANS
    }
    statement: Selection = select(*(column.label(name) for name, column in {**columns, **over, **means}.items()))
    return [_measured_calls(found) for found in _of_each(spans, statement, question, d.CALLS.rows)]


def _measured_calls(found: Mapping[str, Any]) -> dict[str, Measured]:
    return {
        **{metric.name: Measured(found.get(metric.name, 0)) for metric in CALL_COUNTS},
        **{
            metric.name: ratio(found.get(f"{metric.name}_over", 0), found.get(metric.name, 0)) for metric in CALL_RATIOS
        },
        **{metric.name: mean(found.get(f"{metric.name}_mean"), found.get(metric.name, 0)) for metric, _ in CALL_MEANS},
    }


def _script_scores(question: Question, spans: Sequence[Span]) -> list[dict[str, Measured]]:
    analysis = and_(CallAnalysis.organization_id == Call.organization_id, CallAnalysis.call_id == Call.id)
    statement: Selection = (
        select(func.avg(CallAnalysis.sop_compliance_score).label("score"), func.count().label("analysed"))
        .select_from(Call)
        .join(CallAnalysis, analysis)
    )
    every_csr_call = d.Rows(d.Resource.CALLS, {"call_type": "csr_call"})  # the join keeps the analysed ones
    return [
        {d.SOP_COMPLIANCE.name: mean(found.get("score"), found.get("analysed", 0))}
        for found in _of_each(spans, statement, question, every_csr_call)
    ]


def _of_each(spans: Sequence[Span], statement: Selection, question: Question, rows: d.Rows) -> list[Mapping[str, Any]]:
    """What `statement` makes of the calls of each span, from one pass over them; nothing of a span without calls.

    Spans are the period and, if anything, the one before. They are told apart by a yes or no: of any other expression
    the planner expects so many different values that it sorts all calls instead of counting them as they come.
    """
    current, first = spans[0], spans[-1]
    is_current = Call.started_at >= current.start
    conditions = question.conditions(rows, Span(first.start, current.end))
    if first.end < current.start:
        conditions.append(or_(is_current, Call.started_at < first.end))
    grouped = statement.add_columns(is_current.label("is_current")).where(*conditions).group_by(is_current)
    found = {row.is_current: row._asdict() for row in db.session.execute(restrict(grouped, Call, question.actor))}
    return [found.get(span is current, {}) for span in spans]


def _count_elsewhere(question: Question, spans: Sequence[Span]) -> list[dict[str, Measured]]:
    """The numbers that are no calls, and the rate that is made of them, of each span."""
    counts = {
        (metric.name, place): _count(question, metric, span, model).label(f"{metric.name}_{place}")
        for place, span in enumerate(spans)
        for metric, model in COUNTS_ELSEWHERE
    }
    row = db.session.execute(select(*counts.values())).one()
    found = dict(zip(counts, row, strict=True))
    return [
        {
            **{metric.name: Measured(found[metric.name, place]) for metric, _ in COUNTS_ELSEWHERE},
            d.BOOKING_RATE.name: ratio(found[d.APPOINTMENTS_BOOKED.name, place], found[d.QUALIFIED_LEADS.name, place]),
        }
        for place in range(len(spans))
    ]


def _count(question: Question, metric: d.Metric, span: Span, model: type[TenantRow]) -> ScalarSelect[int]:
    statement = restrict(select(func.count()).select_from(model), model, question.actor)
    return statement.where(*question.conditions(metric.rows, span)).scalar_subquery()
