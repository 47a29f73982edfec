"""The ledger of missed callers: how many there were and what became of them, by the day of the first missed call."""

from collections.abc import Sequence

from sqlalchemy import FromClause, Label, and_, func, select

from app.db.paging import Selection
from app.insight.metrics import missed_definitions as d
from app.insight.metrics.ledger import Ledger, Part
from app.insight.metrics.metric import Credit, Metric
from app.insight.metrics.question_queries import Question
from app.models import MissedCallEntry
from app.models.rollups import MISSED_CALLER_DAYS, MISSED_CALLER_HOURS
from app.periods import Span
from app.security.scope import restrict, unscoped

#: Counts that change with time, or with the viewer: they always come from rows.
COUNTS_OF_NOW = (d.CALLS_RESCUED_BY_ME, d.MISSED_CALLS_OVERDUE)
_COUNTS = (
    d.MISSED_ENTRIES_TOTAL,
    d.CALLS_RESCUED_BY_AUTO,
    d.CALLS_RESCUED_BY_HUMANS,
    d.MISSED_CALLS_OPEN,
    d.MISSED_CALLS_LOST,
    d.MISSED_CALLS_ANSWERED_LATER,
    d.MISSED_CALLS_DISMISSED,
    d.MISSED_CALLS_ATTEMPTED,
    d.MISSED_CALLS_UNTRIED,
    d.MISSED_CALLS_REACHED,
    d.MISSED_CALLS_BOOKED,
)
#: In the order of the stages.
FUNNEL = (d.MISSED_ENTRIES_TOTAL, d.MISSED_CALLS_ATTEMPTED, d.MISSED_CALLS_REACHED, d.MISSED_CALLS_BOOKED)


def counts_of(question: Question, metrics: Sequence[Metric]) -> list[Label[int]]:
    """Return the number of rows of each metric among the entries that a statement selects, by name."""
    return [func.count().filter(question.is_one_of(metric.rows)).label(metric.name) for metric in metrics]


def stored_counts(question: Question) -> list[Label[int]]:
    """Return the numbers that are stored, among the entries that a statement selects, by name."""
    in_time = d.FIRST_ATTEMPT_IN_TIME
    is_in_time = question.is_one_of(in_time.numerator or in_time.rows)
    return [*counts_of(question, _COUNTS), func.count().filter(is_in_time).label(in_time.name)]


def _by_csr(question: Question, span: Span) -> Selection:
    """Select the numbers of the missed callers in a span."""
    counts: Selection = select(*stored_counts(question)).select_from(MissedCallEntry)
    return _in_span(counts, question, span)


def _by_hour(question: Question, span: Span) -> Selection:
    """Select the stages that missed callers reached by the hour on the organization's clocks."""
    local_hour = func.date_trunc("hour", func.timezone(question.actor.timezone, MissedCallEntry.first_missed_at))
    counts: Selection = select(local_hour.label("local_hour"), *counts_of(question, FUNNEL))
    return _in_span(counts.select_from(MissedCallEntry), question, span)


def _in_span(counts: Selection, question: Question, span: Span) -> Selection:
    conditions = question.conditions(d.MISSED_ENTRIES_TOTAL.rows, span)
    return restrict(counts, MissedCallEntry, question.actor).where(*conditions)


def _starts(marks: FromClause) -> Selection:
    """Select when the first call of the marked missed callers was missed."""
    of_mark = and_(MissedCallEntry.organization_id == marks.c.organization_id, MissedCallEntry.id == marks.c.record_id)
    starts = unscoped(select(MissedCallEntry.first_missed_at), why="times of marked callers only")
    return starts.join_from(marks, MissedCallEntry, of_mark)


CALLERS_BY_CSR = Part(
    MISSED_CALLER_DAYS,
    MissedCallEntry,
    MissedCallEntry.first_missed_at,
    Credit.CSR,
    MissedCallEntry.csr_id,
    _by_csr,
)
CALLERS_BY_HOUR = Part(
    MISSED_CALLER_HOURS,
    MissedCallEntry,
    MissedCallEntry.first_missed_at,
    Credit.CSR,
    None,
    _by_hour,
    ("local_hour",),
)
MISSED_CALLERS = Ledger("missed", (CALLERS_BY_CSR, CALLERS_BY_HOUR), {"missed_call": _starts})
