"""Rows of one answered call: the call, its transcript and analysis, notes and tasks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.models.calls import (
    BookingStatus,
    CallStatus,
    CallType,
    Direction,
    HandledBy,
    NoteKind,
    RecordSource,
)
from app.models.leads import DecidedBy
from app.models.pending_actions import PendingActionCategory, PendingActionStatus
from app.models.tasks import AssignedTo, TaskPriority, TaskStatus
from demo.audio import storage_key
from demo.conversations.analysis import Reading
from demo.conversations.composer import Conversation
from demo.conversations.script import Action
from demo.conversations.takes import takes
from demo.households import Household
from demo.office import Office
from demo.people import Employee
from demo.rows import AnalysisRow, CallRow, NoteRow, PendingActionRow, TaskRow, TranscriptRow

_MODEL = "review-2026.2"
#: One pending task in `_ONE_IN` is snoozed for `_PUT_OFF`.
_ONE_IN, _PUT_OFF = 7, timedelta(hours=20)
_MAX_TITLE = 200
_RATED, _NOTED, _COACHED, _LEFT_UNSET = 0.36, 0.16, 0.3, 0.12
#: Time from the coaching note until its CSR has read and completed it.
_READ_AFTER = timedelta(hours=20)
_POOR_COMPLIANCE = 60
_DONE, _DROPPED, _BEGUN = 0.9, 0.06, 0.3
#: An overdue task is completed within this time after its due date.
_NOTICED = timedelta(days=4)
#: Sources of tracked calls; the others come in on the main number.
_MARKETING = ("Google Ads", "Website", None, "Yelp", None)
_WORTH = Decimal("450.00")
_COST_A_MINUTE = Decimal("0.014")
_NOTES = (
    "Prefers a text over a call. {partner} is home after 4.",
    "{square_feet:,} sq ft, {stories}-story, {fuel}. Built {year_built}.",
    "Dog in the yard, ring before opening the gate.",
    "Park on the street, the driveway is being redone.",
    "Asked about the maintenance plan, send the leaflet.",
    "Has had two other companies out for the {job}.",
    "Will pay by card after the visit.",
    "Wants the technician who came last time, if he is free.",
)


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """A call that was answered. `employee` is None if the automated assistant spoke."""

    id: UUID
    household: Household | None
    number: str | None
    conversation: Conversation
    reading: Reading
    employee: Employee | None
    started_at: datetime
    answered_at: datetime
    ended_at: datetime
    direction: Direction
    call_type: CallType
    topic: str
    has_transcript: bool
    is_analysed: bool


def call_row(
    office: Office, answered: AnsweredCall, *, lead_id: UUID | None, rep_id: UUID | None, audio_key: str | None = None
) -> CallRow:
    """Return the call row, linked to `lead_id` and assigned to `rep_id`; a recorded visit passes its `audio_key`."""
    # A recorded visit is not dialed.
    ours = None if answered.call_type is CallType.VISIT_CALL else office.company.main_number
    theirs = answered.number
    inbound = answered.direction is Direction.INBOUND
    is_csr_call = answered.call_type is CallType.CSR_CALL
    user_id = answered.employee.id if answered.employee else None
    ending = answered.conversation.ending
    return CallRow(
        organization_id=office.organization_id,
        id=answered.id,
        contact_card_id=answered.household.id if answered.household else None,
        lead_id=lead_id,
        phone_number_id=office.main_line_id if ours else None,
        caller_number=theirs if inbound else ours,
        called_number=ours if inbound else theirs,
        direction=answered.direction,
        call_type=answered.call_type,
        status=CallStatus.COMPLETED,
        handled_by=HandledBy.HUMAN if answered.employee else HandledBy.AI,
        handled_by_user_id=user_id,
        csr_id=user_id if is_csr_call else None,
        assigned_rep_id=rep_id if is_csr_call else user_id,
        started_at=answered.started_at,
        answered_at=answered.answered_at,
        ended_at=answered.ended_at,
        duration_seconds=answered.conversation.seconds,
        outcome=ending.outcome,
        sentiment=answered.reading.sentiment if answered.is_analysed else None,
        ai_confidence=int(100 * answered.reading.confidence) if answered.is_analysed else None,
        call_quality=_rating(office, answered),
        audio_url=audio_key or _shared_audio(office, answered),
        topic=answered.topic,
        cost=(_COST_A_MINUTE * answered.conversation.seconds / 60).quantize(Decimal("0.0001")),
        created_at=answered.started_at,
        **_marketing(answered),
        **_booking(office, answered),
    )


def _marketing(answered: AnsweredCall) -> dict[str, Any]:
    """Return what call tracking says about some of the calls that households make."""
    if answered.household is None or answered.direction is not Direction.INBOUND:
        return {}
    source = _MARKETING[answered.household.id.int % len(_MARKETING)]
    if source is None:
        return {}
    is_booked = answered.conversation.ending.booking is BookingStatus.BOOKED
    return {
        "marketing_source": source,
        "tags": [answered.topic] if is_booked else [],
        "value": _WORTH if is_booked else None,
    }


def _shared_audio(office: Office, answered: AnsweredCall) -> str | None:
    """Return the key of the recording that all calls of a quick script share, or None for other calls.

    The script's recording is added to those that the company uses (`office.takes`).
    """
    name = answered.conversation.scenario.name
    if name not in takes():
        return None
    office.takes.add(name)
    return storage_key(office.organization_id, name)


def _booking(office: Office, answered: AnsweredCall) -> dict[str, Any]:
    ending = answered.conversation.ending
    by_hand = not answered.is_analysed
    # CSRs occasionally leave the booking status for later.
    forgotten = by_hand and ending.booking is BookingStatus.NOT_BOOKED and office.chance.random() < _LEFT_UNSET
    if ending.booking is None or forgotten:
        return {}
    return {
        "booking_status": ending.booking,
        "booking_status_reason": answered.conversation.tell(ending.reason) if ending.reason else None,
        "booking_status_source": DecidedBy.USER if by_hand else DecidedBy.ANALYSIS,
    }


def _rating(office: Office, answered: AnsweredCall) -> int | None:
    if office.chance.random() > _RATED:
        return None
    stars = 3.6 + 1.4 * answered.reading.sentiment_score + office.chance.gauss(0, 0.8)
    return min(max(round(stars), 1), 5)


def transcript_and_analysis(office: Office, answered: AnsweredCall) -> Iterator[TranscriptRow | AnalysisRow]:
    """Yield the call's transcript, and its analysis completed a few minutes later, if it has them."""
    chance, reading = office.chance, answered.reading
    written_at = answered.ended_at + timedelta(seconds=chance.uniform(20, 90))
    analysed_at = written_at + timedelta(seconds=chance.uniform(30, 240))
    if answered.has_transcript:
        yield transcript(office, answered.id, answered.conversation, written_at)
    if not answered.is_analysed:
        return
    yield AnalysisRow(
        organization_id=office.organization_id,
        id=office.ids.at(analysed_at),
        call_id=answered.id,
        qualification_status=answered.conversation.ending.qualification,
        sentiment_score=_exact(reading.sentiment_score),
        objections=reading.objections,
        objection_severity=reading.objection_severity,
        sop_compliance_score=_exact(reading.sop_compliance_score),
        sop_stages_completed=reading.stages_completed,
        sop_stages_missed=reading.stages_missed,
        pending_actions=reading.pending_actions,
        summary=reading.summary,
        missed_opportunities=reading.missed_opportunities,
        evidence=reading.evidence,
        confidence=_exact(reading.confidence),
        analysed_at=analysed_at,
        model=_MODEL,
        created_at=analysed_at,
    )


