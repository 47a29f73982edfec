"""Queries for the tasks of an appointment, one of which can be its reminder."""

from collections.abc import Sequence
from uuid import UUID

from app.extensions import db
from app.models import Appointment, Task
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import visible
from app.work.tasks.rules import OPEN

#: Category of the task that is the reminder of an appointment.
REMINDER = "reminder"
_MAX_TASKS = 20


def list_open_tasks(actor: Actor, appointment: Appointment) -> Sequence[Task]:
    """Return the open tasks about an appointment that `actor` can see, the first due first."""
    if not actor.may(Permission.TASKS_READ):
        return ()
    return _open_tasks(actor, appointment.id)


def find_reminder(actor: Actor, appointment_id: UUID) -> Task | None:
    """Return the open reminder of an appointment that `actor` can see, or None."""
    return reminder_among(_open_tasks(actor, appointment_id))


def reminder_among(tasks: Sequence[Task]) -> Task | None:
    """Return the reminder among the open tasks of an appointment, or None."""
    return next((task for task in tasks if task.category == REMINDER), None)


def _open_tasks(actor: Actor, appointment_id: UUID) -> Sequence[Task]:
    about = visible(Task, actor).where(
        Task.appointment_id == appointment_id, Task.status.in_(OPEN), Task.deleted_at.is_(None)
    )
    return db.session.scalars(about.order_by(Task.due_at, Task.id).limit(_MAX_TASKS)).all()
