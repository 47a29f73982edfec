"""Queries for one task and the records it refers to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row
from sqlalchemy.orm import aliased

from app.audit.queries import HistoryEntry, list_history
from app.db.joins import refers_to
from app.db.session import INCLUDE_DELETED
from app.errors import FieldError, NotFound, ValidationFailed
from app.extensions import db
from app.models import Appointment, Call, ContactCard, PendingAction, Task, User
from app.security.actor import Actor
from app.security.rows import find_row, get_row
from app.security.scope import visible, visible_id
from app.work.tasks.rules import Links

_Giver = aliased(User, name="giver")

_OTHER_CONTACT = {
    "call_id": _l("This call is with another contact than the task is about."),
    "appointment_id": _l("This appointment is with another contact than the task is about."),
}


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """One task with its related records.

    `about` holds the IDs of the contact, the call and the appointment that the viewer can see. An appointment in the
    trash is only indicated by `in_trash`. Names of deleted people and contacts are included.
    """

    task: Task
    contact_name: str | None
    about: Links
    in_trash: bool
    #: Names of the assignee and of the creator; None if there is none.
    assignee: str | None
    giver: str | None
    #: The text from the analysis, if the task was created from a suggestion.
    raw_text: str | None
    history: Sequence[HistoryEntry]


@dataclass(frozen=True, slots=True)
class Subject:
    """The records that a new task refers to, for its form.

    Those that it doesn't refer to are None.
    """

    links: Links
    contact_name: str | None = None
    call: Row[Any] | None = None
    appointment: Row[Any] | None = None


def get_task(actor: Actor, task_id: UUID, *, lock: bool = False) -> Task:
    """Return the task. Raises NotFound if it doesn't exist for `actor`.

    With `lock`, the row is locked until the transaction ends and read again, so that a check of its state stays valid.
    """
    return get_row(actor, Task, task_id, named="task", lock=lock)


def find_task(actor: Actor, task_id: UUID) -> Task | None:
    """Return the task if `actor` can see it, otherwise None."""
    return find_row(actor, Task, task_id)


def get_task_detail(actor: Actor, task_id: UUID) -> TaskDetail:
    """Return the task with what `actor` can see of it, in two statements. Raises NotFound."""
    db.session.flush()  # a form may just have changed it
    statement = (
        visible(Task, actor)
        .add_columns(
            ContactCard.display_name,
            visible_id(Task.contact_card_id, ContactCard, actor),
            visible_id(Task.call_id, Call, actor),
            visible_id(Task.appointment_id, Appointment, actor),
            Appointment.deleted_at.is_not(None).label("in_trash"),
            User.name.label("assignee"),
            _Giver.name.label("giver"),
            PendingAction.raw_text,
        )
        .outerjoin(ContactCard, refers_to(ContactCard, Task, Task.contact_card_id))
        .outerjoin(Appointment, refers_to(Appointment, Task, Task.appointment_id))
        .outerjoin(User, refers_to(User, Task, Task.assigned_to_user_id))
        .outerjoin(_Giver, refers_to(_Giver, Task, Task.created_by))
        .outerjoin(PendingAction, refers_to(PendingAction, Task, Task.pending_action_id))
        .where(Task.id == task_id, Task.deleted_at.is_(None))
    )
    found = db.session.execute(statement, execution_options={INCLUDE_DELETED: True}).one_or_none()
    if found is None:
        raise NotFound("task", task_id)
    task: Task = found[0]
    in_trash = found.appointment_id is not None and found.in_trash
    return TaskDetail(
        task=task,
        contact_name=found.display_name,
        about=Links(found.contact_card_id, found.call_id, None if in_trash else found.appointment_id),
        in_trash=in_trash,
        assignee=found.assignee,
        giver=found.giver or task.created_by_label or None,
        raw_text=found.raw_text,
        history=list_history(actor, "task", task_id),
    )


def get_subject(actor: Actor, links: Links) -> Links:
    """Return `links` with the contact of the call or the appointment added.

    Raises NotFound for records that `actor` can't see, and ValidationFailed for a call or an appointment with another
    contact.
    """
    return get_context(actor, links).links


def get_context(actor: Actor, links: Links) -> Subject:
    """Return the records that a new task refers to, with the contact of its call or appointment.

    Raises NotFound, and ValidationFailed for a call or an appointment with another contact.
    """
    call = _get(actor, Call, links.call_id, "call", Call.contact_card_id, Call.started_at)
    of = Appointment.contact_card_id, Appointment.scheduled_start_at, Appointment.service_type
    appointment = _get(actor, Appointment, links.appointment_id, "appointment", *of)
    brought = {name: row.contact_card_id for name, row in (("call_id", call), ("appointment_id", appointment)) if row}
    contact_id = links.contact_card_id or next(filter(None, brought.values()), None)
    contact = _get(actor, ContactCard, contact_id, "contact_card", ContactCard.display_name)
    wrong = [name for name, theirs in brought.items() if theirs not in (None, contact_id)]
    if wrong:
        raise ValidationFailed([FieldError(name, _OTHER_CONTACT[name]) for name in wrong])
    return Subject(
        links=Links(contact_id, links.call_id, links.appointment_id),
        contact_name=contact.display_name if contact else None,
        call=call,
        appointment=appointment,
    )


def _get(actor: Actor, model: Any, row_id: UUID | None, named: str, *columns: Any) -> Row[Any] | None:
    if row_id is None:
        return None
    found = db.session.execute(
        visible(model, actor).with_only_columns(*columns).where(model.id == row_id)
    ).one_or_none()
    if found is None:
        raise NotFound(named, row_id)
    return found
