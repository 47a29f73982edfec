"""Visits that reps record: the session, the call created from it, its transcript and its analysis."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.models.appointments import AppointmentOutcome
from app.models.calls import CallType, Direction
from app.models.recordings import Consent, RecordingStatus
from demo import call_records
from demo.audio import Sound, bytes_of, visit_key
from demo.call_records import AnsweredCall
from demo.catalogue import service_of
from demo.conversations.analysis import read
from demo.conversations.composer import Conversation, compose, stretched
from demo.conversations.library import scenarios
from demo.conversations.slots import Window
from demo.households import Household
from demo.office import Office
from demo.people import Employee
from demo.rows import AppointmentRow, RecordingRow, Row

_RECORDED, _FAILED, _ANALYSED, _ASKED = 0.62, 0.04, 0.85, 0.9
_NOW_RECORDED = 0.7
_ARRIVES = timedelta(minutes=6)
_STRETCH = (3.0, 7.0)
_MAX_LENGTH = timedelta(minutes=95)
_CONTENT_TYPE = "audio/wav"
#: Audio is generated only for the newest ones: one file each, some minutes long.
_SOUND_SINCE = timedelta(days=4)
_MAX_SOUNDS = 6
#: The newest ones are still being processed.
_UPLOADED, _PROCESSED = timedelta(minutes=20), timedelta(minutes=50)


def visit_recorded(office: Office, household: Household, visit: AppointmentRow) -> Iterator[Row]:
    """Yield what the rep recorded of a completed appointment, if anything; `visit` has its outcome."""
    if visit.sales_rep_id is None or office.chance.random() > _RECORDED:
        return
    rep = office.reps[visit.sales_rep_id]
    started_at = visit.scheduled_start_at + _ARRIVES * office.chance.uniform(0.2, 2.5)
    conversation = _conversation(office, household, visit, rep, started_at)
    has_sound = started_at > office.now - _SOUND_SINCE and len(office.sounds) < _MAX_SOUNDS
    if not has_sound:
        longest = _MAX_LENGTH.total_seconds() / conversation.seconds
        conversation = stretched(conversation, min(office.chance.uniform(*_STRETCH), longest))
    ended_at = started_at + timedelta(seconds=conversation.seconds)
    age = office.now - ended_at
    if office.chance.random() < _FAILED:
        yield _session(office, visit, started_at, ended_at, RecordingStatus.FAILED)
    elif age < _PROCESSED:
        status = RecordingStatus.UPLOADED if age < _UPLOADED else RecordingStatus.PROCESSING
        yield _session(office, visit, started_at, ended_at, status)
    else:
        yield from _ready(office, visit, _answered(office, household, rep, conversation, started_at), has_sound)


def visit_under_way(office: Office, visit: AppointmentRow) -> Iterator[RecordingRow]:
    """Yield the open recording session of an appointment that is going on now."""
    started_at = visit.scheduled_start_at + _ARRIVES
    if (
        visit.sales_rep_id
        and started_at < office.now < visit.scheduled_end_at
        and office.chance.random() < _NOW_RECORDED
    ):
        yield _session(office, visit, started_at, None, RecordingStatus.RECORDING)


def _conversation(
    office: Office, household: Household, visit: AppointmentRow, rep: Employee, at: datetime
) -> Conversation:
    scenario = scenarios()["estimate_visit" if service_of(visit.service_type).estimate else "repair_visit"]
    sold, left_open = scenario.endings
    ending = sold if visit.outcome is AppointmentOutcome.CLOSED_WON else left_open
    window = Window(office.local(visit.scheduled_start_at), office.local(visit.scheduled_end_at))
    return compose(scenario, ending, office.facts(household, rep, at, window), rep.craft(at), office.chance)


def _answered(
    office: Office, household: Household, rep: Employee, conversation: Conversation, at: datetime
) -> AnsweredCall:
    ended_at = at + timedelta(seconds=conversation.seconds)
    is_analysed = office.chance.random() < _ANALYSED
    return AnsweredCall(
        id=office.ids.at(at),
        household=household,
        number=None,
        conversation=conversation,
        reading=read(conversation, ended_at, office.chance),
        employee=rep,
        started_at=at,
        answered_at=at,
        ended_at=ended_at,
        # The rep went to the customer; if the call were inbound, it would count as an answered one.
        direction=Direction.OUTBOUND,
        call_type=CallType.VISIT_CALL,
        topic=conversation.scenario.topic,
        has_transcript=True,
        is_analysed=is_analysed,
    )


def _ready(office: Office, visit: AppointmentRow, answered: AnsweredCall, has_sound: bool) -> Iterator[Row]:
    key = None
    if has_sound:
        key = visit_key(office.organization_id, answered.id)
        office.sounds.append(Sound(key, answered.conversation.turns, answered.conversation.seconds))
    yield call_records.call_row(office, answered, lead_id=visit.lead_id, rep_id=visit.sales_rep_id, audio_key=key)
    yield from call_records.transcript_and_analysis(office, answered)
    yield _session(office, visit, answered.started_at, answered.ended_at, RecordingStatus.READY, answered, key)


def _session(
    office: Office,
    visit: AppointmentRow,
    started_at: datetime,
    ended_at: datetime | None,
    status: RecordingStatus,
    answered: AnsweredCall | None = None,
    key: str | None = None,
) -> RecordingRow:
    if visit.sales_rep_id is None:
        raise ValueError("only a rep records a visit")
    seconds = int((ended_at - started_at).total_seconds()) if ended_at else None
    return RecordingRow(
        organization_id=office.organization_id,
        id=office.ids.at(started_at),
        appointment_id=visit.id,
        sales_rep_id=visit.sales_rep_id,
        call_id=answered.id if answered else None,
        status=status,
        consent=Consent.GIVEN if office.chance.random() < _ASKED else Consent.NOT_NEEDED,
        storage_key=key,
        audio_bytes=bytes_of(answered.conversation.seconds) if answered and key else None,
        content_type=_CONTENT_TYPE if key else None,
        started_at=started_at,
        ended_at=ended_at,
        duration_seconds=seconds,
        created_at=started_at,
    )
