"""The list of appointments."""

from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.appointments.filters import AppointmentFilters, DateOf
from app.appointments.queries import appointment_list
from app.models import AppointmentOutcome, AppointmentStatus
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.users.queries import csr_choices
from app.web.htmx import render
from app.web.labels import options
from app.web.lists import as_options, given_parameters, name_among, show_list, words_of

appointments = Blueprint("appointments", __name__)


@appointments.get("/appointments")
@requires(Permission.APPOINTMENTS_READ)
def index() -> str:
    """Appointments within the scope, the latest first."""
    actor = current_actor()
    choices = csr_choices(actor)
    filters = AppointmentFilters.parse(given_parameters())
    words = {
        "csr": (_l("Booked by"), name_among(choices)),
        "status": (_l("Status"), words_of("AppointmentStatus")),
        "outcome": (_l("Outcome"), words_of("AppointmentOutcome")),
    }
    if filters.date_of is DateOf.BOOKED:
        words["date_of"] = (_l("Period of"), lambda _value: str(_("booking")))
    return render(
        "appointments/index.html",
        "appointments/_list.html",
        listing=show_list(appointment_list(actor, filters), "appointments.index", words),
        choices=as_options(choices),
        statuses=options(AppointmentStatus),
        outcomes=options(AppointmentOutcome),
    )
