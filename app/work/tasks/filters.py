"""What a list of tasks can be narrowed to."""

from typing import Annotated, Literal
from uuid import UUID

from app.db.filters import NAMES_PERSON, Blank, Filters, Search, Several
from app.models import TaskPriority, TaskStatus


class TaskFilters(Filters):
    """Filters of `/tasks`. `assignee=me` is the person who looks, `giver=me` what they gave to others.

    `done=today` is what was completed since the day began, `snoozed=yes` what is put off until later.
    """

    q: Search = ""
    status: Annotated[tuple[TaskStatus, ...], Several] = ()
    priority: Annotated[tuple[TaskPriority, ...], Several] = ()
    assignee: Annotated[UUID | Literal["me"] | None, Blank, NAMES_PERSON] = None
    giver: Annotated[Literal["me"] | None, Blank] = None
    done: Annotated[Literal["today"] | None, Blank] = None
    snoozed: Annotated[bool | None, Blank] = None
