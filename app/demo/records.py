"""The rows of one call that was talked through: the call, its transcript and analysis, notes and tasks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.demo.audio import storage_key
from app.demo.conversations.analysis import Reading
from app.demo.conversations.composer import Conversation
from app.demo.conversations.script import Action
from app.demo.conversations.takes import TAKES
from app.demo.households import Household
from app.demo.office import Office
from app.demo.people import Employee
from app.demo.rows import AnalysisRow, CallRow, NoteRow, PendingActionRow, TaskRow, TranscriptRow
from app.models.calls import BookingStatus, CallStatus, CallType, Direction, HandledBy, NoteKind, RecordSource
from app.models.leads import DecidedBy
from app.models.pending_actions import PendingActionCategory, PendingActionStatus
from app.models.tasks import AssignedTo, TaskPriority, TaskStatus

_MODEL = "review-2026.2"
_LONGEST_TITLE = 200
_RATED, _NOTED, _COACHED, _LEFT_UNSET = 0.36, 0.16, 0.3, 0.12
_POOR_COMPLIANCE = 60
_DONE, _DROPPED, _BEGUN = 0.9, 0.06, 0.3
#: What was forgotten comes to light after so long.
_NOTICED = timedelta(days=4)
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
class Talk:
    """A call that was answered. `employee` is None where the automated assistant spoke."""

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
    office: Office, talk: Talk, *, lead_id: UUID | None, rep_id: UUID | None, audio_key: str | None = None
) -> CallRow:
    """The call itself, as a part of `lead_id` that `rep_id` is assigned to. A visit brings along its `audio_key`."""
    # Nobody dials to visit.
    ours = None if talk.call_type is CallType.VISIT_CALL else office.company.main_number
    theirs = talk.number
    inbound = talk.direction is Direction.INBOUND
    is_csr_call = talk.call_type is CallType.CSR_CALL
    user_id = talk.employee.id if talk.employee else None
    ending = talk.conversation.ending
    return CallRow(
        organization_id=office.organization_id,
        id=talk.id,
        contact_card_id=talk.household.id if talk.household else None,
        lead_id=lead_id,
        phone_number_id=office.main_line_id if ours else None,
        caller_number=theirs if inbound else ours,
        called_number=ours if inbound else theirs,
        direction=talk.direction,
        call_type=talk.call_type,
        status=CallStatus.COMPLETED,
        handled_by=HandledBy.HUMAN if talk.employee else HandledBy.AI,
        handled_by_user_id=user_id,
        csr_id=user_id if is_csr_call else None,
        assigned_rep_id=rep_id if is_csr_call else user_id,
        started_at=talk.started_at,
        answered_at=talk.answered_at,
        ended_at=talk.ended_at,
        duration_seconds=talk.conversation.seconds,
        outcome=ending.outcome,
        sentiment=talk.reading.sentiment if talk.is_analysed else None,
        ai_confidence=int(100 * talk.reading.confidence) if talk.is_analysed else None,
        call_quality=_rating(office, talk),
        audio_url=audio_key or _shared_audio(office, talk),
        topic=talk.topic,
        cost=(_COST_A_MINUTE * talk.conversation.seconds / 60).quantize(Decimal("0.01")),
        created_at=talk.started_at,
        **_booking(office, talk),
    )


def _shared_audio(office: Office, talk: Talk) -> str | None:
    """The recording that all calls of a quick script share; other calls have none."""
    name = talk.conversation.scenario.name
    return storage_key(office.organization_id, name) if name in TAKES else None


def _booking(office: Office, talk: Talk) -> dict[str, Any]:
    ending = talk.conversation.ending
    by_hand = not talk.is_analysed
    # Now and then a CSR leaves the booking status for later.
    forgotten = by_hand and ending.booking is BookingStatus.NOT_BOOKED and office.chance.random() < _LEFT_UNSET
    if ending.booking is None or forgotten:
        return {}
    return {
        "booking_status": ending.booking,
        "booking_status_reason": talk.conversation.tell(ending.reason) if ending.reason else None,
        "booking_status_source": DecidedBy.USER if by_hand else DecidedBy.ANALYSIS,
    }


def _rating(office: Office, talk: Talk) -> int | None:
    if office.chance.random() > _RATED:
        return None
    stars = 3.6 + 1.4 * talk.reading.sentiment_score + office.chance.gauss(0, 0.8)
    return min(max(round(stars), 1), 5)


def transcript_and_analysis(office: Office, talk: Talk) -> Iterator[TranscriptRow | AnalysisRow]:
    """What was said, and what the analysis made of it a few minutes later."""
    chance, reading = office.chance, talk.reading
    written_at = talk.ended_at + timedelta(seconds=chance.uniform(20, 90))
    analysed_at = written_at + timedelta(seconds=chance.uniform(30, 240))
    if talk.has_transcript:
        yield transcript(office, talk.id, talk.conversation, written_at)
    if not talk.is_analysed:
        return
    yield AnalysisRow(
        organization_id=office.organization_id,
        id=office.ids.at(analysed_at),
        call_id=talk.id,
        qualification_status=talk.conversation.ending.qualification,
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
    """The turns, and the same as one text."""
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


def notes(office: Office, talk: Talk) -> Iterator[NoteRow]:
    """What the CSR wrote down, and now and then a word of coaching by their manager the next day."""
    chance, employee, household = office.chance, talk.employee, talk.household
    if employee is None or household is None:
        return
    if chance.random() < _NOTED:
        body = chance.choice(_NOTES).format(partner=household.partner, job=household.job, **household.home)
        body = body[:1].upper() + body[1:]
        yield _note(office, talk, employee.id, NoteKind.NOTE, body, talk.ended_at + timedelta(seconds=40))
    poor = talk.is_analysed and talk.reading.sop_compliance_score < _POOR_COMPLIANCE and talk.conversation.lapses
    if poor and employee.manager_id is not None and chance.random() < _COACHED:
        at = talk.ended_at + timedelta(hours=chance.uniform(1, 26))
        if at < office.now:
            yield _note(office, talk, employee.manager_id, NoteKind.COACHING, _coaching(talk, employee), at)


def _coaching(talk: Talk, employee: Employee) -> str:
    lapse = talk.conversation.lapses[-1]
    start = int(talk.conversation.turns[lapse.turn].start)
    return (
        f"{employee.first}, listen to {start // 60}:{start % 60:02} again. {lapse.finding.detail} "
        "What could you say there? Let’s talk about it on Thursday."
    )


def _note(office: Office, talk: Talk, user_id: UUID, kind: NoteKind, body: str, at: datetime) -> NoteRow:
    return NoteRow(
        organization_id=office.organization_id,
        id=office.ids.at(at),
        call_id=talk.id,
        user_id=user_id,
        kind=kind,
        body=body,
        created_at=at,
    )


def tasks(office: Office, talk: Talk, rep_id: UUID | None) -> Iterator[TaskRow | PendingActionRow]:
    """One task for each thing the call left to do, made of what the analysis found if there is one; most of those that
    are due have been done."""
    if talk.household is None:
        return
    for action in talk.conversation.ending.actions:
        due_at = talk.ended_at + timedelta(days=action.days)
        handler = talk.employee.id if talk.employee else None
        status, completed_at = _progress(office, talk.ended_at, due_at)
        assignee_id = _assignee(office, talk, action.owner, rep_id)
        found = None
        if talk.is_analysed:
            found = _pending_action(office, talk, action, assignee_id, status)
            yield found
        yield TaskRow(
            organization_id=office.organization_id,
            id=office.ids.at(talk.ended_at),
            title=talk.conversation.tell(action.text)[:_LONGEST_TITLE],
            description=talk.reading.summary,
            status=status,
            priority=TaskPriority.HIGH if action.days < 1 else TaskPriority.MEDIUM,
            assigned_to_type=action.owner,
            assigned_to_user_id=assignee_id,
            due_at=due_at,
            completed_at=completed_at,
            category=action.category,
            contact_card_id=talk.household.id,
            call_id=talk.id,
            pending_action_id=found.id if found else None,
            source=RecordSource.SYSTEM if talk.is_analysed else RecordSource.USER,
            created_by=None if talk.is_analysed else handler,
            created_by_label="" if talk.is_analysed or talk.employee is None else talk.employee.member.name,
            created_at=talk.ended_at,
        )


def _pending_action(
    office: Office, talk: Talk, action: Action, assignee_id: UUID | None, status: TaskStatus
) -> PendingActionRow:
    if talk.household is None:
        raise ValueError("there is nobody whom it is about")
    return PendingActionRow(
        organization_id=office.organization_id,
        id=office.ids.at(talk.ended_at),
        contact_card_id=talk.household.id,
        call_id=talk.id,
        assigned_to_type=action.owner,
        assigned_to_user_id=assignee_id,
        category=PendingActionCategory(action.category),
        raw_text=talk.conversation.tell(action.text),
        due_at=talk.ended_at + timedelta(days=action.days),
        status=PendingActionStatus.OPEN if status is TaskStatus.PENDING else PendingActionStatus(status),
        created_at=talk.ended_at,
    )


def _assignee(office: Office, talk: Talk, owner: AssignedTo, rep_id: UUID | None) -> UUID | None:
    """The rep of the visit, the manager of who spoke, or who spoke; somebody, where it was the assistant."""
    handler = talk.employee or office.chance.choice(office.csrs)
    if owner is AssignedTo.SALES_REP:
        return rep_id or handler.id
    return handler.manager_id if owner is AssignedTo.EXEC else handler.id


def _progress(office: Office, since: datetime, due_at: datetime) -> tuple[TaskStatus, datetime | None]:
    """Most are done around the time they are due, some dropped; of the last days, a few are overdue."""
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