def transcript(office: Office, call_id: UUID, conversation: Conversation, at: datetime) -> TranscriptRow:
    """Return the transcript of `conversation`, both as plain text and as a list of turns."""
    turns = conversation.turns
    return TranscriptRow(
        organization_id=office.organization_id,
        id=office.ids.at(at),
        call_id=call_id,
        transcript_text="\n".join(f"{turn.speaker.title()}: {turn.text}" for turn in turns),
        speaker_labels=[
            {"speaker": str(turn.speaker), "start": turn.start, "end": turn.end, "text": turn.text} for turn in turns
        ],
        confidence_score=_exact(round(office.chance.uniform(0.86, 0.98), 3)),
        created_at=at,
    )


def notes(office: Office, answered: AnsweredCall) -> Iterator[NoteRow]:
    """Yield occasional notes: one by the person who handled the call, and coaching by their manager.

    Only poor calls are coached, up to 26 hours later. Calls that the assistant handled have no notes.
    """
    chance, employee, household = office.chance, answered.employee, answered.household
    if employee is None or household is None:
        return
    if chance.random() < _NOTED:
        body = chance.choice(_NOTES).format(partner=household.partner, job=household.job, **household.home)
        body = body[:1].upper() + body[1:]
        yield _note(office, answered, employee.id, NoteKind.NOTE, body, answered.ended_at + timedelta(seconds=40))
    poor = (
        answered.is_analysed
        and answered.reading.sop_compliance_score < _POOR_COMPLIANCE
        and answered.conversation.lapses
    )
    if poor and employee.manager_id is not None and chance.random() < _COACHED:
        at = answered.ended_at + timedelta(hours=chance.uniform(1, 26))
        if at < office.now:
            note = _note(office, answered, employee.manager_id, NoteKind.COACHING, _coaching(answered, employee), at)
            done_at = at + _READ_AFTER
            yield replace(
                note,
                turn=answered.conversation.lapses[-1].turn,
                done_at=done_at if done_at < office.now else None,
            )


