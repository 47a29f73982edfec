"""Numbers of other lists than that of calls: all of them from one statement, each by its own index."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Numeric,
    SQLColumnExpression,
    cast,
    distinct,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased, join

from app.db.joins import refers_to
from app.db.paging import Selection
from app.insight.metrics.call_pass_queries import Key
from app.insight.metrics.grouping_queries import Columns, Grouping, OfEach, grouped, key_of, outside
from app.insight.metrics.kept_queries import kept_numbers
from app.insight.metrics.metric import Metric, Rows
from app.insight.metrics.question_queries import Credit, Question
from app.models import Appointment, Call, Lead, MissedCallEntry, RecordingSession
from app.models.base import TenantRow
from app.security.scope import restrict, unscoped
from app.work.appointments.filters import AppointmentFilters
from app.work.appointments.queries import MOMENTS as APPOINTMENT_MOMENTS
from app.work.appointments.resource import APPOINTMENT_LIST
from app.work.leads.resource import LEAD_LIST
from app.work.missed_calls.filters import EntryFilters
from app.work.missed_calls.queries import MOMENTS as ENTRY_MOMENTS
from app.work.missed_calls.resource import MISSED_CALL_LIST
from app.work.recordings.resource import RECORDING_LIST

_MODELS: dict[str, type[TenantRow]] = {
    LEAD_LIST.name: Lead,
    APPOINTMENT_LIST.name: Appointment,
    RECORDING_LIST.name: RecordingSession,
}

#: The condition of an entry's credit looks at leads itself, which must not be taken for this one.
_CreditedLead = aliased(Lead, name="credited_lead")


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What is counted: the rows of `metric`; and summed over them, if anything.

    A constant, which is only equal to itself, so that statements are kept by it.
    """

    metric: Metric
    summed: SQLColumnExpression[Any] | None = None


@dataclass(frozen=True, slots=True)
class Tallied:
    """How many rows, and the sum over them (None where there is nothing to sum)."""

    cases: int = 0
    total: Decimal | None = None


NOTHING = Tallied()


def tally(question: Question, grouping: Grouping, tallies: Sequence[Tally]) -> dict[tuple[Key, str], Tallied]:
    """What there is by group and name of the metric; what is not there is NOTHING."""
    rows = _tallies.rows(question, grouping, *tallies)
    return {(key_of(row, grouping), row.name): Tallied(row.cases, row.total) for row in rows}


@kept_numbers
def _tallies(question: Question, grouping: Grouping, *tallies: Tally) -> Selection:
    counted = [_counted(question, grouping, one) for one in tallies]
    tallied = union_all(*counted).subquery("tallied").c
    return unscoped(select(*tallied), why="what is counted is scoped within each part")


def _counted(question: Question, grouping: Grouping, one: Tally) -> Selection:
    source = _source(question, grouping, one.metric.rows)
    total = cast(null() if one.summed is None else func.sum(one.summed), Numeric)
    counts: Selection = select(
        literal(one.metric.name).label("name"),
        source.cases.label("cases"),
        total.label("total"),
    )
    moment = source.columns.moment
    gap = [] if moment is None else outside(grouping.gap, moment)
    counts = counts.select_from(source.rows).where(*source.conditions, *gap)
    if source.looked_up is not None:
        counts = counts.outerjoin(*source.looked_up)
    if source.scoped_by is None:
        statement = unscoped(counts, why="the rows of this source are scoped within it")
    else:
        statement = restrict(counts, source.scoped_by, question.actor)
    return grouped(statement, grouping, source.columns)


@dataclass(frozen=True, slots=True)
class _Source:
    """What is counted from where: `scoped_by` is the model whose scope still has to be added.

    `looked_up` is what is joined, with its condition, where it is there.
    """

    rows: Any
    cases: ColumnElement[int]
    columns: Columns
    conditions: Sequence[ColumnElement[bool]]
    scoped_by: type[TenantRow] | None = None
    looked_up: tuple[Any, ColumnElement[bool]] | None = None


def _source(question: Question, grouping: Grouping, rows: Rows) -> _Source:
    if rows.listed is LEAD_LIST and not rows.of_now:
        return _leads_spoken_to(question, grouping, rows)
    if rows.listed is MISSED_CALL_LIST:
        return _entries(question, grouping, rows)
    columns = Columns(_moment_of(rows), question.person_column(rows.listed))
    model = _MODELS[rows.listed.name]
    return _Source(model, func.count(), columns, question.conditions(rows, grouping.span), model)


def _leads_spoken_to(question: Question, grouping: Grouping, rows: Rows) -> _Source:
    """Leads joined with the calls in which they were spoken to: when that was, and to whom, only the calls know.

    The leads are narrowed within, where nothing that looks at calls can be mistaken for a look at these.
    """
    of_leads, of_calls = question.conditions_by_call(rows, grouping.span)
    leads = restrict(select(Lead.id, Lead.assigned_rep_id), Lead, question.actor).where(*of_leads).subquery("spoken_to")
    person = Call.csr_id if question.credit is Credit.CSR else leads.c.assigned_rep_id
    spoken_to = join(Call, leads, leads.c.id == Call.lead_id)
    return _Source(spoken_to, func.count(distinct(leads.c.id)), Columns(Call.started_at, person), of_calls)


def _entries(question: Question, grouping: Grouping, rows: Rows) -> _Source:
    """Entries of the queue; whom their lead is credited to is looked up where they are told apart by that."""
    columns = Columns(ENTRY_MOMENTS[EntryFilters.of(rows.filters).date_of], _CreditedLead.csr_id)
    conditions = question.conditions(rows, grouping.span)
    credited = refers_to(_CreditedLead, MissedCallEntry, MissedCallEntry.lead_id) & _CreditedLead.deleted_at.is_(None)
    looked_up = (_CreditedLead, credited) if isinstance(grouping, OfEach) else None
    return _Source(MissedCallEntry, func.count(), columns, conditions, MissedCallEntry, looked_up)


def _moment_of(rows: Rows) -> InstrumentedAttribute[Any] | None:
    """What the period is about."""
    if rows.of_now:
        return None
    if rows.listed is APPOINTMENT_LIST:
        return APPOINTMENT_MOMENTS[AppointmentFilters.of(rows.filters).date_of]
    return RecordingSession.started_at
