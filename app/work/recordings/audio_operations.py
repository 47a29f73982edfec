"""Recordings of appointments in the JSON API: audio instead of JSON, in both directions."""

from shutil import copyfileobj
from tempfile import TemporaryFile
from uuid import UUID

from flask import Response, request

from app.errors import NotFound, UnsupportedMediaType
from app.security.actor import Actor
from app.web.json_bodies import BYTES
from app.web.rate_limits import limited
from app.web.representation import refuse_other_than_json
from app.work.calls.audio_operations import send_recording
from app.work.calls.views import LISTENING
from app.work.recordings.detail_queries import get_recording_detail
from app.work.recordings.record_service import DIGEST_HEADER, parse_digest
from app.work.recordings.record_service import put_part as put_recording_part
from app.work.recordings.resource import RECORDING_SESSION
from app.work.recordings.schemas import PutPartRecord


@limited(LISTENING)
def play_recording(actor: Actor, recording_id: UUID) -> Response:
    """Send a recording of an appointment, and record the play in the audit trail as on its page."""
    call_id = get_recording_detail(actor, recording_id).call_id
    if call_id is None:
        raise NotFound(RECORDING_SESSION.name, recording_id)
    return send_recording(actor, call_id, f"recording-{recording_id}")


def put_part(actor: Actor, recording_id: UUID, number: str) -> PutPartRecord:
    """Store a part of a recording; the same part again changes nothing."""
    refuse_other_than_json()
    if request.mimetype != BYTES and not request.mimetype.startswith("audio/"):  # recorders know the format
        raise UnsupportedMediaType
    digest = parse_digest(request.headers.get(DIGEST_HEADER, ""))
    with TemporaryFile() as received:
        copyfileobj(request.stream, received)
        received.seek(0)
        return put_recording_part(actor, recording_id, number, received, digest)
