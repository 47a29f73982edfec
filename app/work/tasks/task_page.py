"""Content of a task's page: the task, its actions and its history."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.queries import HistoryEntry
from app.errors import LazyText
from app.lists.choices import Choice
from app.lists.history_page import Change, Happened
from app.security.actor import Actor
from app.web.labels import label
from app.work.tasks import rules
from app.work.tasks.detail_queries import TaskDetail
from app.work.tasks.quick_add_queries import assignable
from app.work.tasks.resource import TASK

#: Labels that differ from those of the list.
_FIELDS: dict[str, LazyText] = {
    "description": _l("Description"),
    "call_id": _l("Call"),
    "appointment_id": _l("Appointment"),
}
#: Fields for which the history shows the values too.
_KINDS_OF_VALUES = {"status": "TaskStatus", "priority": "TaskPriority"}
#: Fields left out of the history: internal ones, and those that change together with another.
_BESIDES = frozenset({"version", "completed_at", "assigned_to_type", "category", "created_by_label"})

#: Title and icon of each action in the history.
_KINDS: dict[str, tuple[LazyText, str]] = {
    "task.created": (_l("Added by %(name)s"), "plus"),
    Action.TASK_COMPLETED: (_l("Completed by %(name)s"), "check"),
    Action.TASK_REOPENED: (_l("Reopened by %(name)s"), "undo-2"),
    Action.TASK_SNOOZED: (_l("Snooze changed by %(name)s"), "alarm-clock"),
    Action.TASK_DATE_MOVED: (_l("Due date changed by %(name)s"), "calendar"),
    Action.TASK_ASSIGNED: (_l("Assignee changed by %(name)s"), "user"),
}
_CHANGED = (_l("Changed by %(name)s"), "pencil")


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Context of the template of a task's page.

    `people` are the possible assignees; empty if the viewer can't change the task.
    """

    detail: TaskDetail
    may_change: bool
    people: Sequence[Choice]
    moments: Sequence[Happened]

    @property
    def is_open(self) -> bool:
        """True if the task is still to be done."""
        return self.detail.task.status in rules.OPEN


def task_page(actor: Actor, detail: TaskDetail) -> TaskPage:
    """Return the context of the task's page as `actor` sees it."""
    may_change = rules.may_change(detail.task, actor)
    return TaskPage(
        detail=detail,
        may_change=may_change,
        people=offered_to(actor, detail) if may_change else (),
        moments=list(_moments(detail.history)),
    )


def offered_to(actor: Actor, detail: TaskDetail | None = None) -> list[Choice]:
    """Return the people to whom `actor` can assign the task, including its current assignee."""
    people = list(assignable(actor))
    task = detail.task if detail else None
    if task is None or task.assigned_to_user_id is None:
        return people
    if not any(person.id == task.assigned_to_user_id for person in people):
        people.append(Choice(task.assigned_to_user_id, detail.assignee or "" if detail else ""))
    return [person for person in people if rules.may_assign(actor, task.assigned_to_user_id, person.id)]


def _moments(history: Sequence[HistoryEntry]) -> Iterator[Happened]:
    for entry in history:
        changes = [_change(name, *values) for name, values in entry.changes.items() if name not in _BESIDES]
        title, icon = _KINDS.get(entry.action, _CHANGED)
        if entry.action in _KINDS or changes:
            yield Happened(entry.at, str(title) % {"name": entry.actor_label}, icon, changes)


def _change(name: str, before: object, after: object) -> Change:
    words = str(_FIELDS.get(name) or TASK.recorded.get(name) or name.replace("_", " ").capitalize())
    kind = _KINDS_OF_VALUES.get(name)
    if kind is None:
        return Change(words)
    return Change(words, *(label(str(value) if value else None, kind) for value in (before, after)))
