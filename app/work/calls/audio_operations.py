"""Recordings of calls in the JSON API: audio instead of JSON, whole or in the range that a player asks for."""

from pathlib import PurePath
from uuid import UUID

from flask import Response

from app.security.actor import Actor
from app.sound import MIMETYPES, UNKNOWN_MIMETYPE
from app.storage import requested_range, storage
from app.web.rate_limits import limited
from app.web.representation import refuse_other_than
from app.work.calls.service import open_recording
from app.work.calls.views import LISTENING


@limited(LISTENING)
def play_call(actor: Actor, call_id: UUID) -> Response:
    """Send the recording of a call, and record the play in the audit trail as on its page."""
    return send_recording(actor, call_id, f"call-{call_id}")


def send_recording(actor: Actor, call_id: UUID, name: str) -> Response:
    """Send the recording of a call as a file with this name, to which the suffix of its format is added.

    Raises NotAcceptable before the play is recorded, and like `open_recording`.
    """
    refuse_other_than(*MIMETYPES.values(), UNKNOWN_MIMETYPE)
    part = requested_range()
    key = open_recording(actor, call_id, from_start=part is None or part[0] == 0)
    suffix = PurePath(key).suffix
    return storage().send(key, mimetype=MIMETYPES.get(suffix, UNKNOWN_MIMETYPE), download_name=f"{name}{suffix}")
