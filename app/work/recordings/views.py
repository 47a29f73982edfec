"""The list of recordings."""

from flask import Blueprint, Response

from app.lists.filter_words import chip_words
from app.lists.listing import given_parameters, name_among, people_options, render_list, show_list
from app.lists.tools_page import list_tools
from app.models import RecordingStatus
from app.people.users.queries import rep_choices
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.labels import options
from app.work.recordings.filters import RecordingFilters
from app.work.recordings.queries import recording_list
from app.work.recordings.resource import RECORDING_LIST, RECORDING_SESSION

recordings = Blueprint("recordings", __name__)


@recordings.get("/recordings")
@requires(Permission.RECORDINGS_READ)
def index() -> Response:
    """Recordings within the scope, the latest first."""
    actor = current_actor()
    choices = rep_choices(actor)
    words = chip_words(RECORDING_SESSION, RECORDING_LIST, {"rep": name_among(choices)})
    query = recording_list(actor, RecordingFilters.parse(given_parameters(rep=people_options(choices))))
    listing = show_list(query, "recordings.index", words)
    return render_list(
        "work/recordings/index.html",
        "work/recordings/_list.html",
        listing,
        tools=list_tools(actor, RECORDING_SESSION, RECORDING_LIST, listing, own=("contact", "status")),
        choices=people_options(choices),
        statuses=options(RecordingStatus),
    )
