"""Next steps right after a booking: undoing it, adding a reminder, taking the next caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask_babel import gettext as _

from app.db.ids import uuid7
from app.models import Appointment, Task
from app.security.actor import Actor
from app.security.permissions import Permission
from app.web.formatting import contact_name
from app.work.appointments import rules
from app.work.appointments.detail_queries import AppointmentDetail
from app.work.appointments.reminder_queries import list_open_tasks, reminder_among


@dataclass(frozen=True, slots=True)
class AfterBooking:
    """The next steps after a booking, and the reminder that was added.

    `task_id` is the id that the reminder gets, so that pressing the button twice adds one.
    """

    may_undo: bool
    may_remind: bool
    may_take_next: bool
    reminder: Task | None
    task_id: str


def after_booking(actor: Actor, appointment: Appointment, tasks: Sequence[Task] | None = None) -> AfterBooking:
    """Return the next steps of `actor` after they booked this appointment; `tasks` are its open tasks, if known."""
    reminder = reminder_among(list_open_tasks(actor, appointment) if tasks is None else tasks)
    return AfterBooking(
        may_undo=rules.may_undo_booking(appointment, actor, datetime.now(UTC)),
        may_remind=reminder is None and actor.may(Permission.TASKS_WRITE) and rules.is_to_come(appointment.status),
        may_take_next=actor.may(Permission.MISSED_CALLS_WORK) and actor.reference_id is not None,
        reminder=reminder,
        task_id=str(uuid7()),
    )


def reminder_title(detail: AppointmentDetail) -> str:
    """Return the title of the task that is the reminder of an appointment."""
    if not detail.name:
        return str(_("Remind the contact of the appointment"))
    return str(_("Remind %(name)s of the appointment", name=contact_name(detail.name)))
