"""Reading one task with what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import aliased

from app.audit.queries import HistoryEntry, list_history
from app.db.joins import refers_to
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import Appointment, Call, ContactCard, PendingAction, Task, User
from app.security.actor import Actor
from app.security.rows import find_row, get_row
from app.security.scope import visible, visible_id
from app.work.tasks.rules import Links

_Giver = aliased(User, name="giver")


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """One task with what belongs to it.

    `about` are the contact, the call and the appointment that `actor` may see; an appointment `in_trash` is only told
    of. People and contacts that are deleted are there too: they say who it was.
    """

    task: Task
    contact_name: str | None
    about: Links
    in_trash: bool
    #: The assignee and whoever has made it; None where nobody is named.
    assignee: str | None
    giver: str | None
    #: What an analysis said, where the task was made from that.
    raw_text: str | None
    history: Sequence[HistoryEntry]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a new task is about, for the form: the names are None where it is about none."""

    links: Links
    contact_name: str | None = None
    call: Row[Any] | None = None
    appointment: Row[Any] | None = None


def get_task(actor: Actor, task_id: UUID, *, lock: bool = False) -> Task:
    """The task; raises NotFound when it is not there for `actor`.

    With `lock`, it is held until the transaction ends and read anew, so that a check of its state stays true.
    """
    return get_row(actor, Task, task_id, named="task", lock=lock)


def find_task(actor: Actor, task_id: UUID) -> Task | None:
    """A task that `actor` may see."""
    return find_row(actor, Task, task_id)


def get_task_detail(actor: Actor, task_id: UUID) -> TaskDetail:
    """The task with what `actor` may see of it, in two statements; raises NotFound."""
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
    """`links` with the contact of the call or the appointment; raises NotFound for what `actor` may not see."""
    return get_context(actor, links).links


def get_context(actor: Actor, links: Links) -> Subject:
    """What a new task is about, in words; a call or an appointment brings its contact.

    Raises NotFound, also for a contact that is named beside another whom the call or the appointment brings.
    """
    call = _get(actor, Call, links.call_id, "call", Call.contact_card_id, Call.started_at)
    of = Appointment.contact_card_id, Appointment.scheduled_start_at, Appointment.service_type
    appointment = _get(actor, Appointment, links.appointment_id, "appointment", *of)
    brought = next((row.contact_card_id for row in (call, appointment) if row and row.contact_card_id), None)
    contact_id = links.contact_card_id or brought
    if brought not in (None, contact_id):
        raise NotFound("contact_card", contact_id)
    contact = _get(actor, ContactCard, contact_id, "contact_card", ContactCard.display_name)
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
