"""Statements for counts and sums over the rows of all lists other than calls, each with its list's index."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Function,
    Label,
    SQLColumnExpression,
    cast,
    distinct,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, join

from app.db.paging import Selection
from app.insight.metrics.grouping_queries import BySpan, Columns, Grouping, OfEach, grouped, outside
from app.insight.metrics.metric import Credit, Metric, Rows
from app.insight.metrics.question_queries import Question, person_column
from app.models import Appointment, Call, Lead, MissedCallEntry, RecordingSession
from app.models.base import TenantRow
from app.periods import Span
from app.security.scope import restrict, unscoped
from app.work.appointments.filters import AppointmentFilters
from app.work.appointments.queries import MOMENTS as APPOINTMENT_MOMENTS
from app.work.appointments.resource import APPOINTMENT_LIST
from app.work.leads.resource import LEAD_LIST
from app.work.missed_calls.filters import EntryFilters
from app.work.missed_calls.queries import CREDITED
from app.work.missed_calls.queries import MOMENTS as ENTRY_MOMENTS
from app.work.missed_calls.resource import MISSED_CALL_LIST
from app.work.recordings.resource import RECORDING_LIST

_MODELS: dict[str, type[TenantRow]] = {
    LEAD_LIST.name: Lead,
    APPOINTMENT_LIST.name: Appointment,
    RECORDING_LIST.name: RecordingSession,
    MISSED_CALL_LIST.name: MissedCallEntry,
}


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """The rows of `metric` to count, and what to sum over them, if anything: a whole number of 1 / `scale`.

    With `is_of_person`, `whole` is a condition: the total of a person and a whole period is the number of rows that
    meet it, and there is no other total.

    Tallies are constants, equal only to themselves, so that they can be part of the key of a cached statement.
    """

    metric: Metric
    whole: SQLColumnExpression[Any] | None = None
    scale: int = 1
    is_of_person: bool = False

    def has_total(self, question: Question, grouping: Grouping) -> bool:
        """Return whether there is something to sum in the groups of a grouping."""
        if self.whole is None or not self.is_of_person:
            return self.whole is not None
        if isinstance(grouping, OfEach):
            return isinstance(grouping.parts, BySpan)
        return isinstance(grouping, BySpan) and not (question.person is None or isinstance(question.person, str))


def count_of(question: Question, grouping: Grouping, one: Tally) -> Selection:
    """Select the name, the number and the sum of a tally's rows in each group."""
    source = _source(question, grouping, one.metric.rows)
    total: Any = null()
    whole: Any = one.whole
    if one.has_total(question, grouping):
        total = source.cases.filter(whole) if one.is_of_person else func.sum(whole)
    counts: Selection = select(
        literal(one.metric.name).label("name"),
        source.cases.label("cases"),
        cast(total, BigInteger).label("total"),
    )
    moment = source.columns.moment
    gap = [] if moment is None else outside(grouping.gap, moment)
    counts = counts.select_from(source.rows).where(*source.conditions, *gap)
    if source.scoped_by is None:
        statement = unscoped(counts, why="the rows of this source are already scoped")
    else:
        statement = restrict(counts, source.scoped_by, question.actor)
    return grouped(statement, grouping, source.columns)


def count_several(question: Question, span: Span, tallies: Sequence[Tally]) -> Selection:
    """Select the numbers and sums of tallies of one list and date, by their names, from one pass over a span."""
    first = tallies[0].metric.rows
    filters = {name: value for name, value in first.filters.items() if name == "date_of"}
    source = _source(question, BySpan(span), Rows(first.listed, filters))
    columns: list[Label[Any]] = []
    for one in tallies:
        is_one = question.is_one_of(one.metric.rows)
        columns.append(func.count().filter(is_one).label(one.metric.name))
        if one.whole is not None:
            columns.append(cast(func.sum(one.whole).filter(is_one), BigInteger).label(f"{one.metric.name}_sum"))
    counts: Selection = select(*columns).select_from(source.rows).where(*source.conditions)
    return restrict(counts, model_of(first), question.actor)


def model_of(rows: Rows) -> type[TenantRow]:
    """Return the model of the rows of a list."""
    return _MODELS[rows.listed.name]


def columns_of(credit: Credit, rows: Rows) -> Columns:
    """Return the columns for the time and the person of the rows of a list."""
    if rows.listed is MISSED_CALL_LIST:
        date_of = EntryFilters.of(rows.filters).date_of
        return Columns(ENTRY_MOMENTS[date_of], CREDITED[date_of])
    return Columns(_moment_of(rows), person_column(rows.listed, credit))


@dataclass(frozen=True, slots=True)
class _Source:
    """The rows to count and their conditions.

    `scoped_by` is the model whose scope must still be added; None if the rows are already scoped.
    """

    rows: Any
    cases: Function[int]
    columns: Columns
    conditions: Sequence[ColumnElement[bool]]
    scoped_by: type[TenantRow] | None = None


def _source(question: Question, grouping: Grouping, rows: Rows) -> _Source:
    if rows.listed is LEAD_LIST and not rows.of_now:
        return _leads_spoken_to(question, grouping, rows)
    columns, model = columns_of(question.credit, rows), model_of(rows)
    return _Source(model, func.count(), columns, question.conditions(rows, grouping.span), model)


def _leads_spoken_to(question: Question, grouping: Grouping, rows: Rows) -> _Source:
    """Return the leads spoken to, joined with the calls, which give the time.

    The person is the call's CSR or the lead's rep, depending on who gets the credit. The leads are filtered in a
    subquery, so that conditions on calls can't be correlated with the calls joined here.
    """
    of_leads, of_calls = question.conditions_by_call(rows, grouping.span)
    leads = restrict(select(Lead.id, Lead.assigned_rep_id), Lead, question.actor).where(*of_leads).subquery("spoken_to")
    person = Call.csr_id if question.credit is Credit.CSR else leads.c.assigned_rep_id
    spoken_to = join(Call, leads, leads.c.id == Call.lead_id)
    return _Source(spoken_to, func.count(distinct(leads.c.id)), Columns(Call.started_at, person), of_calls)


def _moment_of(rows: Rows) -> InstrumentedAttribute[Any] | None:
    """Return the column that the period applies to; None if the rows are counted as of now."""
    if rows.of_now:
        return None
    if rows.listed is APPOINTMENT_LIST:
        return APPOINTMENT_MOMENTS[AppointmentFilters.of(rows.filters).date_of]
    return RecordingSession.started_at
