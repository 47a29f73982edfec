"""Simulation of some months at one company, call by call.

The times at which the phone rings are given. At each of them, the next planned call that is due takes place, after all
that is due before it and needs no call; if no call is due, a new person calls, or one who has called before. Rows are
yielded as soon as they are final, and those still open at the end. Memory holds only what is still going on, and a
limited number of people who might call again.
"""

import heapq
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app.models.appointments import AppointmentOutcome, AppointmentStatus
from app.models.leads import LeadStage
from app.models.missed_calls import EntryStatus
from demo import call_mix, contact_attempts
from demo.answered_calls import AnsweredCalls
from demo.call_times import moments
from demo.call_triggers import CallTriggers
from demo.event_queue import WITHOUT_A_CALL, Due, Item
from demo.households import Household
from demo.missed_calls import MissedCalls
from demo.office import LAST_CALLS, Office
from demo.recorded_visits import visit_under_way
from demo.reminders import reminded
from demo.rows import Row
from demo.state_transitions import entry_attempted, lead_dead
from demo.visits import Visits

_REMEMBERED = 600
_NUISANCE, _NEW, _AFTERWARDS = 0.05, 0.8, 0.5
_QUIET = timedelta(days=18)
_NUMBERS_A_HOUSEHOLD = 1.3
_UNANSWERED = "No answer after three tries"
_COOLED = ("Only wanted a price", "Booked with another company", "Decided to leave it as it is", _UNANSWERED)
_GIVEN_UP = 0.7
# Missed calls that no one has returned yet came in this many minutes ago.
_WAITING_MINUTES = (21, 12, 9, 5, 2)
_CLAIMED, _TRIED = 1, 2
_CALLS_FOR_EACH_WAITING = 20
_LEASE_LEFT = timedelta(minutes=6)
_TRIED_AGO = timedelta(minutes=3)


