"""Counts and sums of all lists other than calls, in one statement that uses the index of each list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
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
from app.insight.metrics.cached_queries import cached_numbers
from app.insight.metrics.call_pass_queries import Key
from app.insight.metrics.grouping_queries import Columns, Grouping, OfEach, grouped, key_of, outside
from app.insight.metrics.metric import Credit, Metric, Rows
from app.insight.metrics.question_queries import Question
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

#: Aliased, because the condition of an entry's credit selects from leads itself and must not be correlated with this
#: one.
_CreditedLead = aliased(Lead, name="credited_lead")


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """The rows of `metric` to count, and what to sum over them, if anything: a whole number of 1 / `scale`.

    Tallies are constants, equal only to themselves, so that they can be part of the key of a cached statement.
    """

    metric: Metric
    whole: SQLColumnExpression[Any] | None = None
    scale: int = 1


@dataclass(frozen=True, slots=True)
class Tallied:
    """The number of rows, and the sum over them (None if there is nothing to sum)."""

    cases: int = 0
    total: int | None = None


NOTHING = Tallied()


def needed(
    tallies: Sequence[Tally], of_metrics: Mapping[str, Sequence[Tally]], wanted: Iterable[Metric]
) -> tuple[Tally, ...]:
    """Return those of `tallies`, in their order, that the metrics `wanted` are computed from.

    `of_metrics` are the tallies of each metric by name.
    """
    these = {one for metric in wanted for one in of_metrics.get(metric.name, ())}
    return tuple(one for one in tallies if one in these)


def tally(question: Question, grouping: Grouping, tallies: Sequence[Tally]) -> dict[tuple[Key, str], Tallied]:
    """Return the counts by group and name of the metric; a missing key stands for NOTHING."""
    rows = _tallies.rows(question, grouping, *tallies)
    return {(key_of(row, grouping), row.name): Tallied(row.cases, row.total) for row in rows}


@cached_numbers
def _tallies(question: Question, grouping: Grouping, *tallies: Tally) -> Selection:
    counted = [_counted(question, grouping, one) for one in tallies]
    tallied = union_all(*counted).subquery("tallied").c
    return unscoped(select(*tallied), why="each combined query is scoped")


def _counted(question: Question, grouping: Grouping, one: Tally) -> Selection:
    source = _source(question, grouping, one.metric.rows)
    total = cast(null() if one.whole is None else func.sum(one.whole), BigInteger)
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
        statement = unscoped(counts, why="the rows of this source are already scoped")
    else:
        statement = restrict(counts, source.scoped_by, question.actor)
    return grouped(statement, grouping, source.columns)


@dataclass(frozen=True, slots=True)
class _Source:
    """The rows to count and their conditions.

    `scoped_by` is the model whose scope must still be added; None if the rows are already scoped. `looked_up` is a
    table to outer join, with its condition.
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
    """Return the leads spoken to, joined with the calls, which give the time.

    The person is the call's CSR or the lead's rep, depending on who gets the credit. The leads are filtered in a
    subquery, so that conditions on calls can't be correlated with the calls joined here.
    """
    of_leads, of_calls = question.conditions_by_call(rows, grouping.span)
    leads = restrict(select(Lead.id, Lead.assigned_rep_id), Lead, question.actor).where(*of_leads).subquery("spoken_to")
    person = Call.csr_id if question.credit is Credit.CSR else leads.c.assigned_rep_id
    spoken_to = join(Call, leads, leads.c.id == Call.lead_id)
    return _Source(spoken_to, func.count(distinct(leads.c.id)), Columns(Call.started_at, person), of_calls)


def _entries(question: Question, grouping: Grouping, rows: Rows) -> _Source:
    """Return missed calls, joined with their leads if they are grouped by person, who is the lead's CSR."""
    columns = Columns(ENTRY_MOMENTS[EntryFilters.of(rows.filters).date_of], _CreditedLead.csr_id)
    conditions = question.conditions(rows, grouping.span)
    credited = refers_to(_CreditedLead, MissedCallEntry, MissedCallEntry.lead_id) & _CreditedLead.deleted_at.is_(None)
    looked_up = (_CreditedLead, credited) if isinstance(grouping, OfEach) else None
    return _Source(MissedCallEntry, func.count(), columns, conditions, MissedCallEntry, looked_up)


def _moment_of(rows: Rows) -> InstrumentedAttribute[Any] | None:
    """Return the column that the period applies to; None if the rows are counted as of now."""
    if rows.of_now:
        return None
    if rows.listed is APPOINTMENT_LIST:
        return APPOINTMENT_MOMENTS[AppointmentFilters.of(rows.filters).date_of]
    return RecordingSession.started_at
