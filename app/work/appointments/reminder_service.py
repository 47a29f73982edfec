"""The reminder of an appointment: a task to call the contact before it."""

from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import Conflict
from app.models import Task
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.appointments import rules
from app.work.appointments.detail_queries import get_appointment_detail
from app.work.appointments.reminder_queries import REMINDER, find_reminder
from app.work.tasks import service as tasks
from app.work.tasks.rules import NewTaskInput


def add_reminder(actor: Actor, appointment_id: UUID, task_id: UUID, title: str, now: datetime) -> Task:
    """Create a task for `actor` to remind the contact of an appointment, due a day or an hour before it.

    `task_id` is generated with the button. An appointment that has a reminder gets no other one. Raises NotFound,
    Forbidden, and Conflict for an appointment that is over.
    """
    actor.requires(Permission.TASKS_WRITE)
    row = get_appointment_detail(actor, appointment_id).appointment
    there = find_reminder(actor, appointment_id)
    if there is not None:
        return there
    if not rules.is_to_come(row.status):
        raise Conflict(None, _l("This appointment is no longer scheduled, so there’s nothing to remind of."))
    given = NewTaskInput(
        title=title,
        due_at=rules.reminder_due(row.scheduled_start_at, now),
        assigned_to_user_id=actor.reference_id,
        appointment_id=appointment_id,
    )
    return tasks.create(actor, task_id, given, category=REMINDER)