class CallSimulation:
    """Simulation of one company's `calls` calls, up to `office.now`."""

    def __init__(self, office: Office, calls: int) -> None:
        self._office = office
        self._visits = Visits(office)
        answered_calls = AnsweredCalls(office, self._visits)
        self._answered_calls = answered_calls
        self._missed = MissedCalls(office, answered_calls)
        self._triggers = CallTriggers(office, answered_calls, self._missed)
        self._living: dict[UUID, Household] = {}
        self._callers: list[Household] = []
        self._calls_left = calls

    def rows(self) -> Iterator[Row]:
        office = self._office
        waiting = self._waiting_moments()
        usual = moments(
            self._calls_left - len(waiting) - self._tries(waiting),
            office.first_day,
            office.now - LAST_CALLS,
            office.company.timezone,
            office.rhythm,
        )
        for moment in heapq.merge(usual, waiting):
            yield from self._wait(moment, waiting.index(moment)) if moment in waiting else self._ring(moment)
            self._calls_left -= 1
        yield from self._close()

    def _waiting_moments(self) -> list[datetime]:
        """Return the times of missed calls that no one has reacted to yet.

        They are in the last minutes of opening time before now.
        """
        end = self._office.hours.last_open(self._office.now)
        some = self._calls_left // _CALLS_FOR_EACH_WAITING
        return [end - timedelta(minutes=minutes) for minutes in _WAITING_MINUTES[:some]]

    def _tries(self, waiting: list[datetime]) -> int:
        """Return the number of unsuccessful calls back to waiting callers.

        It is 1 during opening hours if enough callers are waiting, else 0.
        """
        return int(len(waiting) > _TRIED and self._office.hours.is_open(self._office.now))

    def _ring(self, moment: datetime) -> Iterator[Row]:
        """Simulate one call: the first that is due by `moment`, else a new one at `moment`.

        Whatever is due earlier and needs no call takes place first.
        """
        office = self._office
        while (item := office.event_queue.take(moment)) is not None:
            office.rep_schedule.turn_to(office.local(item.at).date())
            if item.due in WITHOUT_A_CALL:
                yield from self._by_itself(item)
                yield from self._leave(item.household)
            elif (rows := self._triggers.run(item)) is not None:
                yield from rows
                yield from self._leave(item.household)
                return
            else:
                yield from self._leave(item.household)
        office.rep_schedule.turn_to(office.local(moment).date())
        yield from self._somebody_calls(moment)

    def _somebody_calls(self, at: datetime) -> Iterator[Row]:
        office, chance = self._office, self._office.chance
        if office.hours.is_open(at) and chance.random() < _NUISANCE:
            day = office.local(at).date()
            script = call_mix.pick(call_mix.NUISANCES, day, chance, all_trades=office.company.all_trades)
            nobody = office.neighborhood.move_in(at, script)
            yield from self._triggers.service_desk(nobody, at, script)
        elif not self._callers or chance.random() < self._share_of_new():
            household = self._new_household(at, fresh=None)
            yield from self._triggers.need(household, at)
            yield from self._make_room()
        else:
            yield from self._calls_once_more(chance.choice(self._callers), at)

    def _share_of_new(self) -> float:
        """Return the share of new callers.

        It shrinks when numbers run short; the same people then call more often.
        """
        numbers = self._office.neighborhood.numbers_left
        return min(_NEW, numbers / (_NUMBERS_A_HOUSEHOLD * max(self._calls_left, 1)))

    def _new_household(self, at: datetime, *, fresh: bool | None) -> Household:
        script = self._need(at, fresh=fresh)
        household = self._office.neighborhood.move_in(at, script)
        self._living[household.id] = household
        self._callers.append(household)
        return household

    def _need(self, at: datetime, *, fresh: bool | None) -> str:
        office = self._office
        day = office.local(at).date()
        return call_mix.pick(call_mix.NEEDS, day, office.chance, all_trades=office.company.all_trades, fresh=fresh)

    def _calls_once_more(self, household: Household, at: datetime) -> Iterator[Row]:
        triggers, chance, visit = self._triggers, self._office.chance, household.visit
        if not household.spoken:
            yield from triggers.need(household, at)
        elif visit is not None and visit.status is AppointmentStatus.SCHEDULED and visit.scheduled_end_at > at:
            yield from triggers.service_desk(household, at, chance.choice(("quick_arrival", "quick_gate_code")))
        elif visit is not None and visit.outcome is AppointmentOutcome.OPEN:
            yield from triggers.service_desk(household, at, "quick_message_for_rep")
        elif household.lead is None and chance.random() < _AFTERWARDS:
            yield from triggers.afterwards(household, at)
        else:
            if household.lead is None:
                household.want(self._need(at, fresh=False))
            yield from triggers.need(household, at)

    def _by_itself(self, item: Item) -> Iterator[Row]:
        household, at = item.household, item.at
        if item.due is Due.VISIT_ENDS:
            yield from self._visits.ends(household, at)
        elif item.due is Due.ENTRY_LAPSES:
            yield from self._missed.lapse(household, at)
            if not household.spoken:
                yield from self._give_up(household, at, _UNANSWERED)
        elif household.lead is not None and at - household.lead.last_activity_at > _QUIET:
            yield from self._give_up(household, at, self._office.chance.choice(_COOLED))

    def _give_up(self, household: Household, at: datetime, reason: str) -> Iterator[Row]:
        lead = household.lead
        waits = lead is not None and lead.stage in {LeadStage.NEW, LeadStage.QUALIFIED} and household.visit is None
        if lead is not None and waits and self._office.chance.random() < _GIVEN_UP:
            yield lead_dead(lead, at, reason)
            household.lead = None

    def _wait(self, at: datetime, number: int) -> Iterator[Row]:
        """Simulate a missed caller who is still waiting at the end.

        During opening hours, two of these callers have been claimed; one of the two has been called back without
        success.
        """
        office = self._office
        household = self._new_household(at, fresh=False)
        csr = office.free_csr(at) or office.chance.choice(office.csrs)
        yield from self._missed.ring_out(household, at, csr, leaves_message=number % 2 == 0)
        is_now = office.hours.is_open(office.now)
        if household.entry is None or not is_now or number not in {_CLAIMED, _TRIED}:
            return
        tried_at = office.now - _TRIED_AGO if number == _TRIED else None
        household.entry = replace(
            household.entry,
            status=EntryStatus.CLAIMED,
            claimed_by=csr.id,
            claim_expires_at=office.now + _LEASE_LEFT,
        )
        if tried_at is not None:
            call = self._missed.not_reached(household, tried_at, csr)
            yield call
            yield contact_attempts.called(office, household.entry, call)
            household.entry = entry_attempted(household.entry, tried_at, office.hours)

    def _make_room(self) -> Iterator[Row]:
        """Forget a caller if too many are remembered, and yield the rows of their household if it is finished.

        This limits the number of callers who might call again.
        """
        if len(self._callers) <= _REMEMBERED:
            return
        index = self._office.chance.randrange(len(self._callers) // 2)
        forgotten = self._callers[index]
        self._callers[index] = self._callers[-1]
        self._callers.pop()
        forgotten.remembered = False
        yield from self._leave(forgotten)

    def _leave(self, household: Household) -> Iterator[Row]:
        """Yield the rows of a household once nothing more is going to happen to it."""
        if household.remembered or household.planned or household.id not in self._living:
            return
        del self._living[household.id]
        yield from self._final(household)

    def _final(self, household: Household) -> Iterator[Row]:
        yield from self._office.neighborhood.rows(household, self._office.organization_id)
        for row in (household.lead, household.visit, household.entry):
            if row is not None:
                yield row

    def _close(self) -> Iterator[Row]:
        """Run the due events that need no call, and yield the final rows of all remaining households.

        Calls that are due are left to the users.
        """
        while (item := self._office.event_queue.take(self._office.now)) is not None:
            if item.due in WITHOUT_A_CALL:
                yield from self._by_itself(item)
        for household in self._living.values():
            if household.visit is not None:
                yield from visit_under_way(self._office, household.visit)
                yield from reminded(self._office, household, household.visit)
            yield from self._final(household)
