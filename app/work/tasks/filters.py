"""Filters of the list of tasks."""

from typing import Annotated, Literal
from uuid import UUID

from app.db.filters import NAMES_PERSON, Blank, Filters, Search, Several
from app.models import TaskPriority, TaskStatus


class TaskFilters(Filters):
    """Filters of `/tasks`.

    `assignee=me` matches the tasks of the viewer, `giver=me` those that the viewer created and that aren't assigned to
    the viewer. `done=today` matches tasks completed since midnight, `snoozed=yes` those that are snoozed now.
    """

    q: Search = ""
    status: Annotated[tuple[TaskStatus, ...], Several] = ()
    priority: Annotated[tuple[TaskPriority, ...], Several] = ()
    assignee: Annotated[UUID | Literal["me"] | None, Blank, NAMES_PERSON] = None
    giver: Annotated[Literal["me"] | None, Blank] = None
    done: Annotated[Literal["today"] | None, Blank] = None
    snoozed: Annotated[bool | None, Blank] = None
