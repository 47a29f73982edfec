"""Views of the list of tasks, and adding a task in one line."""

from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.lists.filter_page import applied_filters
from app.lists.groups import grouped_rows
from app.lists.listing import render_list, show_list
from app.lists.tools_page import list_tools
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.deletion_views import delete_from_list
from app.web.forms import submitted
from app.web.htmx import redirect
from app.web.undo import flash_with_undo
from app.work.tasks import service
from app.work.tasks.forms import MAX_LINE_CHARACTERS, LineForm
from app.work.tasks.list_page import groups_below, segments
from app.work.tasks.queries import task_list
from app.work.tasks.quick_add_contact_rules import NO_CONTACT, contact_of
from app.work.tasks.quick_add_page import added_text, line_reading
from app.work.tasks.quick_add_queries import find_named, read_as
from app.work.tasks.quick_add_rules import task_of
from app.work.tasks.resource import TASK, TASK_LIST

tasks = Blueprint("tasks", __name__)


@tasks.get("/tasks")
@requires(Permission.TASKS_READ)
def index() -> Response:
    """List the tasks in the actor's scope, the earliest due date first."""
    return _index(LineForm.new())


@tasks.get("/tasks/reading")
@requires(Permission.TASKS_WRITE)
def read_line() -> str:
    """Show how a line is read, below the field.

    The text is cut to the length of the field, which limits the time that parsing takes.
    """
    typed = request.args.get("line", "")[:MAX_LINE_CHARACTERS]
    chosen = request.args.get("contact", NO_CONTACT)
    reading = line_reading(current_actor(), typed, datetime.now(UTC), chosen)
    return render_template("work/tasks/_reading.html", reading=reading)


@tasks.post("/tasks/line")
@requires(Permission.TASKS_WRITE)
def add_line() -> Response:
    """Add the task that a line describes, and report how the line was read."""
    form, actor = LineForm(), current_actor()
    with submitted(form, {"title": "line", "due_at": "line", "assigned_to_user_id": "line"}) as sent:
        form.check()
        line = read_as(actor, form.line.data or "", form.moment(datetime.now(UTC)))
        form.offered = named = find_named(actor, line)
        about = contact_of(named, form.contact.data or None)
        given = task_of(line, may_assign=actor.may(Permission.TASKS_ASSIGN), contact_id=about)
        task = service.create(actor, form.new_id, given)
        said = added_text(line, next((one for one in named if one.id == about), None))
        flash_with_undo(said, url_for("tasks.cancel", task_id=task.id))
        return redirect(url_for("tasks.index"))
    return _index(form, sent.status)


@tasks.post("/tasks/<uuid:task_id>/delete")
@requires(Permission.TASKS_DELETE)
def delete(task_id: UUID) -> Response:
    """Move a task to the trash."""
    return delete_from_list("task", task_id, _("Task deleted."), "tasks.index")


def _index(form: LineForm, status: int = HTTPStatus.OK) -> Response:
    actor = current_actor()
    # A line that was refused is shown above the list with its default filters.
    asked = applied_filters(TASK, given=None if status == HTTPStatus.OK else TASK_LIST.opened(actor))
    listing = show_list(task_list(actor, asked.filters), "tasks.index", asked.words)
    groups = grouped_rows(TASK_LIST, listing)
    page = render_list(
        "work/tasks/index.html",
        "work/tasks/_list.html",
        listing,
        tools=list_tools(actor, TASK, TASK_LIST, listing, own=("title", "due_at")),
        groups=[*groups, *groups_below(actor, listing, groups)],
        segments=segments(listing),
        bar=asked.bar,
        line=form,
    )
    return make_response(page, status)
