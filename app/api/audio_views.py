"""Recordings in the JSON API: audio instead of JSON, whole or in the range that a player asks for."""

from pathlib import PurePath
from shutil import copyfileobj
from tempfile import TemporaryFile

from flask import Blueprint, Response, request

from app.api.places import parse_id
from app.api.responses import respond
from app.errors import NotFound, UnsupportedMediaType
from app.security.actor import current_actor
from app.security.api_requests import API_ROOT
from app.security.guard import people_only, requires
from app.security.permissions import Permission
from app.sound import MIMETYPES, UNKNOWN_MIMETYPE
from app.storage import requested_range, storage
from app.web.json_bodies import BYTES
from app.web.rate_limits import limited
from app.web.representation import refuse_other_than, refuse_other_than_json
from app.web.request_limits import accepts_uploads
from app.work.calls.api import CALLS
from app.work.calls.service import open_recording
from app.work.calls.views import LISTENING
from app.work.recordings.api import RECORDINGS
from app.work.recordings.detail_queries import get_recording_detail
from app.work.recordings.record_service import DIGEST_HEADER, parse_digest
from app.work.recordings.record_service import put_part as put_recording_part

#: Media types of recordings.
_SOUND = (*MIMETYPES.values(), UNKNOWN_MIMETYPE)

audio = Blueprint("api_audio", __name__, url_prefix=API_ROOT)


@audio.get("/calls/<call_id>/audio")
@requires(Permission.CALLS_READ)
@limited(LISTENING)
def of_call(call_id: str) -> Response:
    """Send the recording of a call, and record the play in the audit trail as on its page."""
    refuse_other_than(*_SOUND)
    part, id_ = requested_range(), parse_id(CALLS, call_id)
    key = open_recording(current_actor(), id_, from_start=part is None or part[0] == 0)
    return send_sound(key, f"call-{id_}")


@audio.get("/recording-sessions/<recording_session_id>/audio")
@requires(Permission.RECORDINGS_READ)
@limited(LISTENING)
def of_recording(recording_session_id: str) -> Response:
    """Send a recording of an appointment, and record the play in the audit trail as on its page."""
    refuse_other_than(*_SOUND)
    part, id_ = requested_range(), parse_id(RECORDINGS, recording_session_id)
    call_id = get_recording_detail(current_actor(), id_).call_id
    if call_id is None:
        raise NotFound(RECORDINGS.resource.name, id_)
    key = open_recording(current_actor(), call_id, from_start=part is None or part[0] == 0)
    return send_sound(key, f"recording-{id_}")


@audio.put("/recording-sessions/<recording_session_id>/parts/<number>")
@people_only
@requires(Permission.RECORDINGS_WRITE)
@accepts_uploads
def put_part(recording_session_id: str, number: str) -> Response:
    """Store a part of a recording; the same part again changes nothing."""
    refuse_other_than_json()
    if request.mimetype != BYTES and not request.mimetype.startswith("audio/"):  # recorders know the format
        raise UnsupportedMediaType
    digest = parse_digest(request.headers.get(DIGEST_HEADER, ""))
    id_ = parse_id(RECORDINGS, recording_session_id)
    with TemporaryFile() as received:
        copyfileobj(request.stream, received)
        received.seek(0)
        return respond(put_recording_part(current_actor(), id_, number, received, digest))


def send_sound(key: str, name: str) -> Response:
    """Send a stored recording as a file with this name, to which the suffix of its format is added."""
    suffix = PurePath(key).suffix
    return storage().send(key, mimetype=MIMETYPES.get(suffix, UNKNOWN_MIMETYPE), download_name=f"{name}{suffix}")
