"""The ledgers of appointments, recordings and missed callers, and the tallies of which they are made."""

from collections.abc import Mapping, Sequence
from functools import partial

from sqlalchemy import BigInteger, FromClause, Table, and_, cast, func, select

from app.db.paging import Selection
from app.insight.metrics import csr_definitions as c
from app.insight.metrics import rep_definitions as r
from app.insight.metrics.call_pass_queries import MICROSECONDS, microseconds
from app.insight.metrics.lead_ledger import LEADS, LEADS_OF_CSRS, QUALIFIED_LEADS, is_not_booked_before
from app.insight.metrics.ledger import Ledger, Part
from app.insight.metrics.metric import Credit
from app.insight.metrics.question_queries import Question
from app.insight.metrics.tally_pass_queries import Tally, columns_of, count_several, model_of
from app.models import Appointment, AppointmentOutcome, AppointmentStatus, RecordingSession
from app.models.rollups import (
    BOOKING_DAYS,
    DEAL_DAYS,
    FORECAST_DAYS,
    RECORDING_DAYS,
    REP_BOOKING_DAYS,
    RESCUE_DAYS,
    SCHEDULE_DAYS,
    VISIT_DAYS,
)
from app.periods import Span
from app.security.scope import restrict, unscoped

SECONDS_AN_HOUR = 3600
_CENTS_A_UNIT = 100
_CENTS = cast(Appointment.deal_value * _CENTS_A_UNIT, BigInteger)

BOOKED = Tally(c.APPOINTMENTS_BOOKED)
#: Its total are the leads that no colleague had booked before the CSR's first call.
QUALIFIED = Tally(c.QUALIFIED_LEADS, is_not_booked_before(), is_of_person=True)
QUALIFIED_FOR_REP = Tally(r.QUALIFIED_LEADS)
CANCELLED = Tally(c.APPOINTMENTS_CANCELLED)
RESCUED = Tally(c.AUTO_RESCUES)
BOOKED_FOR_REP = Tally(r.APPOINTMENTS_BOOKED)
COMPLETED, WON, LOST, ANALYSED = (
    Tally(metric) for metric in (r.VISITS_COMPLETED, r.VISITS_WON, r.VISITS_LOST, r.VISITS_ANALYSED)
)
REVENUE = Tally(r.REVENUE_WON, _CENTS, _CENTS_A_UNIT)
DEALS = Tally(r.AVERAGE_DEAL, _CENTS, _CENTS_A_UNIT)
RECORDED = Tally(r.TOTAL_RECORDED_HOURS, RecordingSession.duration_seconds, SECONDS_AN_HOUR)
SCHEDULED = Tally(
    r.HOURS_BOOKED,
    microseconds(Appointment.scheduled_end_at - Appointment.scheduled_start_at),
    MICROSECONDS * SECONDS_AN_HOUR,
)


def _part(days: Table, *tallies: Tally, is_heard: bool = False) -> Part:
    rows, credit = tallies[0].metric.rows, tallies[0].metric.credit
    columns = columns_of(credit, rows)
    if columns.moment is None:
        raise ValueError(f"{days.name}: rows as of now have no day")
    counted = partial(count_several, tallies=tallies)
    return Part(days, model_of(rows), columns.moment, credit, columns.person, counted, is_heard=is_heard)


def _count_visits(question: Question, span: Span) -> Selection:
    """Select the number of appointments, the value of those won (in cents), and how many are still scheduled."""
    is_won = Appointment.outcome == AppointmentOutcome.CLOSED_WON
    is_scheduled = Appointment.status == AppointmentStatus.SCHEDULED
    counts: Selection = select(
        func.date_trunc("day", Appointment.booked_at, question.actor.timezone).label("booked_on"),
        func.count().label("visits"),
        func.count().filter(is_scheduled).label("stands"),
        cast(func.sum(_CENTS).filter(is_won), BigInteger).label("worth_sum"),
    )
    return restrict(counts, Appointment, question.actor).where(*question.conditions(r.HOURS_BOOKED.rows, span))


