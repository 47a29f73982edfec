"""Appointments: booked, rescheduled, canceled, completed, won or lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from app.models.appointments import AppointmentOutcome, AppointmentStatus
from demo.call_records import AnsweredCall
from demo.catalogue import CANCELLED_REASONS, LOST_REASONS, service_of
from demo.conversations.slots import Window
from demo.event_queue import Due
from demo.households import Household
from demo.office import Office
from demo.recorded_visits import visit_recorded
from demo.reminders import reminded
from demo.rows import AppointmentRow, Row
from demo.state_transitions import (
    lead_after_visit,
    lead_dead,
    lead_unbooked,
    visit_cancelled,
    visit_done,
    visit_lost,
    visit_missed,
    visit_won,
)

_MOVED, _CALLED_OFF, _CONFIRMED, _ASKED_ABOUT, _LATE, _PREPARED = 0.08, 0.06, 0.12, 0.08, 0.06, 0.4
_NOT_AT_HOME = 0.04
_CALLS_AFTERWARDS = 0.12
_GIVES_UP_ON_CANCELLED = 0.6
# Odds of won and lost right away; the rest stays undecided for a while.
_ESTIMATE_ODDS = (0.24, 0.3)
_REPAIR_ODDS = (0.36, 0.4)
_NEGLECTED = 0.25
_REPLACED = "Done together with another visit"
_ENOUGH_NOTICE = timedelta(hours=26)


class Visits:
    """Appointments of one company."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def book(self, household: Household, answered: AnsweredCall, window: Window, csr_id: UUID | None) -> AppointmentRow:
        """Return the appointment that `answered` ended with, and plan the events before and after it."""
        office = self._office
        booked_at = answered.ended_at - timedelta(seconds=20)
        company = office.company
        visit = AppointmentRow(
            organization_id=office.organization_id,
            id=office.ids.at(booked_at),
            contact_card_id=household.id,
            lead_id=household.lead.id if household.lead else None,
            csr_id=csr_id,
            sales_rep_id=office.rep_schedule.book(window),
            source_call_id=answered.id,
            service_type=answered.topic,
            scheduled_start_at=window.start.astimezone(UTC),
            scheduled_end_at=window.end.astimezone(UTC),
            timezone=str(company.timezone),
            booked_at=booked_at,
            address_line_1=household.street,
            city=household.city,
            state=company.state,
            zip=household.zip,
            notes=answered.reading.summary if answered.is_analysed else None,
            created_by=csr_id,
            created_by_label=answered.employee.member.name if answered.employee else "",
            created_at=booked_at,
        )
        self._plan(household, visit)
        return visit

    def _plan(self, household: Household, visit: AppointmentRow) -> None:
        office, event_queue = self._office, self._office.event_queue
        start = visit.scheduled_start_at
        event_queue.plan(visit.scheduled_end_at, Due.VISIT_ENDS, household)
        if start - visit.booked_at > _ENOUGH_NOTICE:
            before = visit.booked_at + (start - visit.booked_at) * office.chance.uniform(0.2, 0.85)
            options = (Due.RESCHEDULE, Due.CANCEL, Due.CONFIRMATION, Due.BEFORE_VISIT_QUESTION)
            odds = (_MOVED, _CALLED_OFF, _CONFIRMED, _ASKED_ABOUT)
            due = office.chance.choices((*options, None), (*odds, 1 - sum(odds)))[0]
            if due is not None:
                event_queue.plan(office.in_opening_hours(before), due, household)
        if office.chance.random() < _LATE:
            event_queue.plan(visit.scheduled_end_at - timedelta(minutes=5), Due.WHERE_IS_HE, household)
        estimate = service_of(visit.service_type).estimate
        if visit.sales_rep_id and estimate and office.chance.random() < _PREPARED:
            before = office.shortly_before(start)
            if before > visit.booked_at:
                event_queue.plan(before, Due.REP_BEFORE_VISIT, household)

    def after(self, household: Household, script: str, window: Window, at: datetime) -> Iterator[Row]:
        """Apply the effect of a call by `script`, ended at `at`, to the appointment it was about."""
        if household.visit is None:
            return
        if script == "reschedule":
            self._move(household, household.visit, window)
        elif script == "cancel":
            yield from self._cancel(household, household.visit, at)
        elif script == "proposal_won":
            household.visit = visit_won(household.visit, at, self._value(household.visit))
            yield from self._decided(household, household.visit, at)
        elif script == "proposal_open" and self._office.chance.random() < _NEGLECTED:
            household.visit = visit_lost(household.visit, at, self._office.chance.choice(LOST_REASONS))
            yield from self._decided(household, household.visit, at)

    def ends(self, household: Household, at: datetime) -> Iterator[Row]:
        """Complete the appointment whose window ends at `at`, or mark it as a no-show."""
        visit, office = household.visit, self._office
        if visit is None or visit.status is not AppointmentStatus.SCHEDULED or visit.scheduled_end_at != at:
            return  # rescheduled or canceled in the meantime
        yield from reminded(office, household, visit)
        if office.chance.random() < _NOT_AT_HOME:
            yield visit_missed(visit)
            household.visit = None
            if household.lead is not None:
                household.lead = lead_unbooked(household.lead, at)
            return
        done_at = at - timedelta(minutes=office.chance.randint(2, 50))
        household.visit = self._first_outcome(visit_done(visit, done_at), done_at)
        yield from visit_recorded(office, household, household.visit)
        yield from self._after_first_outcome(household, household.visit, done_at)
        if office.chance.random() < _CALLS_AFTERWARDS:
            later = done_at + timedelta(days=office.chance.uniform(2, 24))
            office.event_queue.plan(office.in_opening_hours(later), Due.AFTERWARDS, household)

    def settle(self, household: Household) -> Iterator[AppointmentRow]:
        """Yield the household's appointment in its final state.

        An appointment that is still scheduled is canceled, because a new one replaces it.
        """
        visit, household.visit = household.visit, None
        if visit is not None and visit.status is AppointmentStatus.SCHEDULED:
            self._free(visit)
            yield visit_cancelled(visit, _REPLACED)
        elif visit is not None:
            yield visit

    def _first_outcome(self, visit: AppointmentRow, at: datetime) -> AppointmentRow:
        """Return the appointment as won or lost on the spot, or left open."""
        chance = self._office.chance
        won, lost = _ESTIMATE_ODDS if service_of(visit.service_type).estimate else _REPAIR_ODDS
        fate = chance.random()
        if fate < won:
            return visit_won(visit, at, self._value(visit))
        return visit_lost(visit, at, chance.choice(LOST_REASONS)) if fate < won + lost else visit

    def _after_first_outcome(self, household: Household, visit: AppointmentRow, at: datetime) -> Iterator[Row]:
        if visit.outcome is not AppointmentOutcome.OPEN:
            yield from self._decided(household, visit, at)
            return
        if household.lead is not None:
            household.lead = lead_after_visit(household.lead, visit, at)
        if visit.sales_rep_id is not None:
            later = self._office.in_opening_hours(at + timedelta(days=self._office.chance.uniform(1, 5)))
            self._office.event_queue.plan(later, Due.REP_AFTER_VISIT, household)

    def _decided(self, household: Household, visit: AppointmentRow, at: datetime) -> Iterator[Row]:
        yield from self.settle(household)
        if household.lead is not None:
            yield lead_after_visit(household.lead, visit, at)
            household.lead = None

    def _move(self, household: Household, visit: AppointmentRow, window: Window) -> None:
        self._free(visit)
        household.visit = replace(
            visit,
            sales_rep_id=self._office.rep_schedule.book(window),
            scheduled_start_at=window.start.astimezone(UTC),
            scheduled_end_at=window.end.astimezone(UTC),
        )
        self._office.event_queue.plan(household.visit.scheduled_end_at, Due.VISIT_ENDS, household)

    def _cancel(self, household: Household, visit: AppointmentRow, at: datetime) -> Iterator[Row]:
        chance = self._office.chance
        self._free(visit)
        reason = chance.choice(CANCELLED_REASONS)
        yield visit_cancelled(visit, reason)
        household.visit = None
        if household.lead is None:
            return
        if chance.random() < _GIVES_UP_ON_CANCELLED:
            yield lead_dead(household.lead, at, reason)
            household.lead = None
        else:
            household.lead = lead_unbooked(household.lead, at)

    def _free(self, visit: AppointmentRow) -> None:
        if visit.sales_rep_id is not None:
            local = self._office.local
            window = Window(local(visit.scheduled_start_at), local(visit.scheduled_end_at))
            self._office.rep_schedule.release(window, visit.sales_rep_id)

    def _value(self, visit: AppointmentRow) -> Decimal:
        low, high = service_of(visit.service_type).value
        # Most jobs are nearer the low end.
        dollars = self._office.chance.triangular(low, high, low + (high - low) * 0.3)
        return Decimal(round(dollars)) if dollars > 1_000 else Decimal(str(round(dollars, 2)))
