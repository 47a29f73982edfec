"""The JSON API of recordings and of the parts in which they arrive."""

from app.declarations.api import Action, Api, Callers, Operation, Outside, Parent, Write, sample_id
from app.errors import Conflict, OutOfRange, QuotaExceeded, StorageUnavailable, UnsupportedAudio, UnsupportedMediaType
from app.models import RecordingPart
from app.security.permissions import Permission
from app.trust.trash.delete_service import delete
from app.web.json_bodies import BYTES
from app.work.recordings.audio_operations import play_recording, put_part
from app.work.recordings.part_queries import part_records
from app.work.recordings.queries import recording_records
from app.work.recordings.record_service import start, start_recording
from app.work.recordings.resource import RECORDING_PART, RECORDING_SESSION
from app.work.recordings.schemas import (
    PutPartRecord,
    RecordingPartRecord,
    RecordingRecord,
    StartedRecord,
    StartInput,
    StopInput,
)
from app.work.recordings.service import finish

_START = {"appointmentId": sample_id("appointment"), "consent": "given"}

RECORDINGS = Api(
    RECORDING_SESSION,
    path="recording-sessions",
    key="recordingSession",
    records=recording_records,
    record=RecordingRecord,
    read=Permission.RECORDINGS_READ,
    create=Write(
        Permission.RECORDINGS_WRITE, start, StartInput, _START, callers=Callers.PEOPLE, errors=(Conflict, QuotaExceeded)
    ),
    delete=Write(
        Permission.RECORDINGS_DELETE,
        lambda actor, recording_id: delete(actor, "recording_session", [recording_id]),
        callers=Callers.PEOPLE,
    ),
    actions=(
        Action(
            Permission.RECORDINGS_WRITE,
            lambda actor, recording_id, given: finish(actor, recording_id, given.parts, given.ended_at),
            StopInput,
            {"parts": 1},
            callers=Callers.PEOPLE,
            errors=(Conflict,),
            verb="stop",
        ),
    ),
)

PARTS = Api(
    RECORDING_PART,
    path="parts",
    key="recordingPart",
    records=part_records,
    record=RecordingPartRecord,
    read=Permission.RECORDINGS_READ,
    parent=Parent(RECORDINGS, RecordingPart.session_id),
    has_one=False,
)

START = Operation(
    name="startRecordingSession",
    method="POST",
    path="recording-sessions/start",
    run=start_recording,
    summary="Start recording an appointment",
    permissions=(Permission.RECORDINGS_WRITE,),
    callers=Callers.PEOPLE,
    input=StartInput,
    answer=StartedRecord,
    status=201,
    location="recording-sessions/{answer.recording_session.id}",
    example=_START,
    errors=(Conflict, QuotaExceeded),
)

PUT_PART = Outside(
    put_part,
    name="putRecordingPart",
    method="PUT",
    path="recording-sessions/{recording_session_id}/parts/{number}",
    summary="Upload a part of a recording; uploading the same part again changes nothing",
    reason="it takes sound, in parts of any size",
    permissions=(Permission.RECORDINGS_WRITE,),
    callers=Callers.PEOPLE,
    takes=(BYTES,),
    answer=PutPartRecord,
    errors=(Conflict, UnsupportedAudio, UnsupportedMediaType, StorageUnavailable),
)

AUDIO = Outside(
    play_recording,
    name="getRecordingSessionAudio",
    method="GET",
    path="recording-sessions/{recording_session_id}/audio",
    summary="Play a recording, whole or a range of it",
    reason="it streams sound, in ranges",
    permissions=(Permission.RECORDINGS_READ,),
    gives={200: ("audio/*",), 206: ("audio/*",), 302: ()},
    errors=(OutOfRange, StorageUnavailable),
)

API = (
    RECORDINGS,
    PARTS,
    START,
    PUT_PART,
    AUDIO,
)
