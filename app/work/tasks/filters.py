"""What a list of tasks can be narrowed to."""

from typing import Annotated, Literal
from uuid import UUID

from app.db.filters import NAMES_PERSON, Blank, Filters, Search, Several
from app.models import TaskPriority, TaskStatus


class TaskFilters(Filters):
    """Filters of `/tasks`. `assignee=me` is the person who looks."""

    q: Search = ""
    status: Annotated[tuple[TaskStatus, ...], Several] = ()
    priority: Annotated[tuple[TaskPriority, ...], Several] = ()
    assignee: Annotated[UUID | Literal["me"] | None, Blank, NAMES_PERSON] = None
