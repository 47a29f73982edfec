"""The ledger of qualified leads: the completed CSR calls with them, by the day on which the calls started.

Leads that were spoken to in a period, each counted once, are the calls whose previous call was before the period. So
the calls are stored with the time of the previous one, and can be added up for any period.
"""

from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Label, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.db.paging import Selection
from app.insight.metrics import csr_definitions as c
from app.insight.metrics.ledger import Ledger, Part
from app.insight.metrics.metric import Credit
from app.insight.metrics.question_queries import Question
from app.models import Appointment, Call, Lead
from app.models.rollups import CSR_LEAD_DAYS, LEAD_DAYS
from app.periods import Span
from app.security.actor import Actor
from app.security.scope import restrict, unscoped
from app.work.leads.filters import LeadFilters
from app.work.leads.queries import spoken_to

_Earlier = aliased(Call, name="earlier_call")


def _count(question: Question, span: Span, *, same_csr: bool) -> Selection:
    """Select the number of calls with qualified leads in a span, still to be grouped by the time of the previous one.

    With `same_csr`, it is the previous call of the same CSR with the lead.
    """
    of_leads, of_calls = question.conditions_by_call(c.QUALIFIED_LEADS.rows, span)
    number, previous = c.QUALIFIED_LEADS.name, _previous(question.actor, same_csr=same_csr)
    columns: list[Label[Any]] = [func.count().label(number), previous]
    if same_csr:
        columns.append(func.count().filter(is_not_booked_before()).label(f"{number}_sum"))
    of_call = and_(Lead.organization_id == Call.organization_id, Lead.id == Call.lead_id)
    spoken: Selection = select(*columns).join_from(Call, Lead, of_call)
    return restrict(spoken, Lead, question.actor).where(*of_leads, *of_calls)


def is_not_booked_before() -> ColumnElement[bool]:
    """Return the condition that no colleague of the call's CSR had booked its lead before the call.

    If a colleague had booked before the CSR's first call, so they had before all later ones.
    """
    booked = unscoped(select(Appointment.id), why="condition of calls that are scoped; no appointment is returned")
    by_colleague = booked.where(
        Appointment.organization_id == Call.organization_id,
        Appointment.lead_id == Call.lead_id,
        Appointment.csr_id != Call.csr_id,
        Appointment.booked_at < Call.started_at,
        Appointment.deleted_at.is_(None),
    )
    return ~by_colleague.correlate(Call).exists()


def _previous(actor: Actor, *, same_csr: bool) -> Label[Any]:
    of_lead = [*spoken_to(LeadFilters(), actor, None, _Earlier), _Earlier.lead_id == Call.lead_id]
    if same_csr:
        of_lead.append(_Earlier.csr_id.is_not_distinct_from(Call.csr_id))
    is_before = or_(
        _Earlier.started_at < Call.started_at, and_(_Earlier.started_at == Call.started_at, _Earlier.id < Call.id)
    )
    latest = unscoped(select(func.max(_Earlier.started_at)), why="time of a call with a lead that is counted")
    return latest.where(*of_lead, is_before).correlate(Call).scalar_subquery().label("previous_at")


def _later_calls(marks: FromClause) -> Selection:
    """Select when the calls with the marked leads started, from the time of the mark on."""
    of_mark = and_(Call.organization_id == marks.c.organization_id, Call.lead_id == marks.c.record_id)
    starts = unscoped(select(Call.started_at), why="times of calls with marked leads only").join_from(
        marks, Call, of_mark
    )
    return starts.where(or_(marks.c.since.is_(None), Call.started_at >= marks.c.since))


#: By rep; a lead has one rep, so the numbers of all reps add up to that of everybody.
LEADS = Part(
    LEAD_DAYS,
    Call,
    Call.started_at,
    Credit.REP,
    Lead.assigned_rep_id,
    partial(_count, same_csr=False),
    ("previous_at",),
    joined=(Lead,),
    previous="previous_at",
)
#: By CSR; a lead that two CSRs spoke to counts for both.
LEADS_OF_CSRS = Part(
    CSR_LEAD_DAYS,
    Call,
    Call.started_at,
    Credit.CSR,
    Call.csr_id,
    partial(_count, same_csr=True),
    ("previous_at",),
    joined=(Lead,),
    previous="previous_at",
    together=LEADS,
)
QUALIFIED_LEADS = Ledger("leads", (LEADS, LEADS_OF_CSRS), {"lead": _later_calls})
