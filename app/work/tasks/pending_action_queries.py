"""Queries for suggested tasks."""

from sqlalchemy import ColumnElement, select

from app.db.joins import refers_to
from app.db.paging import Selection, newest_or_oldest_first
from app.models import Appointment, Call, ContactCard, PendingAction, Task, User
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.scope import restrict

_RECORD = (
    select(
        PendingAction.id,
        PendingAction.category,
        PendingAction.raw_text,
        PendingAction.status,
        PendingAction.assigned_to_user_id.label("assigned_to"),
        User.name.label("assigned_to_name"),
        PendingAction.assigned_to_type,
        PendingAction.due_at.label("due_date"),
        ContactCard.display_name.label("contact_name"),
        PendingAction.created_by,
        PendingAction.created_at,
        PendingAction.updated_at,
        PendingAction.version,
    )
    .outerjoin(ContactCard, refers_to(ContactCard, PendingAction, PendingAction.contact_card_id))
    .outerjoin(User, refers_to(User, PendingAction, PendingAction.assigned_to_user_id))
    .execution_options(include_deleted=True)
)


def _record(actor: Actor) -> Selection:
    task = (Task.organization_id == PendingAction.organization_id) & (Task.pending_action_id == PendingAction.id)
    visible = restrict(select(Task.id).where(task), Task, actor).correlate_except(Task).scalar_subquery()
    return _RECORD.add_columns(visible.label("task_id"))


def _not_deleted_conditions() -> list[ColumnElement[bool]]:
    return [PendingAction.deleted_at.is_(None)]


#: The suggested tasks that `actor` can see, the newest first.
pending_action_records = ListOf(
    PendingAction,
    _record,
    narrow=lambda _filters, _actor, _now: _not_deleted_conditions(),
    sorts=newest_or_oldest_first("createdAt", PendingAction.created_at, PendingAction.id),
    links=(
        (PendingAction.contact_card_id, ContactCard),
        (PendingAction.call_id, Call),
        (PendingAction.appointment_id, Appointment),
    ),
)
