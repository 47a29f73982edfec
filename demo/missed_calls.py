"""Missed calls: the queue entry they open, the calls back, and the outcome."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from app.models.calls import CallOutcome, CallStatus, CallType, Direction, HandledBy
from app.models.messages import MessageStatus
from demo import call_records, contact_attempts
from demo.answered_calls import AnsweredCalls
from demo.conversations.composer import Conversation, Craft, compose
from demo.conversations.library import scenarios
from demo.event_queue import Due
from demo.households import Household
from demo.office import Office
from demo.people import Employee
from demo.rows import CallRow, EntryRow, Row
from demo.state_transitions import RESCUE_WINDOW, entry_attempted, entry_lost

SLA_MINUTES = 15
_LEAVES_MESSAGE, _TEXTED = 0.45, 0.3
_REACHED = 0.66
_MAX_ATTEMPTS = 3
_ASSISTANT_BY_DAY, _ASSISTANT_BY_NIGHT = 0.16, 0.4
_CALLED_BACK, _CALLS_AGAIN = 0.82, 0.36
_RECORDED = Craft(1.0, 1.0)
_MESSAGES = {
    "No heat": "voicemail_no_heat",
    "AC not cooling": "voicemail_ac",
    "Leak": "voicemail_leak",
    "System replacement": "voicemail_quote",
}


class MissedCalls:
    """Missed calls of one company."""

    def __init__(self, office: Office, answered_calls: AnsweredCalls) -> None:
        self._office = office
        self._answered_calls = answered_calls

    def miss(self, household: Household, at: datetime, csr: Employee | None) -> Iterator[Row]:
        """Simulate a missed call at `at` that rang at the desk of `csr`, and plan what follows."""
        leaves_message = self._office.chance.random() < _LEAVES_MESSAGE
        is_first = household.entry is None
        yield from self.ring_out(household, at, csr, leaves_message=leaves_message)
        if is_first and household.entry is not None:
            if self._office.chance.random() < _TEXTED:
                yield from self._text(household, household.entry, at)
            self._plan(household, at)

    def _text(self, household: Household, entry: EntryRow, at: datetime) -> Iterator[Row]:
        """Send the caller a text from the assistant.

        A failed text is not an attempt, but counts toward the limit of attempts to reach the caller.
        """
        message = contact_attempts.text_message(self._office, household, entry, at)
        yield message
        if message.status is MessageStatus.FAILED:
            household.failed_text_of = entry.id
            return
        yield contact_attempts.texted(self._office, entry, message)
        household.entry = entry_attempted(entry, message.created_at, self._office.hours)

    def ring_out(
        self, household: Household, at: datetime, csr: Employee | None, *, leaves_message: bool
    ) -> Iterator[Row]:
        """Yield the missed call, and the entry that it opens or joins."""
        message = self._message(household, at) if leaves_message else None
        lead = household.lead or self._answered_calls.open_lead(household, at)
        household.lead = replace(lead, last_activity_at=at, csr_id=lead.csr_id or (csr.id if csr else None))
        call = self._inbound(household, at, csr, message)
        entry = household.entry
        if entry is not None:
            yield replace(call, missed_entry_id=entry.id)
        else:
            household.entry = self._entry(household, call)
            yield call
            self._office.event_queue.plan(at + RESCUE_WINDOW, Due.ENTRY_LAPSES, household)
        if message is not None:
            yield call_records.transcript(self._office, call.id, message, at + timedelta(minutes=3))

    def call_back(self, household: Household, at: datetime, employee: Employee | None) -> Iterator[Row]:
        """Call the household back as `employee` (None: the assistant), reaching the person or not."""
        chance, entry = self._office.chance, household.entry
        if chance.random() < _REACHED:
            script = "missed_call_returned" if employee else "assistant_call_back"
            yield from self._answered_calls.simulate(household, script, at, employee, direction=Direction.OUTBOUND)
            return
        call = self.not_reached(household, at, employee)
        yield call
        if entry is None:
            return
        yield contact_attempts.called(self._office, entry, call)
        household.entry = entry_attempted(entry, at, self._office.hours)
        if household.entry.attempts + (household.failed_text_of == entry.id) < _MAX_ATTEMPTS:
            again = at + timedelta(hours=chance.uniform(1, 26))
            self._office.event_queue.plan(self._office.in_opening_hours(again), Due.CALL_BACK, household)

    def lapse(self, household: Household, at: datetime) -> Iterator[EntryRow]:
        """Mark the entry as lost seven days after the first missed call."""
        entry = household.entry
        if entry is not None and entry.first_missed_at + RESCUE_WINDOW == at:
            yield entry_lost(entry)
            household.entry = None

    def not_reached(self, household: Household, at: datetime, employee: Employee | None) -> CallRow:
        """Return an outbound call that rings out or ends in voicemail."""
        office = self._office
        return CallRow(
            organization_id=office.organization_id,
            id=office.ids.at(at),
            contact_card_id=household.id,
            lead_id=household.lead.id if household.lead else None,
            phone_number_id=office.main_line_id,
            caller_number=office.company.main_number,
            called_number=household.phone,
            direction=Direction.OUTBOUND,
            call_type=CallType.CSR_CALL,
            status=CallStatus.FAILED,
            handled_by=HandledBy.HUMAN if employee else HandledBy.AI,
            handled_by_user_id=employee.id if employee else None,
            csr_id=employee.id if employee else None,
            started_at=at,
            outcome=office.chance.choice((CallOutcome.NO_ANSWER, CallOutcome.VOICEMAIL)),
            topic=household.topic,
            created_at=at,
        )

    def _inbound(
        self, household: Household, at: datetime, csr: Employee | None, message: Conversation | None
    ) -> CallRow:
        office = self._office
        ringing = timedelta(seconds=office.chance.randint(18, 40))
        seconds = message.seconds if message else 0
        return CallRow(
            organization_id=office.organization_id,
            id=office.ids.at(at),
            contact_card_id=household.id,
            lead_id=household.lead.id if household.lead else None,
            phone_number_id=office.main_line_id,
            caller_number=household.phone,
            called_number=office.company.main_number,
            direction=Direction.INBOUND,
            call_type=CallType.CSR_CALL,
            status=CallStatus.VOICEMAIL if message else CallStatus.MISSED,
            csr_id=csr.id if csr else None,
            started_at=at,
            # A call that only rang was never connected.
            ended_at=at + ringing + timedelta(seconds=seconds) if message else None,
            duration_seconds=seconds,
            waited_seconds=None if message else ringing.seconds,
            outcome=CallOutcome.VOICEMAIL if message else CallOutcome.NO_ANSWER,
            topic=household.topic if message or household.spoken else None,
            created_at=at,
        )

    def _entry(self, household: Household, call: CallRow) -> EntryRow:
        return EntryRow(
            organization_id=call.organization_id,
            id=self._office.ids.at(call.started_at),
            call_id=call.id,
            contact_card_id=household.id,
            lead_id=call.lead_id,
            first_missed_at=call.started_at,
            sla_due_at=self._office.hours.due(call.started_at, SLA_MINUTES),
            created_at=call.started_at,
        )

    def _message(self, household: Household, at: datetime) -> Conversation:
        """Return the voicemail message of the caller."""
        office = self._office
        scenario = scenarios()[_MESSAGES.get(household.topic, "voicemail_short")]
        window = office.rep_schedule.offer(office.local(at), (1, 3))
        facts = office.facts(household, None, at, window)
        return compose(scenario, scenario.endings[0], facts, _RECORDED, office.chance)

    def _plan(self, household: Household, at: datetime) -> None:
        """Plan the calls that might follow, by the assistant, a CSR or the caller."""
        office, chance, event_queue = self._office, self._office.chance, self._office.event_queue
        by_day = office.hours.is_open(at)
        if chance.random() < (_ASSISTANT_BY_DAY if by_day else _ASSISTANT_BY_NIGHT):
            event_queue.plan(at + timedelta(minutes=chance.uniform(1, 4)), Due.ASSISTANT_CALLS_BACK, household)
        elif chance.random() < _CALLED_BACK:
            minutes = min(chance.lognormvariate(2.5, 0.9), 400)
            event_queue.plan(office.hours.due(at, round(minutes)), Due.CALL_BACK, household)
        if chance.random() < _CALLS_AGAIN:
            event_queue.plan(at + timedelta(minutes=chance.uniform(3, 120)), Due.CALLS_AGAIN, household)
