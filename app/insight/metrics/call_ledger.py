"""The ledger of calls: their numbers and those of their analyses, by the day on which they started."""

from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, SmallInteger, Text, and_, column, func, select, true

from app.db.paging import Selection
from app.insight.metrics import csr_definitions as d
from app.insight.metrics import rep_definitions as r
from app.insight.metrics.call_pass_queries import (
    MICROSECONDS,
    AnalysisNumbers,
    CallNumbers,
    Mean,
    count_calls,
    microseconds,
)
from app.insight.metrics.ledger import Ledger, Part, starts_of_calls
from app.insight.metrics.metric import Credit
from app.insight.metrics.missed_definitions import ABANDONED_WAIT
from app.insight.metrics.question_queries import Question
from app.models import Call, CallAnalysis
from app.models.rollups import CALL_DAYS, CALL_HOURS, CALL_TOPIC_DAYS, OBJECTION_DAYS, REP_CALL_DAYS
from app.periods import Span
from app.security.scope import restrict, unscoped

CSR_CALLS = CallNumbers(
    d.CALLS.rows,
    counts=(
        d.CALLS,
        d.CALLS_ANSWERED,
        d.MISSED_CALLS_TOTAL,
        d.CALLS_RESOLVED,
        d.CSR_CALLS_TOTAL,
        d.TOTAL_LEADS_SPOKEN_TO,
        d.UNBOOKED_APPOINTMENTS,
        d.SERVICE_NOT_OFFERED,
    ),
    ratios=(d.MISS_RATE, d.ANSWER_RATE, d.RESOLUTION_RATE),
    means=(
        Mean(d.AVERAGE_SPEED_OF_ANSWER, microseconds(Call.answered_at - Call.started_at), MICROSECONDS),
        Mean(d.AVERAGE_TALK_TIME, Call.duration_seconds.expression),
        Mean(d.SATISFACTION, Call.call_quality.expression),
    ),
)
CSR_ANALYSES = AnalysisNumbers(d.SOP_COMPLIANCE)
MISSED_CALLS = CallNumbers(
    d.MISSED_CALLS_TOTAL.rows,
    counts=(d.MISSED_CALLS_TOTAL,),
    means=(Mean(ABANDONED_WAIT, Call.waited_seconds.expression),),
)
REP_CALLS = CallNumbers(r.REP_CALLS, counts=(r.SALES_AND_VISIT_CALLS, r.SALES_CALLS))
REP_ANALYSES = AnalysisNumbers(r.PROCESS_GRADE, counts=(r.SALES_CALLS_ANALYSED,))
#: The parts of the volume of calls besides their number, by the names of their columns.
VOLUME = {"answered": d.CALLS_ANSWERED, "missed": d.MISSED_CALLS_TOTAL, "resolved": d.CALLS_RESOLVED}
_ALL = CallNumbers(CSR_CALLS.rows, CSR_CALLS.counts, CSR_CALLS.ratios, (*CSR_CALLS.means, *MISSED_CALLS.means))


def _by_hour(question: Question, span: Span) -> Selection:
    """Select the volume of calls by the hour on the organization's clocks."""
    local_hour = func.date_trunc("hour", func.timezone(question.actor.timezone, Call.started_at))
    return count_volume(question, span, local_hour.label("local_hour"))


def _by_topic(question: Question, span: Span) -> Selection:
    return count_volume(question, span, Call.topic.expression)


def count_volume(question: Question, span: Span, part: ColumnElement[Any]) -> Selection:
    """Select the counts of the calls in a span, still to be grouped by `part`."""
    counts: Selection = select(
        part,
        func.count().label("calls"),
        *(func.count().filter(question.is_one_of(metric.rows)).label(name) for name, metric in VOLUME.items()),
    )
    return restrict(counts, Call, question.actor).where(*question.conditions(d.CALLS.rows, span))


def _objections(question: Question, span: Span) -> Selection:
    """Select the number of analyzed CSR calls with each category of objections, and its worst severity.

    The analysis of each call is looked up: in a join, the planner would read all analyses for the calls of a day.
    """
    analyses = unscoped(
        select(CallAnalysis.objection_categories, CallAnalysis.objection_severities),
        why="analyses of calls that are scoped",
    )
    of_call = and_(
        CallAnalysis.organization_id == Call.organization_id,
        CallAnalysis.call_id == Call.id,
        CallAnalysis.has_objections,
    )
    analysis = analyses.where(of_call).correlate(Call).limit(1).lateral("analysis")
    named = func.unnest(analysis.c.objection_categories, analysis.c.objection_severities)
    raised = named.table_valued(column("category", Text), column("severity", SmallInteger), name="raised")
    raised = raised.render_derived()
    counts = select(raised.c.category, func.count().label("calls"), func.max(raised.c.severity).label("worst"))
    rows = counts.select_from(Call).join(analysis, true()).join(raised, true())
    return restrict(rows, Call, question.actor).where(*question.conditions(d.CSR_CALLS, span))


CALLS_BY_CSR = Part(
    CALL_DAYS,
    Call,
    Call.started_at,
    Credit.CSR,
    Call.csr_id,
    partial(count_calls, calls=_ALL, analyses=CSR_ANALYSES),
    shows_own=True,
)
CALLS_BY_REP = Part(
    REP_CALL_DAYS,
    Call,
    Call.started_at,
    Credit.REP,
    Call.assigned_rep_id,
    partial(count_calls, calls=REP_CALLS, analyses=REP_ANALYSES),
    is_heard=True,
    shows_own=True,
)
CALLS_BY_HOUR = Part(CALL_HOURS, Call, Call.started_at, Credit.CSR, None, _by_hour, ("local_hour",))
CALLS_BY_TOPIC = Part(CALL_TOPIC_DAYS, Call, Call.started_at, Credit.CSR, None, _by_topic, ("topic",))
OBJECTIONS = Part(OBJECTION_DAYS, Call, Call.started_at, Credit.CSR, None, _objections, ("category",))
CALLS = Ledger(
    "calls", (CALLS_BY_CSR, CALLS_BY_REP, CALLS_BY_HOUR, CALLS_BY_TOPIC, OBJECTIONS), {"call": starts_of_calls}
)
