"""The list of appointments."""

from uuid import UUID

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.lists.filter_words import chip_words
from app.lists.listing import given_parameters, name_among, people_options, render_list, show_list
from app.lists.tools_page import list_tools
from app.models import AppointmentOutcome, AppointmentStatus
from app.people.users.queries import csr_choices, rep_choices
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.deletion_views import delete_from_list
from app.web.labels import options
from app.work.appointments.filters import AppointmentFilters, DateOf
from app.work.appointments.queries import appointment_list
from app.work.appointments.resource import APPOINTMENT, APPOINTMENT_LIST

_DATES = {
    DateOf.SCHEDULED: _l("the visit"),
    DateOf.BOOKED: _l("the booking"),
    DateOf.COMPLETED: _l("the end of the visit"),
    DateOf.OUTCOME: _l("the decision"),
}

appointments = Blueprint("appointments", __name__)


@appointments.get("/appointments")
@requires(Permission.APPOINTMENTS_READ)
def index() -> Response:
    """Appointments within the scope, the latest first."""
    actor = current_actor()
    choices, reps = csr_choices(actor), rep_choices(actor)
    filters = AppointmentFilters.parse(given_parameters(csr=people_options(choices), rep=people_options(reps)))
    own = {
        "csr": name_among(choices),
        "rep": name_among(reps),
        "date_of": lambda value: str(_DATES[DateOf(value)]),
    }
    words = chip_words(APPOINTMENT, APPOINTMENT_LIST, own)
    if filters.date_of is DateOf.SCHEDULED:
        del words["date_of"]  # what it is about unless somebody asks otherwise
    listing = show_list(appointment_list(actor, filters), "appointments.index", words)
    return render_list(
        "work/appointments/index.html",
        "work/appointments/_list.html",
        listing,
        tools=list_tools(actor, APPOINTMENT, APPOINTMENT_LIST, listing, own=("contact_name", "status", "booked_by")),
        choices=people_options(choices),
        reps=people_options(reps),
        dates=[(date_of.value, str(words)) for date_of, words in _DATES.items()],
        statuses=options(AppointmentStatus),
        outcomes=options(AppointmentOutcome),
    )


@appointments.post("/appointments/<uuid:appointment_id>/delete")
@requires(Permission.APPOINTMENTS_DELETE)
def delete(appointment_id: UUID) -> Response:
    """Put an appointment into the trash."""
    page = url_for("appointments.show", appointment_id=appointment_id)
    return delete_from_list("appointment", appointment_id, _("Appointment deleted."), "appointments.index", page)
