"""Attempts to reach missed callers: calls back and texts."""

from datetime import datetime, timedelta
from decimal import Decimal

from app.models.calls import CallOutcome, HandledBy
from app.models.messages import Channel, MessageStatus
from app.models.missed_calls import AttemptBy, AttemptKind, AttemptResult
from demo.households import Household
from demo.office import Office
from demo.rows import AttemptRow, CallRow, EntryRow, MessageRow

_TEXT_COST = Decimal("0.0079")
_FAILED = 0.03
SOON = timedelta(seconds=50)
_RESULTS = {CallOutcome.NO_ANSWER: AttemptResult.NO_ANSWER, CallOutcome.VOICEMAIL: AttemptResult.VOICEMAIL}


def called(office: Office, entry: EntryRow, call: CallRow) -> AttemptRow:
    """Return the attempt made by `call`; the caller counts as reached if the call was answered."""
    return AttemptRow(
        organization_id=office.organization_id,
        id=office.ids.at(call.started_at),
        entry_id=entry.id,
        user_id=call.handled_by_user_id,
        kind=AttemptKind.CALL,
        by=AttemptBy.AI if call.handled_by is HandledBy.AI else AttemptBy.HUMAN,
        at=call.started_at,
        result=AttemptResult.REACHED if call.answered_at else _RESULTS[call.outcome or CallOutcome.NO_ANSWER],
        call_id=call.id,
        created_at=call.started_at,
    )


def text_message(office: Office, household: Household, entry: EntryRow, at: datetime) -> MessageRow:
    """Return the assistant's text to the caller who was missed at `at`; some texts fail."""
    failed = office.chance.random() < _FAILED
    sent_at = at + SOON
    return MessageRow(
        organization_id=office.organization_id,
        id=office.ids.at(sent_at),
        channel=Channel.SMS,
        to_address=household.phone,
        from_address=office.company.main_number,
        body=f"Hi, this is {office.company.spoken_name}. We just missed your call. Reply here, or we call you back.",
        template="missed_call",
        status=MessageStatus.FAILED if failed else MessageStatus.DELIVERED,
        error_code="30006" if failed else None,
        cost=_TEXT_COST,
        contact_card_id=household.id,
        missed_entry_id=entry.id,
        dedupe_key=f"missed_call:{entry.id}",
        sent_at=sent_at,
        created_at=sent_at,
    )


def texted(office: Office, entry: EntryRow, message: MessageRow) -> AttemptRow:
    """Return the attempt made by a text that was sent."""
    return AttemptRow(
        organization_id=office.organization_id,
        id=office.ids.at(message.created_at),
        entry_id=entry.id,
        user_id=None,
        kind=AttemptKind.TEXT,
        by=AttemptBy.AI,
        at=message.created_at,
        result=AttemptResult.SENT,
        message_id=message.id,
        created_at=message.created_at,
    )
