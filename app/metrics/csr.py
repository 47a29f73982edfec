"""The numbers of the call centre: of one CSR, or of all of them.

Every number is made of the conditions of the list that its link opens, so that the two cannot differ. All numbers of
calls come from one pass over the period and one over what it is compared with.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, extract, func, select

from app.db.paging import Selection
from app.extensions import db
from app.metrics import definitions as d
from app.metrics.numbers import Measured, Number, mean, ratio
from app.metrics.question import Question
from app.models import Appointment, Call, CallAnalysis, Lead, MissedCallEntry
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
METRICS: Mapping[str, d.Metric] = {
    metric.name: metric
    for metric in (
        *CALL_COUNTS,
        *CALL_RATIOS,
        *(metric for metric, _ in CALL_MEANS),
        d.APPOINTMENTS_BOOKED,
        d.APPOINTMENTS_CANCELLED,
        d.QUALIFIED_LEADS,
        d.BOOKING_RATE,
        d.AUTO_RESCUES,
        d.SOP_COMPLIANCE,
    )
}


def csr_numbers(
    actor: Actor, period: Period, *, csr: UUID | None, now: datetime, compare: bool = True
) -> dict[str, Number]:
    """All numbers by name; `csr` None means the whole call centre. Six statements, six more to compare."""
    question = Question(actor, csr, now)
    current = _measure(question, period.span)
    before = _measure(question, period.comparison) if compare else {}
    return {name: Number(METRICS[name], measured, before.get(name)) for name, measured in current.items()}


def _measure(question: Question, span: Span) -> dict[str, Measured]:
    """Every number of one span, by name."""
    booked = _count(question, d.APPOINTMENTS_BOOKED, span, Appointment)
    qualified = _count(question, d.QUALIFIED_LEADS, span, Lead)
    return {
        **_measure_calls(question, span),
        d.APPOINTMENTS_BOOKED.name: Measured(booked),
        d.APPOINTMENTS_CANCELLED.name: Measured(_count(question, d.APPOINTMENTS_CANCELLED, span, Appointment)),
        d.QUALIFIED_LEADS.name: Measured(qualified),
        d.BOOKING_RATE.name: ratio(booked, qualified),
        d.AUTO_RESCUES.name: Measured(_count(question, d.AUTO_RESCUES, span, MissedCallEntry)),
        d.SOP_COMPLIANCE.name: _script_score(question, span),
    }


def _measure_calls(question: Question, span: Span) -> dict[str, Measured]:
    """All counts, ratios and means of calls, by name, in one statement."""
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
    scoped = restrict(statement, Call, question.actor).where(*question.conditions(d.CALLS.rows, span))
    row = db.session.execute(scoped).one()._mapping
    return {
        **{metric.name: Measured(row[metric.name]) for metric in CALL_COUNTS},
        **{metric.name: ratio(row[f"{metric.name}_over"], row[metric.name]) for metric in CALL_RATIOS},
        **{metric.name: mean(row[f"{metric.name}_mean"], row[metric.name]) for metric, _ in CALL_MEANS},
    }


def _count(question: Question, metric: d.Metric, span: Span, model: Any) -> int:
    """Rows of another list than that of calls."""
    statement: Selection = select(func.count()).select_from(model)
    scoped = restrict(statement, model, question.actor).where(*question.conditions(metric.rows, span))
    return int(db.session.scalar(scoped) or 0)


def _script_score(question: Question, span: Span) -> Measured:
    analysis = and_(CallAnalysis.organization_id == Call.organization_id, CallAnalysis.call_id == Call.id)
    statement: Selection = (
        select(func.avg(CallAnalysis.sop_compliance_score), func.count()).select_from(Call).join(CallAnalysis, analysis)
    )
    every_csr_call = d.Rows(d.Resource.CALLS, {"call_type": "csr_call"})  # the join keeps the analysed ones
    scoped = restrict(statement, Call, question.actor).where(*question.conditions(every_csr_call, span))
    score, analysed = db.session.execute(scoped).one()
    return mean(score, analysed)