def _coaching(answered: AnsweredCall, employee: Employee) -> str:
    lapse = answered.conversation.lapses[-1]
    start = int(answered.conversation.turns[lapse.turn].start)
    return (
        f"{employee.first}, listen to {start // 60}:{start % 60:02} again. {lapse.finding.detail} "
        "What could you say there? Let’s talk about it on Thursday."
    )


def _note(office: Office, answered: AnsweredCall, user_id: UUID, kind: NoteKind, body: str, at: datetime) -> NoteRow:
    return NoteRow(
        organization_id=office.organization_id,
        id=office.ids.at(at),
        call_id=answered.id,
        user_id=user_id,
        kind=kind,
        body=body,
        created_at=at,
    )


def tasks(office: Office, answered: AnsweredCall, rep_id: UUID | None) -> Iterator[TaskRow | PendingActionRow]:
    """Yield one task for each follow-up action of the call; most tasks that are due have been completed.

    An analyzed call also yields the suggested task that each task was created from.
    """
    if answered.household is None:
        return
    for action in answered.conversation.ending.actions:
        due_at = answered.ended_at + timedelta(days=action.days)
        handler = answered.employee.id if answered.employee else None
        status, completed_at = _progress(office, answered.ended_at, due_at)
        assignee_id = _assignee(office, answered, action.owner, rep_id)
        found = None
        if answered.is_analysed:
            found = _pending_action(office, answered, action, assignee_id, status)
            yield found
        yield TaskRow(
            organization_id=office.organization_id,
            id=office.ids.at(answered.ended_at),
            title=answered.conversation.tell(action.text)[:_MAX_TITLE],
            description=answered.reading.summary,
            status=status,
            priority=TaskPriority.HIGH if action.days < 1 else TaskPriority.MEDIUM,
            assigned_to_type=action.owner,
            assigned_to_user_id=assignee_id,
            due_at=due_at,
            snoozed_until=_snoozed_until(office, answered, status),
            completed_at=completed_at,
            category=action.category,
            contact_card_id=answered.household.id,
            call_id=answered.id,
            pending_action_id=found.id if found else None,
            source=RecordSource.SYSTEM if answered.is_analysed else RecordSource.USER,
            created_by=None if answered.is_analysed else handler,
            created_by_label="" if answered.is_analysed or answered.employee is None else answered.employee.member.name,
            created_at=answered.ended_at,
        )


def _snoozed_until(office: Office, answered: AnsweredCall, status: TaskStatus) -> datetime | None:
    """Return the time until which a task is snoozed; some pending tasks are snoozed for about a day."""
    is_put_off = status is TaskStatus.PENDING and answered.id.int % _ONE_IN == 0
    return office.now + _PUT_OFF if is_put_off else None


def _pending_action(
    office: Office, answered: AnsweredCall, action: Action, assignee_id: UUID | None, status: TaskStatus
) -> PendingActionRow:
    if answered.household is None:
        raise ValueError("there is nobody whom it is about")
    return PendingActionRow(
        organization_id=office.organization_id,
        id=office.ids.at(answered.ended_at),
        contact_card_id=answered.household.id,
        call_id=answered.id,
        assigned_to_type=action.owner,
        assigned_to_user_id=assignee_id,
        category=PendingActionCategory(action.category),
        raw_text=answered.conversation.tell(action.text),
        due_at=answered.ended_at + timedelta(days=action.days),
        status=PendingActionStatus.OPEN if status is TaskStatus.PENDING else PendingActionStatus(status),
        created_at=answered.ended_at,
    )


def _assignee(office: Office, answered: AnsweredCall, owner: AssignedTo, rep_id: UUID | None) -> UUID | None:
    """Return the ID of the rep, the handler's manager or the handler, by `owner`.

    Without a rep, the task goes to the handler. A random CSR stands in for the assistant.
    """
    handler = answered.employee or office.chance.choice(office.csrs)
    if owner is AssignedTo.SALES_REP:
        return rep_id or handler.id
    return handler.manager_id if owner is AssignedTo.EXEC else handler.id


def _progress(office: Office, since: datetime, due_at: datetime) -> tuple[TaskStatus, datetime | None]:
    """Return the status of a task and its completion time.

    Most tasks are completed around their due time, some are canceled, and a few from the last days are overdue.
    """
    fate = office.chance.random()
    done_at = since + (due_at - since) * office.chance.uniform(0.3, 1.4)
    if fate < _DONE and done_at < office.now:
        return TaskStatus.COMPLETED, done_at
    if _DONE <= fate < _DONE + _DROPPED and due_at < office.now:
        return TaskStatus.CANCELLED, None
    if due_at < office.now - _NOTICED:
        return TaskStatus.COMPLETED, due_at + _NOTICED * office.chance.random()
    return (TaskStatus.IN_PROGRESS if office.chance.random() < _BEGUN else TaskStatus.PENDING), None


def _exact(number: float) -> Decimal:
    return Decimal(str(number))
