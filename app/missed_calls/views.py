"""The missed-call queue."""

from datetime import UTC, datetime

from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.missed_calls.filters import EntryDate, EntryFilters
from app.missed_calls.queries import entry_list
from app.models import EntryStatus, ListPage, RescuedBy
from app.saved_views.menu import view_menu
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.users.queries import csr_choices
from app.web.htmx import render
from app.web.labels import hour_label, options, yes_or_no
from app.web.lists import given_parameters, name_among, show_list, words_of

missed_calls = Blueprint("missed_calls", __name__)


@missed_calls.get("/missed-calls")
@requires(Permission.MISSED_CALLS_READ)
def index() -> str:
    """The queue of the organization, the newest first."""
    actor = current_actor()
    choices = csr_choices(actor)
    filters = EntryFilters.parse(given_parameters())
    words = {
        "csr": (_l("Credited to"), name_among(choices)),
        "status": (_l("Status"), words_of("EntryStatus")),
        "rescued_by": (_l("Rescued"), words_of("RescuedBy")),
        "rescuer": (_l("Rescued"), lambda _value: str(_("by me"))),
        "overdue": (_l("Overdue"), yes_or_no),
        "attempted": (_l("Attempted"), yes_or_no),
        "reached": (_l("Reached"), yes_or_no),
        "hour": (_l("Hour"), lambda value: hour_label(int(value))),
    }
    if filters.date_of is EntryDate.RESOLVED:
        words["date_of"] = (_l("Period of"), lambda _value: str(_("the end")))
    now = datetime.now(UTC)
    listing = show_list(entry_list(actor, filters, now), "missed_calls.index", words)
    return render(
        "missed_calls/index.html",
        "missed_calls/_list.html",
        listing=listing,
        views=view_menu(actor, ListPage.MISSED_CALLS, listing),
        statuses=options(EntryStatus),
        rescuers=options(RescuedBy),
        now=now,
    )