def _completion(marks: FromClause) -> Selection:
    """Select when the marked appointments were completed."""
    of_mark = and_(Appointment.organization_id == marks.c.organization_id, Appointment.id == marks.c.record_id)
    completed = unscoped(select(Appointment.completed_at), why="times of marked appointments only")
    return completed.join_from(marks, Appointment, of_mark).where(Appointment.completed_at.is_not(None))


def _completion_of_calls(marks: FromClause) -> Selection:
    """Select when the appointments were completed whose recordings are the marked calls."""
    of_mark = and_(
        RecordingSession.organization_id == marks.c.organization_id, RecordingSession.call_id == marks.c.record_id
    )
    of_recording = and_(
        Appointment.organization_id == RecordingSession.organization_id,
        Appointment.id == RecordingSession.appointment_id,
    )
    completed = unscoped(select(Appointment.completed_at), why="times of marked appointments only")
    completed = completed.join_from(marks, RecordingSession, of_mark).join(Appointment, of_recording)
    return completed.where(Appointment.completed_at.is_not(None)).execution_options(include_deleted=True)


_BY_CSR, _BY_REP = _part(BOOKING_DAYS, BOOKED, CANCELLED), _part(REP_BOOKING_DAYS, BOOKED_FOR_REP)
_SCHEDULED = _part(SCHEDULE_DAYS, SCHEDULED)
_VISITS = _part(VISIT_DAYS, COMPLETED, WON, LOST, ANALYSED, is_heard=True)
#: Appointments by the day on which they were booked, for everybody together: the basis of a forecast.
VISITS_BY_BOOKING = Part(
    FORECAST_DAYS, Appointment, Appointment.scheduled_start_at, Credit.REP, None, _count_visits, ("booked_on",)
)
_DEALS = _part(DEAL_DAYS, REVENUE, DEALS)
_RECORDED = _part(RECORDING_DAYS, RECORDED)
_RESCUES = _part(RESCUE_DAYS, RESCUED)

APPOINTMENTS_BY_BOOKING = Ledger("booked", (_BY_CSR, _BY_REP))
APPOINTMENTS_BY_SCHEDULE = Ledger("scheduled", (_SCHEDULED, VISITS_BY_BOOKING))
APPOINTMENTS_BY_COMPLETION = Ledger("completed", (_VISITS,), {"appointment": _completion, "call": _completion_of_calls})
APPOINTMENTS_BY_OUTCOME = Ledger("outcome", (_DEALS,))
RECORDINGS = Ledger("recorded", (_RECORDED,))
CALLERS_BY_RESOLUTION = Ledger("resolved", (_RESCUES,))

TALLY_LEDGERS: Sequence[Ledger] = (
    APPOINTMENTS_BY_BOOKING,
    APPOINTMENTS_BY_SCHEDULE,
    APPOINTMENTS_BY_COMPLETION,
    APPOINTMENTS_BY_OUTCOME,
    RECORDINGS,
    CALLERS_BY_RESOLUTION,
    QUALIFIED_LEADS,
)
#: The ledger and the table of each tally that is stored.
PLACES: Mapping[Tally, tuple[Ledger, Part]] = {
    BOOKED: (APPOINTMENTS_BY_BOOKING, _BY_CSR),
    CANCELLED: (APPOINTMENTS_BY_BOOKING, _BY_CSR),
    BOOKED_FOR_REP: (APPOINTMENTS_BY_BOOKING, _BY_REP),
    SCHEDULED: (APPOINTMENTS_BY_SCHEDULE, _SCHEDULED),
    **dict.fromkeys((COMPLETED, WON, LOST, ANALYSED), (APPOINTMENTS_BY_COMPLETION, _VISITS)),
    **dict.fromkeys((REVENUE, DEALS), (APPOINTMENTS_BY_OUTCOME, _DEALS)),
    RECORDED: (RECORDINGS, _RECORDED),
    RESCUED: (CALLERS_BY_RESOLUTION, _RESCUES),
    QUALIFIED: (QUALIFIED_LEADS, LEADS_OF_CSRS),
    QUALIFIED_FOR_REP: (QUALIFIED_LEADS, LEADS),
}
