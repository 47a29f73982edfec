"""Queries for the list of tasks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.db.paging import Sort
from app.db.search import is_found
from app.models import Appointment, Call, ContactCard, PendingAction, Task, User
from app.periods import midnight
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.work.contacts.queries import is_of_contact
from app.work.tasks.filters import TaskFilters

#: Sort key of tasks without a due date, which come last.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_DUE = func.coalesce(Task.due_at, NEVER)

SORTS = (Sort("dueDate", _DUE, Task.id, descending=False, value_of=lambda row: row.due_at or NEVER),)


def task_conditions(filters: TaskFilters, actor: Actor) -> list[ColumnElement[bool]]:
    """Return `filters` as SQL conditions."""
    found: list[ColumnElement[bool]] = [Task.deleted_at.is_(None)]
    if filters.q:
        called_so = is_found(Task.id, "tasks_found", filters.q)
        found.append(or_(called_so, is_of_contact(Task.contact_card_id, filters.q)))
    if filters.status:
        found.append(is_any_of(Task.status, filters.status))
    if filters.priority:
        found.append(is_any_of(Task.priority, filters.priority))
    if filters.assignee is not None:
        found.append(Task.assigned_to_user_id == (actor.user_id if filters.assignee == "me" else filters.assignee))
    if filters.giver is not None:
        found += [Task.created_by == actor.user_id, Task.assigned_to_user_id.is_distinct_from(actor.user_id)]
    if filters.done is not None:
        zone = ZoneInfo(actor.timezone)
        found.append(Task.completed_at >= midnight(datetime.now(zone).date(), zone))
    if filters.snoozed is not None:
        now = datetime.now(UTC)
        is_over = or_(Task.snoozed_until.is_(None), Task.snoozed_until <= now)
        found.append(Task.snoozed_until > now if filters.snoozed else is_over)
    return found


def _list_conditions(filters: TaskFilters, actor: Actor, _now: datetime) -> list[ColumnElement[bool]]:
    return task_conditions(filters, actor)


_ROW = (
    select(
        Task.id,
        Task.version,
        Task.title,
        Task.status,
        Task.priority,
        Task.due_at,
        Task.snoozed_until,
        Task.completed_at,
        Task.created_by_label,
        Task.contact_card_id,
        ContactCard.display_name.label("contact_name"),
        User.name.label("assignee_name"),
    )
    .outerjoin(
        ContactCard,
        refers_to(ContactCard, Task, Task.contact_card_id),
    )
    .outerjoin(User, refers_to(User, Task, Task.assigned_to_user_id))
    .execution_options(include_deleted=True)
)


_Giver = aliased(User, name="giver")
_Suggested = aliased(PendingAction, name="suggested")

_RECORD = (
    select(
        Task.id,
        Task.title,
        Task.description,
        Task.status,
        Task.priority,
        Task.assigned_to_user_id.label("assigned_to"),
        User.name.label("assigned_to_name"),
        Task.assigned_to_type,
        Task.created_by,
        func.coalesce(_Giver.name, func.nullif(Task.created_by_label, "")).label("created_by_name"),
        Task.due_at.label("due_date"),
        Task.due_at,
        Task.snoozed_until,
        Task.completed_at,
        Task.category,
        _Suggested.raw_text,
        ContactCard.display_name.label("contact_name"),
        Task.created_at,
        Task.updated_at,
        Task.version,
    )
    .outerjoin(ContactCard, refers_to(ContactCard, Task, Task.contact_card_id))
    .outerjoin(User, refers_to(User, Task, Task.assigned_to_user_id))
    .outerjoin(_Giver, refers_to(_Giver, Task, Task.created_by))
    .outerjoin(_Suggested, refers_to(_Suggested, Task, Task.pending_action_id))
    .execution_options(include_deleted=True)
)


#: The tasks that `actor` can see and that match `filters`, the earliest due date first.
task_list = ListOf(
    Task,
    _ROW,
    narrow=_list_conditions,
    sorts=SORTS,
    links=((Task.call_id, Call),),
)

#: The same tasks with all their values.
task_records = ListOf(
    Task,
    _RECORD,
    narrow=_list_conditions,
    sorts=SORTS,
    links=((Task.contact_card_id, ContactCard), (Task.call_id, Call), (Task.appointment_id, Appointment)),
)
