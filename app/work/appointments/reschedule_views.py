"""Views that reschedule an appointment, by a form or by dragging it in the calendar, which submits the same form."""

from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, make_response, request, url_for
from flask import redirect as http_redirect
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.errors import DomainError, Forbidden
from app.models import Appointment
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect, render
from app.web.redirects import local_path, page_before
from app.web.undo import flash_result
from app.work.appointments import service
from app.work.appointments.booking_forms import Slot
from app.work.appointments.detail_queries import AppointmentDetail
from app.work.appointments.detail_views import writable
from app.work.appointments.free_times_queries import list_reps
from app.work.appointments.place_rules import parts_of
from app.work.appointments.reschedule_forms import RescheduleForm
from app.work.appointments.times_page import ANYBODY, times_for
from app.work.appointments.views import appointments


@appointments.get("/appointments/<uuid:appointment_id>/reschedule")
@requires(Permission.APPOINTMENTS_WRITE)
def confirm_reschedule(appointment_id: UUID) -> str:
    """Show the current time of an appointment with free times, and fields for a date and time."""
    detail = writable(appointment_id)
    before = page_before() or ""
    back = "" if urlsplit(before).path == request.path else before
    return _page(detail, RescheduleForm.of(detail.appointment, _zone(), back))


@appointments.get("/appointments/<uuid:appointment_id>/move")
@requires(Permission.APPOINTMENTS_WRITE)
def move(appointment_id: UUID) -> AnyResponse:
    """Redirect to the page that reschedules the appointment, from its former address."""
    writable(appointment_id)
    return http_redirect(url_for(".confirm_reschedule", appointment_id=appointment_id), 301)


@appointments.post("/appointments/<uuid:appointment_id>/reschedule")
@requires(Permission.APPOINTMENTS_WRITE)
def reschedule(appointment_id: UUID) -> Response:
    """Move an appointment, or show other times to choose from."""
    actor, detail = current_actor(), writable(appointment_id)
    row = detail.appointment
    form = RescheduleForm.sent(row, _zone())
    if form.changed_times():
        return make_response(_page(detail, form))
    form.offer(list_reps(actor), ANYBODY)
    before = _Before(row)
    with submitted(form, {"rep_id": "rep", "start": "slot"}, also=(Forbidden,)) as sent:
        form.check()
        moved = service.reschedule(
            actor,
            appointment_id,
            form.wanted_start or row.scheduled_start_at,
            form.wanted_rep_id,
            minutes=form.length,
            version=form.opened_with,
        )
        flash_result(_("Appointment rescheduled."), before.address(moved))
        own_page = url_for("appointments.show", appointment_id=appointment_id)
        return redirect(local_path(form.back.data) or _sent_from() or own_page)
    return make_response(_page(detail, form, sent.error), sent.status)


class _Before:
    """The time, the sales rep and the length of an appointment before it is moved."""

    def __init__(self, row: Appointment) -> None:
        self._start, self._rep_id, self._version = row.scheduled_start_at, row.sales_rep_id, row.version
        self._length = row.scheduled_end_at - row.scheduled_start_at

    def address(self, moved: Appointment) -> str | None:
        """Return the address that undoes the move; None if nothing changed, or there was no sales rep."""
        if moved.version == self._version or self._rep_id is None:
            return None
        return url_for(
            "appointments.reschedule",
            appointment_id=moved.id,
            slot=f"{self._rep_id}/{self._start.isoformat()}",
            minutes=int(self._length.total_seconds() // 60),
            version=moved.version,
        )


def _sent_from() -> str | None:
    """Return the page that the form was dragged on or Undo was pressed on; None for the form's own page."""
    before = page_before()
    return None if before is None or urlsplit(before).path == request.path else before


def _zone() -> ZoneInfo:
    return ZoneInfo(current_actor().timezone)


def _page(detail: AppointmentDetail, form: RescheduleForm, error: DomainError | None = None) -> str:
    actor, row = current_actor(), detail.appointment
    length = int((row.scheduled_end_at - row.scheduled_start_at).total_seconds() // 60)
    is_given = actor.may(Permission.APPOINTMENTS_ASSIGN) or form.length not in (None, length)
    times = times_for(
        actor,
        form,
        parts_of(row),
        besides=row.id,
        minutes=length,
        only_for={} if is_given else {row.scheduled_start_at: row.sales_rep_id},
        current=Slot(row.sales_rep_id, row.scheduled_start_at) if row.sales_rep_id else None,
        error=error,
    )
    return render(
        "work/appointments/reschedule.html",
        "work/appointments/_reschedule.html",
        detail=detail,
        form=form,
        times=times,
        back=local_path(form.back.data) or url_for("appointments.show", appointment_id=row.id),
    )
