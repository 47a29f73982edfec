"""Views of the list of recordings."""

from flask import Blueprint, Response

from app.lists.list_page import list_page
from app.security.guard import requires
from app.security.permissions import Permission
from app.work.recordings.resource import RECORDING_SESSION

recordings = Blueprint("recordings", __name__)


@recordings.get("/recordings")
@requires(Permission.RECORDINGS_READ)
def index() -> Response:
    """List the recordings in the actor's scope, the latest first."""
    return list_page(RECORDING_SESSION, "work/recordings", own=("contact", "status"))
