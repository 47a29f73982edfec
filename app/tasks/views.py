"""The list of tasks."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.models import ListPage, TaskPriority, TaskStatus
from app.saved_views.menu import view_menu
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.tasks.filters import TaskFilters
from app.tasks.queries import task_list
from app.trash.page import delete_from_list
from app.web.htmx import render
from app.web.labels import options
from app.web.lists import given_parameters, show_list, words_of

tasks = Blueprint("tasks", __name__)


@tasks.get("/tasks")
@requires(Permission.TASKS_READ)
def index() -> str:
    """Tasks within the scope, the earliest date first."""
    actor = current_actor()
    words = {
        "assignee": (_l("Assigned to"), lambda value: str(_("me")) if value == "me" else value),
        "status": (_l("Status"), words_of("TaskStatus")),
        "priority": (_l("Priority"), words_of("TaskPriority")),
    }
    listing = show_list(task_list(actor, TaskFilters.parse(given_parameters())), "tasks.index", words)
    return render(
        "tasks/index.html",
        "tasks/_list.html",
        listing=listing,
        views=view_menu(actor, ListPage.TASKS, listing),
        statuses=options(TaskStatus),
        priorities=options(TaskPriority),
        now=datetime.now(UTC),
    )


@tasks.post("/tasks/<uuid:task_id>/delete")
@requires(Permission.TASKS_DELETE)
def delete(task_id: UUID) -> Response:
    """Put a task into the trash."""
    return delete_from_list("task", task_id, _("Task deleted."), "tasks.index")
