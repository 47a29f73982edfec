"""The missed-call queue."""

from datetime import UTC, datetime

from flask import Blueprint, Response
from flask_babel import gettext as _

from app.lists.filter_words import chip_words
from app.lists.listing import given_parameters, name_among, render_list, show_list
from app.lists.tools_page import list_tools
from app.models import EntryStatus, RescuedBy
from app.people.users.queries import csr_choices
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.labels import hour_label, options
from app.work.missed_calls.filters import EntryDate, EntryFilters
from app.work.missed_calls.queries import entry_list
from app.work.missed_calls.resource import MISSED_CALL_ENTRY, MISSED_CALL_LIST

missed_calls = Blueprint("missed_calls", __name__)


@missed_calls.get("/missed-calls")
@requires(Permission.MISSED_CALLS_READ)
def index() -> Response:
    """The queue of the organization, the newest first."""
    actor = current_actor()
    choices = csr_choices(actor)
    filters = EntryFilters.parse(given_parameters())
    own = {
        "csr": name_among(choices),
        "rescuer": lambda _value: str(_("by me")),
        "hour": lambda value: hour_label(int(value)),
        "date_of": lambda _value: str(_("the end")),
    }
    words = chip_words(MISSED_CALL_ENTRY, MISSED_CALL_LIST, own)
    if filters.date_of is EntryDate.MISSED:
        del words["date_of"]  # what it is about unless somebody asks otherwise
    now = datetime.now(UTC)
    listing = show_list(entry_list(actor, filters, now), "missed_calls.index", words)
    return render_list(
        "work/missed_calls/index.html",
        "work/missed_calls/_list.html",
        listing,
        tools=list_tools(
            actor,
            MISSED_CALL_ENTRY,
            MISSED_CALL_LIST,
            listing,
            own=("first_missed_at", "caller", "status", "claimed_by"),
        ),
        statuses=options(EntryStatus),
        rescuers=options(RescuedBy),
        now=now,
    )
