"""Descriptions of operations of the JSON API that have views of their own, because they aren't JSON."""

from app.declarations.api import Callers, Outside
from app.errors import Conflict, OutOfRange, StorageUnavailable, UnsupportedAudio, UnsupportedMediaType
from app.people.users.picture_rules import MIME_TYPE
from app.people.users.picture_views import LOOKING
from app.security.permissions import Permission
from app.web.json_bodies import BYTES
from app.work.calls.views import LISTENING
from app.work.recordings.schemas import PutPartRecord

_SOUND = "it streams sound, in ranges"
_PARTS = (BYTES,)
_AS_SOUND = {200: ("audio/*",), 206: ("audio/*",), 302: ()}

API = (
    Outside(
        name="getCallAudio",
        method="GET",
        path="calls/{call_id}/audio",
        summary="Get the recording of a call, whole or a range of it",
        reason=_SOUND,
        permissions=(Permission.CALLS_READ,),
        gives=_AS_SOUND,
        limits=LISTENING,
        errors=(OutOfRange, StorageUnavailable),
    ),
    Outside(
        name="putRecordingPart",
        method="PUT",
        path="recording-sessions/{recording_session_id}/parts/{number}",
        summary="Upload a part of a recording; uploading the same part again changes nothing",
        reason="it takes sound, in parts of any size",
        permissions=(Permission.RECORDINGS_WRITE,),
        callers=Callers.PEOPLE,
        takes=_PARTS,
        answer=PutPartRecord,
        errors=(Conflict, UnsupportedAudio, UnsupportedMediaType, StorageUnavailable),
    ),
    Outside(
        name="getRecordingSessionAudio",
        method="GET",
        path="recording-sessions/{recording_session_id}/audio",
        summary="Play a recording, whole or a range of it",
        reason=_SOUND,
        permissions=(Permission.RECORDINGS_READ,),
        gives=_AS_SOUND,
        limits=LISTENING,
        errors=(OutOfRange, StorageUnavailable),
    ),
    Outside(
        name="getUserAvatar",
        method="GET",
        path="users/{user_id}/avatar",
        summary="Get the photo of a person",
        reason="it sends an image",
        callers=Callers.PEOPLE,
        gives={200: (MIME_TYPE,)},
        limits=LOOKING,
    ),
)
