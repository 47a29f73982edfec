"""The list of recordings."""

from flask import Blueprint
from flask_babel import lazy_gettext as _l

from app.models import RecordingStatus
from app.recordings.filters import RecordingFilters
from app.recordings.queries import recording_list
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.users.queries import rep_choices
from app.web.htmx import render
from app.web.labels import options
from app.web.lists import given_parameters, name_among, people_options, show_list, words_of

recordings = Blueprint("recordings", __name__)


@recordings.get("/recordings")
@requires(Permission.RECORDINGS_READ)
def index() -> str:
    """Recordings within the scope, the latest first."""
    actor = current_actor()
    choices = rep_choices(actor)
    words = {
        "rep": (_l("Sales rep"), name_among(choices)),
        "status": (_l("Status"), words_of("RecordingStatus")),
    }
    query = recording_list(actor, RecordingFilters.parse(given_parameters()))
    return render(
        "recordings/index.html",
        "recordings/_list.html",
        listing=show_list(query, "recordings.index", words),
        choices=people_options(choices),
        statuses=options(RecordingStatus),
    )
