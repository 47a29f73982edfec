"""Views of one appointment: its page, and the actions on it."""

from collections.abc import Callable
from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.models import AppointmentOutcome
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import Form, submitted
from app.web.htmx import redirect
from app.web.redirects import local_path
from app.work.appointments import rules, service
from app.work.appointments.detail_forms import (
    AssignForm,
    BookerForm,
    CancelForm,
    EditForm,
    LostForm,
    OutcomeForm,
    StepForm,
    WonForm,
    offered_bookers,
)
from app.work.appointments.detail_page import appointment_page, fill_people
from app.work.appointments.detail_queries import AppointmentDetail, get_appointment_detail, list_services
from app.work.appointments.place_rules import parts_of, read_line
from app.work.appointments.views import appointments


@appointments.get("/appointments/<uuid:appointment_id>")
@requires(Permission.APPOINTMENTS_READ)
def show(appointment_id: UUID) -> str:
    return _page(appointment_id)


@appointments.post("/appointments/<uuid:appointment_id>/complete")
@requires(Permission.APPOINTMENTS_WRITE)
def complete(appointment_id: UUID) -> Response:
    """Mark an appointment as completed."""
    actor, form = current_actor(), StepForm()
    return _change(
        appointment_id,
        form,
        lambda: service.complete(actor, appointment_id, version=form.opened_with, occurred_at=form.occurred_at.moment),
        form.done(_("Appointment completed.")),
    )


@appointments.post("/appointments/<uuid:appointment_id>/no-show")
@requires(Permission.APPOINTMENTS_WRITE)
def mark_no_show(appointment_id: UUID) -> Response:
    actor, form = current_actor(), StepForm()
    return _change(
        appointment_id,
        form,
        lambda: service.mark_no_show(
            actor, appointment_id, version=form.opened_with, occurred_at=form.occurred_at.moment
        ),
        _("Marked as a no-show."),
    )


@appointments.post("/appointments/<uuid:appointment_id>/cancel")
@requires(Permission.APPOINTMENTS_WRITE)
def cancel(appointment_id: UUID) -> Response:
    """Cancel an appointment, with the reason."""
    actor, form = current_actor(), CancelForm()
    return _change(
        appointment_id,
        form,
        lambda: service.cancel(actor, appointment_id, form.reason.data or "", version=form.opened_with),
        _("Appointment canceled."),
    )


@appointments.post("/appointments/<uuid:appointment_id>/won")
@requires(Permission.APPOINTMENTS_WRITE)
def win(appointment_id: UUID) -> Response:
    """Mark the deal of an appointment as won."""
    actor, form = current_actor(), WonForm()
    return _change(
        appointment_id,
        form,
        lambda: service.set_outcome(
            actor,
            appointment_id,
            form.outcome,
            deal_value=form.deal_value.data,
            version=form.opened_with,
            occurred_at=form.occurred_at.moment,
        ),
        form.done(_("Deal won.")),
    )


@appointments.post("/appointments/<uuid:appointment_id>/lost")
@requires(Permission.APPOINTMENTS_WRITE)
def lose(appointment_id: UUID) -> Response:
    """Mark the deal of an appointment as lost."""
    actor, form = current_actor(), LostForm()
    return _change(
        appointment_id,
        form,
        lambda: service.set_outcome(
            actor,
            appointment_id,
            form.outcome,
            lost_reason=form.lost_reason.data,
            version=form.opened_with,
            occurred_at=form.occurred_at.moment,
        ),
        form.done(_("Deal lost.")),
    )


@appointments.post("/appointments/<uuid:appointment_id>/reopen")
@requires(Permission.APPOINTMENTS_WRITE)
def reopen(appointment_id: UUID) -> Response:
    actor, form = current_actor(), StepForm()
    return _change(
        appointment_id,
        form,
        lambda: service.set_outcome(
            actor,
            appointment_id,
            AppointmentOutcome.OPEN,
            version=form.opened_with,
            occurred_at=form.occurred_at.moment,
        ),
        _("Outcome set to “Open”."),
    )


@appointments.post("/appointments/<uuid:appointment_id>/assign")
@requires(Permission.APPOINTMENTS_ASSIGN)
def assign(appointment_id: UUID) -> Response:
    """Assign another sales rep to an appointment."""
    actor, form = current_actor(), AssignForm()
    fill_people(actor, form, None)
    return _change(
        appointment_id,
        form,
        lambda: service.assign(actor, appointment_id, form.rep_id, version=form.opened_with),
        _("Sales rep changed."),
    )


@appointments.post("/appointments/<uuid:appointment_id>/credit")
@requires(Permission.APPOINTMENTS_ASSIGN)
def credit(appointment_id: UUID) -> Response:
    """Correct who booked an appointment, with the reason."""
    actor, form = current_actor(), BookerForm()
    form.csr.choices = offered_bookers(actor, None)
    return _change(
        appointment_id,
        form,
        lambda: service.credit(actor, appointment_id, form.csr_id, form.reason.data or "", version=form.opened_with),
        _("“Booked by” changed."),
    )


@appointments.get("/appointments/<uuid:appointment_id>/edit")
@requires(Permission.APPOINTMENTS_WRITE)
def edit(appointment_id: UUID) -> str:
    """Show the form that edits the service, the address and the notes of an appointment."""
    detail = writable(appointment_id)
    return _edit_page(detail, EditForm.of(detail.appointment))


@appointments.post("/appointments/<uuid:appointment_id>/edit")
@requires(Permission.APPOINTMENTS_WRITE)
def update(appointment_id: UUID) -> Response:
    actor, detail, form = current_actor(), writable(appointment_id), EditForm()
    with submitted(form, {"service_type": "service"}) as sent:
        form.check()
        service.edit(
            actor,
            appointment_id,
            service_type=form.service.data or "",
            place=read_line(form.place.data or "", parts_of(detail.appointment)),
            notes=form.notes.data or None,
            entered=form.declared_values,
            version=form.opened_with,
        )
        return _done(appointment_id, _("Appointment saved."))
    return make_response(_edit_page(detail, form), sent.status)


def writable(appointment_id: UUID) -> AppointmentDetail:
    """Return an appointment that the user can change.

    Raises NotFound, and Forbidden if the user can't change it.
    """
    actor = current_actor()
    detail = get_appointment_detail(actor, appointment_id)
    rules.refuse_others(detail.appointment, actor, Permission.APPOINTMENTS_WRITE)
    return detail


def _change(appointment_id: UUID, form: Form, change: Callable[[], object], done: str) -> Response:
    """Save a form of the page, or show the page with the form's errors."""
    with submitted(form) as sent:
        form.check()
        change()
        return _done(appointment_id, done, form.back.data if isinstance(form, OutcomeForm) else None)
    return make_response(_page(appointment_id, form), sent.status)


def _done(appointment_id: UUID, done: str, back: str | None = None) -> Response:
    flash(done, "good")
    return redirect(local_path(back) or url_for("appointments.show", appointment_id=appointment_id))


def _page(appointment_id: UUID, form: Form | None = None) -> str:
    actor = current_actor()
    shown = appointment_page(actor, get_appointment_detail(actor, appointment_id), form)
    return render_template("work/appointments/show.html", shown=shown, submitted=form)


def _edit_page(detail: AppointmentDetail, form: EditForm) -> str:
    services = list_services(current_actor())
    return render_template("work/appointments/edit.html", detail=detail, form=form, services=services)
