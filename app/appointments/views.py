"""The list of appointments."""

from uuid import UUID

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.appointments.filters import AppointmentFilters, DateOf
from app.appointments.queries import appointment_list
from app.models import AppointmentOutcome, AppointmentStatus, ListPage
from app.saved_views.menu import view_menu
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trash.page import delete_from_list
from app.users.queries import csr_choices, rep_choices
from app.web.htmx import render
from app.web.labels import options, yes_or_no
from app.web.lists import given_parameters, name_among, people_options, show_list, words_of

_DATES = {
    DateOf.SCHEDULED: _l("the visit"),
    DateOf.BOOKED: _l("the booking"),
    DateOf.COMPLETED: _l("the end of the visit"),
    DateOf.OUTCOME: _l("the decision"),
}

appointments = Blueprint("appointments", __name__)


@appointments.get("/appointments")
@requires(Permission.APPOINTMENTS_READ)
def index() -> str:
    """Appointments within the scope, the latest first."""
    actor = current_actor()
    choices, reps = csr_choices(actor), rep_choices(actor)
    filters = AppointmentFilters.parse(given_parameters())
    words = {
        "csr": (_l("Booked by"), name_among(choices)),
        "rep": (_l("Sales rep"), name_among(reps)),
        "status": (_l("Status"), words_of("AppointmentStatus")),
        "outcome": (_l("Outcome"), words_of("AppointmentOutcome")),
        "priced": (_l("Deal known"), yes_or_no),
        "analysed": (_l("Recording analysed"), yes_or_no),
    }
    if filters.date_of is not DateOf.SCHEDULED:
        words["date_of"] = (_l("Period of"), lambda value: str(_DATES[DateOf(value)]))
    listing = show_list(appointment_list(actor, filters), "appointments.index", words)
    return render(
        "appointments/index.html",
        "appointments/_list.html",
        listing=listing,
        views=view_menu(actor, ListPage.APPOINTMENTS, listing),
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
    return delete_from_list("appointment", appointment_id, _("Appointment deleted."), "appointments.index")
