"""The list of tasks."""

from datetime import UTC, datetime

from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.models import TaskPriority, TaskStatus
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.tasks.filters import TaskFilters
from app.tasks.queries import task_list
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
    return render(
        "tasks/index.html",
        "tasks/_list.html",
        listing=show_list(task_list(actor, TaskFilters.parse(given_parameters())), "tasks.index", words),
        statuses=options(TaskStatus),
        priorities=options(TaskPriority),
        now=datetime.now(UTC),
    )
