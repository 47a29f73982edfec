"""The list of tasks."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response
from flask_babel import gettext as _

from app.lists.filter_words import chip_words
from app.lists.listing import given_parameters, render_list, show_list
from app.lists.tools_page import list_tools
from app.models import TaskPriority, TaskStatus
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.deletion_views import delete_from_list
from app.web.labels import options
from app.work.tasks.filters import TaskFilters
from app.work.tasks.queries import task_list
from app.work.tasks.resource import TASK, TASK_LIST

tasks = Blueprint("tasks", __name__)


@tasks.get("/tasks")
@requires(Permission.TASKS_READ)
def index() -> Response:
    """Tasks within the scope, the earliest date first."""
    actor = current_actor()
    words = chip_words(TASK, TASK_LIST, {"assignee": lambda value: str(_("me")) if value == "me" else value})
    listing = show_list(task_list(actor, TaskFilters.parse(given_parameters())), "tasks.index", words)
    return render_list(
        "work/tasks/index.html",
        "work/tasks/_list.html",
        listing,
        tools=list_tools(actor, TASK, TASK_LIST, listing, own=("title", "due_at")),
        statuses=options(TaskStatus),
        priorities=options(TaskPriority),
        now=datetime.now(UTC),
    )


@tasks.post("/tasks/<uuid:task_id>/delete")
@requires(Permission.TASKS_DELETE)
def delete(task_id: UUID) -> Response:
    """Put a task into the trash."""
    return delete_from_list("task", task_id, _("Task deleted."), "tasks.index")
