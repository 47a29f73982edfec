"""Recordings in the JSON API: sound instead of JSON, whole or in the range that a player asks for."""

from pathlib import PurePath

from flask import Blueprint, Response

from app.api.places import parse_id
from app.security.actor import current_actor
from app.security.api_requests import API_PREFIX
from app.security.guard import requires
from app.security.permissions import Permission
from app.sound import MIMETYPES, UNKNOWN_MIMETYPE
from app.storage import requested_range, storage
from app.web.rate_limits import limited
from app.work.calls.api import CALLS
from app.work.calls.service import open_recording
from app.work.calls.views import LISTENING

audio = Blueprint("api_audio", __name__, url_prefix=f"{API_PREFIX}v1")


@audio.get("/calls/<call_id>/audio")
@requires(Permission.CALLS_READ)
@limited(LISTENING)
def of_call(call_id: str) -> Response:
    """Send the recording of a call, and record the play in the audit trail as on its page."""
    part, id_ = requested_range(), parse_id(CALLS, call_id)
    key = open_recording(current_actor(), id_, from_start=part is None or part[0] == 0)
    return send_sound(key, f"call-{id_}")


def send_sound(key: str, name: str) -> Response:
    """Send a stored recording as a file with this name, to which the suffix of its format is added."""
    suffix = PurePath(key).suffix
    return storage().send(key, mimetype=MIMETYPES.get(suffix, UNKNOWN_MIMETYPE), download_name=f"{name}{suffix}")
