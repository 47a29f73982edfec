"""Declaration of tasks and suggested tasks as resources: names, permissions, list and fields."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext

from app.audit.actions import Action
from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Priority
from app.declarations.found import Finder, Found
from app.declarations.listed import Grouping, Listed, Option
from app.declarations.merging import Merging
from app.declarations.resource import Resource, Words
from app.declarations.revertible import Revertible, each
from app.declarations.stored import not_entered, not_returned, returned_as
from app.models import PendingAction, Task, TaskPriority, TaskStatus
from app.security import own_rows
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import Scope
from app.web.labels import flag_label
from app.work.contacts.queries import CONTACT_FINDER
from app.work.contacts.resource import contact_title
from app.work.tasks.duplicate_queries import find_duplicate_actions, find_tasks_of_duplicates
from app.work.tasks.filters import TaskFilters
from app.work.tasks.group_rules import group_of
from app.work.tasks.person_resource import TASK_PERSON
from app.work.tasks.queries import SORTS, task_list
from app.work.tasks.rules import OPEN, SnoozeInput, TaskInput


def _own_option(_actor: Actor) -> list[Option]:
    return [("me", _("Me"))]


TASK_LIST = Listed(
    name="tasks",
    label=_l("Tasks"),
    endpoint="tasks.index",
    permission=Permission.TASKS_READ,
    filters=TaskFilters,
    query=task_list,
    sorts=SORTS,
    bar_label=_l("Filter tasks"),
    pickers=("status", "priority", "snoozed", "assignee"),
    also_offered={"status": (("pending,in_progress", _l("Not done")),)},
    offered={
        "snoozed": lambda _actor: [(value, flag_label(value)) for value in ("no", "yes")],
        "assignee": _own_option,
        "giver": _own_option,
        "done": lambda _actor: [("today", _("Today"))],
    },
    linked=("giver", "done"),
    opening=lambda _actor: {"status": ",".join(OPEN), "snoozed": "no", "sort": SORTS[0].name},
    filter_words={
        "q": _l("Task, name, number, company, email or address"),
        "giver": lazy_pgettext("task", "Assigned by"),
        "done": lazy_pgettext("task", "Completed"),
        "snoozed": lazy_pgettext("task", "Snoozed"),
    },
    # Groups of due dates are only in the order of the list if it shows open tasks only.
    groups=Grouping(SORTS[0].name, group_of, lambda filters: bool(filters.status) and set(filters.status) <= set(OPEN)),
)


TASK = Resource(
    name="task",
    model=Task,
    page=("tasks.show", "task_id"),
    words=Words(
        _l("task"), _l("tasks"), lambda n, count: ngettext("%(count)s task", "%(count)s tasks", n, count=count)
    ),
    icon="list-todo",
    title=lambda: Task.title,
    scope=Scope((Permission.TASKS_READ,), own_rows.tasks),
    revert=Revertible(
        Action.TASK_REVERTED,
        each(Permission.TASKS_WRITE, "title", "description", "priority", "due_at", "snoozed_until", "category")
        | each(Permission.TASKS_WRITE, "status", "completed_at", "contact_card_id", "call_id", "appointment_id")
        | each(Permission.TASKS_ASSIGN, "assigned_to_user_id", "assigned_to_type"),
        able=frozenset({"assigned_to_user_id"}),
        inputs=(TaskInput, SnoozeInput),
    ),
    listed=TASK_LIST,
    found=Found(
        by=((Finder("tasks_found", "tasks_misspelt"), Task.id), (CONTACT_FINDER, Task.contact_card_id)),
        at=lambda: Task.updated_at,
        line=lambda: {"contact": contact_title(Task)(), "status": Task.status, "due_at": Task.due_at},
        order=1,
    ),
    person=TASK_PERSON,
    merging=Merging(Task.contact_card_id, find_tasks_of_duplicates),
    stored=(
        returned_as("assigned_to", "assigned_to_user_id"),
        returned_as("due_date", "due_at"),
        not_returned("Programs find the task of a suggestion in the suggestion.", "pending_action_id"),
        not_returned("It only says whether a person or an analysis added the task.", "source"),
        not_entered("Completing the task sets it.", "completed_at"),
        not_entered("It follows from the way in which the task was added.", "pending_action_id", "source"),
    ),
    fields=(
        Field("title", _l("Task"), column=Column(is_fixed=True)),
        Field("contact", _l("Contact"), file=FileColumn(), shows="contact_name", recorded=("contact_card_id",)),
        Field("due_at", _l("Due"), Moment(), Column(Priority.WIDE)),
        Field("snoozed_until", _l("Snoozed until"), Moment(), file=FileColumn()),
        Field("status", _l("Status"), Choice(TaskStatus), Column(Priority.WIDE)),
        Field(
            "priority",
            _l("Priority"),
            Choice(TaskPriority, {"high": "warn", "urgent": "warn"}),
            Column(Priority.WIDER),
        ),
        Field(
            "assignee",
            lazy_pgettext("task", "Assigned to"),
            column=Column(Priority.WIDER),
            shows="assignee_name",
            recorded=("assigned_to_user_id",),
        ),
    ),
)


PENDING_ACTION = Resource(
    name="pending_action",
    model=PendingAction,
    words=Words(
        _l("suggested task"),
        _l("suggested tasks"),
        lambda n, count: ngettext("%(count)s suggested task", "%(count)s suggested tasks", n, count=count),
    ),
    icon="sparkles",
    title=lambda: PendingAction.raw_text,
    scope=Scope((Permission.TASKS_READ,), own_rows.pending_actions),
    merging=Merging(PendingAction.contact_card_id, find_duplicate_actions),
    stored=(
        returned_as("assigned_to", "assigned_to_user_id"),
        returned_as("due_date", "due_at"),
        not_entered(
            "The analysis of a call suggests it.",
            "contact_card_id",
            "call_id",
            "appointment_id",
            "assigned_to_type",
            "assigned_to_user_id",
            "category",
            "raw_text",
            "due_at",
        ),
        not_entered("Adding the task or dismissing the suggestion sets it.", "status"),
    ),
)
