"""Views of the list of appointments."""

from uuid import UUID

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from app.lists.filter_page import applied_filters
from app.lists.list_page import list_page
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.deletion_views import delete_from_list
from app.work.appointments.filters import DateOf
from app.work.appointments.resource import APPOINTMENT

appointments = Blueprint("appointments", __name__)


@appointments.get("/appointments")
@requires(Permission.APPOINTMENTS_READ)
def index() -> Response:
    """List the appointments within the scope, by default the upcoming ones."""
    asked = applied_filters(APPOINTMENT)
    if asked.filters.date_of is DateOf.SCHEDULED:
        del asked.words["date_of"]  # the default needs no chip
    return list_page(APPOINTMENT, "work/appointments", own=("contact_name", "status", "booked_by"), asked=asked)


@appointments.post("/appointments/<uuid:appointment_id>/delete")
@requires(Permission.APPOINTMENTS_DELETE)
def delete(appointment_id: UUID) -> Response:
    """Move an appointment to the trash."""
    page = url_for("appointments.show", appointment_id=appointment_id)
    return delete_from_list("appointment", appointment_id, _("Appointment deleted."), "appointments.index", page)
