"""Tasks created and changed by programs; a change can include an action."""

from collections.abc import Callable, Mapping
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.declarations.record import Record
from app.errors import MISSING_REQUIRED_FIELD, FieldError, ValidationFailed
from app.extensions import db
from app.models import Task, TaskStatus
from app.security.actor import Actor
from app.work.tasks import detail_queries, service
from app.work.tasks.rules import OPEN, Links, NewTaskInput
from app.work.tasks.schemas import NewTaskBody, TaskChanges, TaskRecord

_LINKS = ("contact_card_id", "call_id", "appointment_id")


def create_task(actor: Actor, task_id: UUID, given: NewTaskBody) -> Task:
    """Create a task for a person, or for everyone with a role.

    Raises ValidationFailed if it is for no one, and what `service.create` raises.
    """
    if given.assigned_to_user_id is None and given.assigned_to_type is None:
        missing = _l("Enter the person the task is for, or a role in “assignedToType”.")
        raise ValidationFailed([FieldError("assigned_to_user_id", missing, MISSING_REQUIRED_FIELD)])
    links = {name: getattr(given, name) for name in _LINKS}
    new = NewTaskInput.of({**given.task(actor.timezone).values(), **links})
    return service.create(actor, task_id, new, kind=given.assigned_to_type, category=given.category)


def record_of_new(actor: Actor, task: Task) -> Record | None:
    """Return the record of a task that `actor` has just created; None if it names another person or a contact."""
    if any((task.assigned_to_user_id, *(getattr(task, name) for name in _LINKS))):
        return None
    names = {"assigned_to": None, "assigned_to_name": None, "contact_name": None, "raw_text": None}
    stored = {name: getattr(task, name) for name in TaskRecord.model_fields if hasattr(Task, name)}
    return TaskRecord.of({**names, **stored, "created_by_name": actor.name or None, "due_date": task.due_at})


def change_task(actor: Actor, task_id: UUID, given: TaskChanges, version: int) -> None:
    """Change a task, then run the action of a `status` that was sent.

    Raises NotFound, Forbidden, ValidationFailed, and what the action raises.
    """
    task = service.edit(actor, task_id, given.task(actor.timezone), version=version)
    sent = given.model_fields_set
    if "assigned_to_type" in sent:
        service.assign_role(actor, task, given.assigned_to_type)
    if "category" in sent:
        task.category = given.category
    if sent & set(_LINKS):
        about = detail_queries.get_subject(actor, Links(given.contact_card_id, given.call_id, given.appointment_id))
        task.contact_card_id, task.call_id, task.appointment_id = (
            about.contact_card_id,
            about.call_id,
            about.appointment_id,
        )
    opens = given.status in OPEN
    if "status" in sent and opens:
        _ACTIONS[given.status](actor, task_id)
    if "snoozed_until" in sent:
        service.snooze(actor, task_id, given.snoozed_until)
    if "status" in sent and not opens:
        _ACTIONS[given.status](actor, task_id)
    db.session.flush()


def _start(actor: Actor, task_id: UUID) -> None:
    if detail_queries.get_task(actor, task_id).status not in OPEN:
        service.reopen(actor, task_id, TaskStatus.IN_PROGRESS)
    else:
        service.start(actor, task_id)


def _set_pending(actor: Actor, task_id: UUID) -> None:
    if detail_queries.get_task(actor, task_id).status == TaskStatus.IN_PROGRESS:
        service.pause(actor, task_id)
    else:
        service.reopen(actor, task_id)


_ACTIONS: Mapping[TaskStatus, Callable[[Actor, UUID], object]] = {
    TaskStatus.PENDING: _set_pending,
    TaskStatus.IN_PROGRESS: _start,
    TaskStatus.COMPLETED: service.complete,
    TaskStatus.CANCELLED: service.cancel,
}
