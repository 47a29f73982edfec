"""Causes of calls: a need of the caller, or something due after an earlier call or an appointment."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from app.models.appointments import AppointmentOutcome, AppointmentStatus
from app.models.calls import CallType, Direction
from demo import call_mix
from demo.answered_calls import AnsweredCalls
from demo.catalogue import SERVICES
from demo.event_queue import Due, Item
from demo.households import Household
from demo.missed_calls import MissedCalls
from demo.office import Office
from demo.people import Employee
from demo.rows import AppointmentRow, Row

_ASSISTANT_AT_NIGHT = 0.72
_REACHED = 0.62
_DECIDES = 0.3
_ASKED_AGAIN = 0.6
_LINE_FREE_AGAIN = timedelta(minutes=6)

_Calls = Iterator[Row] | None


class CallTriggers:
    """Simulation of one company's calls, by what causes them."""

    def __init__(self, office: Office, answered_calls: AnsweredCalls, missed: MissedCalls) -> None:
        self._office = office
        self._answered_calls = answered_calls
        self._missed = missed
        self._by_due: dict[Due, Callable[[Household, datetime], _Calls]] = {
            Due.CALL_BACK: self._call_back,
            Due.ASSISTANT_CALLS_BACK: self._assistant_calls_back,
            Due.CALLS_AGAIN: self._calls_again,
            Due.FOLLOW_UP: self._follow_up,
            Due.CONFIRMATION: self._confirm,
            Due.BEFORE_VISIT_QUESTION: lambda household, at: self._about_visit(
                household, at, self._office.chance.choice(("quick_arrival", "quick_gate_code"))
            ),
            Due.RESCHEDULE: lambda household, at: self._about_visit(household, at, "reschedule"),
            Due.CANCEL: lambda household, at: self._about_visit(household, at, "cancel"),
            Due.WHERE_IS_HE: lambda household, at: self._about_visit(household, at, "where_is_technician"),
            Due.REP_BEFORE_VISIT: self._rep_prepares,
            Due.REP_AFTER_VISIT: self._rep_asks,
            Due.AFTERWARDS: self.afterwards,
        }

    def run(self, item: Item) -> Iterator[Row] | None:
        """Return the rows of the call that is due, or None if its cause no longer exists."""
        return self._by_due[item.due](item.household, item.at)

    def need(self, household: Household, at: datetime) -> Iterator[Row]:
        """Simulate a call of a household that needs something.

        A CSR answers, or the assistant at night, or no one.
        """
        office, chance = self._office, self._office.chance
        if not office.hours.is_open(at):
            if chance.random() < _ASSISTANT_AT_NIGHT:
                return self._answered_calls.simulate(household, household.script, at, None)
            return self._miss(household, at, None)
        csr = office.free_csr(at)
        if csr is None or chance.random() < csr.member.working.missing:
            return self._miss(household, at, csr or chance.choice(office.csrs))
        return self._answered_calls.simulate(household, household.script, at, csr)

    def _miss(self, household: Household, at: datetime, csr: Employee | None) -> Iterator[Row]:
        """Simulate a missed call.

        The topic, which becomes known later, has to be one that can be booked.
        """
        while household.topic not in SERVICES:
            day = self._office.local(at).date()
            household.want(
                call_mix.pick(call_mix.NEEDS, day, self._office.chance, all_trades=self._office.company.all_trades)
            )
        return self._missed.miss(household, at, csr)

    def service_desk(self, household: Household, at: datetime, script: str) -> Iterator[Row]:
        """Simulate a customer's call about something other than new work.

        The assistant answers if no CSR is free.
        """
        employee = self._office.free_csr(at) if self._office.hours.is_open(at) else None
        return self._answered_calls.simulate(household, script, at, employee)

    def afterwards(self, household: Household, at: datetime) -> Iterator[Row]:
        """Simulate a call of a long-standing customer."""
        office = self._office
        day = office.local(at).date()
        script = call_mix.pick(call_mix.AFTERWARDS, day, office.chance, all_trades=office.company.all_trades)
        return self.service_desk(household, at, script)

    def _call_back(self, household: Household, at: datetime) -> _Calls:
        if household.entry is None:
            return None
        employee = self._somebody(household, at, Due.CALL_BACK)
        return self._missed.call_back(household, at, employee) if employee else None

    def _assistant_calls_back(self, household: Household, at: datetime) -> _Calls:
        return self._missed.call_back(household, at, None) if household.entry else None

    def _calls_again(self, household: Household, at: datetime) -> _Calls:
        return self.need(household, at) if household.entry else None

    def _follow_up(self, household: Household, at: datetime) -> _Calls:
        if household.lead is None or household.visit is not None:
            return None
        employee = self._somebody(household, at, Due.FOLLOW_UP)
        if employee is None:
            return None
        if self._office.chance.random() > _REACHED:
            return iter((self._missed.not_reached(household, at, employee),))
        return self._answered_calls.simulate(household, "unsold_follow_up", at, employee, direction=Direction.OUTBOUND)

    def _confirm(self, household: Household, at: datetime) -> _Calls:
        if _scheduled(household, at) is None:
            return None
        employee = self._somebody(household, at, Due.CONFIRMATION)
        if employee is None:
            return None
        return self._answered_calls.simulate(
            household, "visit_confirmation", at, employee, direction=Direction.OUTBOUND
        )

    def _about_visit(self, household: Household, at: datetime, script: str) -> _Calls:
        return self.service_desk(household, at, script) if _scheduled(household, at) else None

    def _rep_prepares(self, household: Household, at: datetime) -> _Calls:
        visit = _scheduled(household, at)
        return self._by_rep(household, at, visit, "before_visit") if visit else None

    def _rep_asks(self, household: Household, at: datetime) -> _Calls:
        """Simulate the rep's call about an open proposal.

        As long as it stays open, the rep may call again some days later.
        """
        visit, chance = household.visit, self._office.chance
        if visit is None or not _is_undecided(visit):
            return None
        if chance.random() < _DECIDES:
            return self._by_rep(household, at, visit, "proposal_won")
        if chance.random() < _ASKED_AGAIN:
            later = self._office.in_opening_hours(at + timedelta(days=chance.uniform(2, 7)))
            self._office.event_queue.plan(later, Due.REP_AFTER_VISIT, household)
        return self._by_rep(household, at, visit, "proposal_open")

    def _by_rep(self, household: Household, at: datetime, visit: AppointmentRow, script: str) -> _Calls:
        if visit.sales_rep_id is None:
            return None
        return self._answered_calls.simulate(
            household,
            script,
            at,
            self._office.reps[visit.sales_rep_id],
            direction=Direction.OUTBOUND,
            call_type=CallType.SALES_CALL,
        )

    def _somebody(self, household: Household, at: datetime, due: Due) -> Employee | None:
        """Return a free CSR, preferably the lead's own; if there is none, postpone the call and return None."""
        office = self._office
        preferred = household.lead.csr_id if household.lead else None
        employee = office.free_csr(at, preferred) if office.hours.is_open(at) else None
        if employee is None:
            office.event_queue.plan(office.in_opening_hours(at + _LINE_FREE_AGAIN), due, household)
        return employee


def _scheduled(household: Household, at: datetime) -> AppointmentRow | None:
    """Return the household's appointment if it is scheduled and not over yet."""
    visit = household.visit
    if visit is None or visit.status is not AppointmentStatus.SCHEDULED or visit.scheduled_end_at <= at:
        return None
    return visit


def _is_undecided(visit: AppointmentRow) -> bool:
    return visit.status is AppointmentStatus.COMPLETED and visit.outcome is AppointmentOutcome.OPEN
