"""Answered calls: the conversation, its ending, and the effects on lead, appointment and queue entry."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app.models.calls import BookingStatus, CallOutcome, CallType, Direction
from app.models.leads import DecidedBy, Qualification
from app.models.missed_calls import RescuedBy
from demo import call_records, contact_attempts
from demo.call_records import AnsweredCall
from demo.catalogue import DEAD_REASONS, SERVICES
from demo.conversations.analysis import read
from demo.conversations.composer import Conversation, compose
from demo.conversations.library import scenarios
from demo.conversations.script import Ending, Scenario
from demo.conversations.slots import Window
from demo.conversations.takes import takes
from demo.disputes import booker_disputed, disputed
from demo.event_queue import Due
from demo.households import Household
from demo.office import Office
from demo.people import ASSISTANT_CRAFT, Employee
from demo.rows import EntryRow, LeadRow, Row
from demo.state_transitions import (
    RESCUE_WINDOW,
    entry_answered,
    entry_attempted,
    entry_rescued,
    lead_booked,
    lead_dead,
    lead_judged,
)
from demo.visits import Visits

_ANALYSED, _TRANSCRIBED_NUISANCE = 0.57, 0.6
_WITHHELD = 0.4
_FOLLOWED_UP, _COOLING = 0.42, 0.8
# Share of the callers an average CSR could win who book with this company; the rest call a competitor.
_MARKET = 0.66
_MIN_ODDS, _MAX_ODDS = 0.05, 0.97
_DEFAULT_DAYS = (1, 4)
_CONTINUING = frozenset({"missed_call_returned", "assistant_call_back", "unsold_follow_up"})
_NUISANCE = frozenset({CallOutcome.WRONG_NUMBER, CallOutcome.SPAM})


class AnsweredCalls:
    """Simulation of the conversations of one company."""

    def __init__(self, office: Office, visits: Visits) -> None:
        self._office = office
        self._visits = visits

    def simulate(
        self,
        household: Household,
        script: str,
        at: datetime,
        employee: Employee | None,
        *,
        direction: Direction = Direction.INBOUND,
        call_type: CallType = CallType.CSR_CALL,
    ) -> Iterator[Row]:
        """Simulate `employee` (None: the assistant) talking with `household`; the phone starts ringing at `at`."""
        scenario = scenarios()[script]
        ending = self._ending(scenario, employee, at)
        window = self._window(at, _topic(scenario, household), ending)
        take = takes().get(script)
        conversation = compose(
            scenario,
            ending,
            self._office.facts(household, employee, at, window),
            employee.craft(at) if employee else ASSISTANT_CRAFT,
            self._office.chance,
            known=household.spoken,
            beats=take.beats if take else None,
        )
        answered = self._answered(household, conversation, at, employee, direction, call_type)
        if ending.outcome in _NUISANCE:
            number = None if self._office.chance.random() < _WITHHELD else answered.number
            stranger = replace(answered, household=None, number=number)
            yield call_records.call_row(self._office, stranger, lead_id=None, rep_id=None)
            yield from call_records.transcript_and_analysis(self._office, answered)
            return
        self._learn(household, answered)
        yield from self._effects(household, answered, window)

    def _answered(
        self,
        household: Household,
        conversation: Conversation,
        at: datetime,
        employee: Employee | None,
        direction: Direction,
        call_type: CallType,
    ) -> AnsweredCall:
        """Return the call of `conversation`: answered after some ringing, and possibly analyzed."""
        office, chance = self._office, self._office.chance
        ringing = chance.uniform(2, 5) if employee is None else chance.lognormvariate(2.4, 0.5)
        answered_at = at + timedelta(seconds=round(ringing))
        ended_at = answered_at + timedelta(seconds=conversation.seconds)
        if employee is not None:
            office.occupy(employee, ended_at)
        nuisance = conversation.ending.outcome in _NUISANCE
        analysed = not nuisance and (conversation.scenario.name in takes() or chance.random() < _ANALYSED)
        return AnsweredCall(
            id=office.ids.at(at),
            household=household,
            number=household.phone,
            conversation=conversation,
            reading=read(conversation, ended_at, chance),
            employee=employee,
            started_at=at,
            answered_at=answered_at,
            ended_at=ended_at,
            direction=direction,
            call_type=call_type,
            topic=_topic(conversation.scenario, household),
            has_transcript=analysed or (nuisance and chance.random() < _TRANSCRIBED_NUISANCE),
            is_analysed=analysed,
        )

    def _ending(self, scenario: Scenario, employee: Employee | None, at: datetime) -> Ending:
        if len(scenario.endings) == 1:
            return scenario.endings[0]
        closing = employee.closing(at) if employee else 0.0
        odds = min(max(scenario.odds * _MARKET + closing, _MIN_ODDS), _MAX_ODDS)
        return scenario.endings[0 if self._office.chance.random() < odds else 1]

    def _window(self, at: datetime, topic: str, ending: Ending) -> Window:
        service = SERVICES.get(topic)
        earliest, latest = service.days if service else _DEFAULT_DAYS
        if ending.booking is BookingStatus.NOT_BOOKED:
            # A caller who did not book for lack of an early slot was not offered one today.
            earliest, latest = max(earliest, 1), max(latest, 2) + 2
        return self._office.rep_schedule.offer(self._office.local(at), (earliest, latest))

    def _learn(self, household: Household, answered: AnsweredCall) -> None:
        """Record on the household what the call revealed."""
        household.spoken = True
        household.topic = answered.topic if answered.topic in SERVICES else household.topic
        if answered.conversation.ending.booking is not None:
            household.job = answered.conversation.facts["job"]
        if answered.topic == "Commercial" and household.business is None:
            household.business = self._office.neighborhood.business_name()
        if answered.is_analysed:
            household.summary = answered.reading.summary
            household.risks = list(answered.conversation.ending.risks)

    def _effects(self, household: Household, answered: AnsweredCall, window: Window) -> Iterator[Row]:
        ending = answered.conversation.ending
        csr_id = answered.employee.id if answered.employee and answered.call_type is CallType.CSR_CALL else None
        if ending.qualification is not None:
            self._judge(household, answered, ending.qualification, csr_id)
        lead_id = household.lead.id if household.lead else None
        tried = household.entry if answered.direction is Direction.OUTBOUND else None
        if tried is not None:
            household.entry = entry_attempted(tried, answered.started_at, self._office.hours)
        if ending.booking is BookingStatus.BOOKED:
            yield from self._book(household, answered, window, csr_id)
        elif answered.direction is Direction.INBOUND and household.entry is not None:
            yield self._resolved(household, entry_answered(household.entry, answered.answered_at))
        rep_id = household.visit.sales_rep_id if household.visit else None
        call = call_records.call_row(self._office, answered, lead_id=lead_id, rep_id=rep_id)
        yield from disputed(self._office, answered, call)
        if ending.booking is BookingStatus.BOOKED and household.visit is not None:
            yield from booker_disputed(self._office, answered, household.visit)
        if tried is not None:
            yield contact_attempts.called(self._office, tried, call)
        yield from call_records.transcript_and_analysis(self._office, answered)
        yield from call_records.notes(self._office, answered)
        yield from call_records.tasks(self._office, answered, rep_id)
        yield from self._visits.after(household, answered.conversation.scenario.name, window, answered.ended_at)
        yield from self._what_next(household, answered.conversation, answered.ended_at)

    def _judge(
        self, household: Household, answered: AnsweredCall, qualification: Qualification, csr_id: UUID | None
    ) -> None:
        decided_by = DecidedBy.ANALYSIS if answered.is_analysed else DecidedBy.USER
        lead = household.lead or self.open_lead(household, answered.started_at)
        household.lead = lead_judged(lead, answered.ended_at, qualification, decided_by, csr_id)

    def open_lead(self, household: Household, at: datetime) -> LeadRow:
        """Return a new lead of the household, without assigning it to `household.lead`."""
        return LeadRow(
            organization_id=self._office.organization_id,
            id=self._office.ids.at(at),
            contact_card_id=household.id,
            source=household.source,
            last_activity_at=at,
            created_at=at,
        )

    def _book(self, household: Household, answered: AnsweredCall, window: Window, csr_id: UUID | None) -> Iterator[Row]:
        yield from self._visits.settle(household)
        visit = self._visits.book(household, answered, window, csr_id)
        household.visit = visit
        if household.lead is not None:
            household.lead = lead_booked(household.lead, visit.booked_at, csr_id, visit.sales_rep_id)
        entry = household.entry
        if entry is not None and visit.booked_at < entry.first_missed_at + RESCUE_WINDOW:
            rescued_by = RescuedBy.HUMAN if answered.employee else RescuedBy.AUTO
            user_id = answered.employee.id if answered.employee else None
            yield self._resolved(household, entry_rescued(entry, visit, rescued_by, user_id, answered.id))

    @staticmethod
    def _resolved(household: Household, entry: EntryRow) -> EntryRow:
        household.entry = None
        return entry

    def _what_next(self, household: Household, conversation: Conversation, at: datetime) -> Iterator[LeadRow]:
        """Yield the lead as closed if the call ended it; if it remains unbooked, plan what might follow.

        A follow-up and the time at which the lead goes cold are each planned by chance.
        """
        office, booking = self._office, conversation.ending.booking
        if household.lead is None:
            return
        if booking is BookingStatus.SERVICE_NOT_OFFERED:
            yield lead_dead(household.lead, at, "Service not offered")
            household.lead = None
        elif booking is BookingStatus.NOT_BOOKED and conversation.scenario.name == "unsold_follow_up":
            yield lead_dead(household.lead, at, office.chance.choice(DEAD_REASONS))
            household.lead = None
        elif booking is BookingStatus.NOT_BOOKED:
            if office.chance.random() < _FOLLOWED_UP:
                due_at = at + timedelta(days=office.chance.uniform(1, 4))
                office.event_queue.plan(office.in_opening_hours(due_at), Due.FOLLOW_UP, household)
            if office.chance.random() < _COOLING:
                office.event_queue.plan(at + timedelta(days=office.chance.uniform(20, 40)), Due.LEAD_COOLS, household)


def _topic(scenario: Scenario, household: Household) -> str:
    """Return the topic of a call; some scripts continue the topic of an earlier call."""
    return household.topic if scenario.name in _CONTINUING else scenario.topic
