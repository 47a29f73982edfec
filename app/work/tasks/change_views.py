"""Button actions of a task.

Each makes one change, confirms it, in most cases with an Undo link, and returns to the page that the button is on.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from flask import Response, flash, url_for
from flask_babel import gettext as _

from app.models import Task
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.undo import back_to_the_page, flash_result
from app.work.tasks import service
from app.work.tasks.detail_queries import get_task
from app.work.tasks.forms import AssignForm, ReopenForm, SnoozeForm
from app.work.tasks.rules import NOBODY
from app.work.tasks.views import tasks

#: The message, and the address of Undo; None if the change can't be undone.
Done = tuple[str, str | None]


@tasks.post("/tasks/<uuid:task_id>/complete")
@requires(Permission.TASKS_WRITE)
def complete(task_id: UUID) -> Response:
    """Mark a task as completed."""

    def change() -> Done:
        before = service.complete(current_actor(), task_id)
        return _("Task completed."), url_for("tasks.reopen", task_id=task_id, status=before.value)

    return _changed(change)


@tasks.post("/tasks/<uuid:task_id>/reopen")
@requires(Permission.TASKS_WRITE)
def reopen(task_id: UUID) -> Response:
    """Reopen a completed or canceled task."""
    form = ReopenForm.sent()
    form.check()

    def change() -> Done:
        service.reopen(current_actor(), task_id, form.chosen)
        return _("Task reopened."), None

    return _changed(change)


@tasks.post("/tasks/<uuid:task_id>/start")
@requires(Permission.TASKS_WRITE)
def start(task_id: UUID) -> Response:
    """Mark a task as in progress."""
    return _changed(lambda: _open_status(service.start, task_id, _("Task started."), "tasks.pause"))


@tasks.post("/tasks/<uuid:task_id>/pause")
@requires(Permission.TASKS_WRITE)
def pause(task_id: UUID) -> Response:
    """Move a task in progress back to pending."""
    return _changed(lambda: _open_status(service.pause, task_id, _("Task moved to To do."), "tasks.start"))


@tasks.post("/tasks/<uuid:task_id>/cancel")
@requires(Permission.TASKS_WRITE)
def cancel(task_id: UUID) -> Response:
    """Cancel a task that is open."""
    return _changed(lambda: _open_status(service.cancel, task_id, _("Task canceled."), "tasks.reopen"))


@tasks.post("/tasks/<uuid:task_id>/snooze")
@requires(Permission.TASKS_WRITE)
def snooze(task_id: UUID) -> Response:
    """Snooze a task, or end its snoozing."""
    actor, form = current_actor(), SnoozeForm.sent()
    form.check()

    def change() -> Done:
        get_task(actor, task_id)  # raises NotFound before `until` can report an invalid form
        until = form.until(datetime.now(UTC), actor.timezone)
        before = service.snooze(actor, task_id, until)
        back = before.isoformat() if before else NOBODY
        done = _("Task snoozed.") if until else _("Task is no longer snoozed.")
        return done, None if form.back.data else url_for("tasks.snooze", task_id=task_id, back=back)

    return _changed(change)


@tasks.post("/tasks/<uuid:task_id>/assign")
@requires(Permission.TASKS_WRITE)
def assign(task_id: UUID) -> Response:
    """Assign a task to a person, or unassign it."""
    get_task(current_actor(), task_id)
    form = AssignForm.sent()
    form.check()

    def change() -> Done:
        before, until = service.assign(
            current_actor(),
            task_id,
            form.assignee_id,
            snoozed_until=form.snoozed_until,
            takes_back=bool(form.back.data),
        )
        # Undoing an undo is a plain assignment again and so notifies the assignee: its address has no `back`.
        back = until.isoformat() if until else None if form.back.data else NOBODY
        return _("Assignee changed."), url_for(
            "tasks.assign", task_id=task_id, assignee=str(before or NOBODY), back=back
        )

    return _changed(change)


def _open_status(change: Callable[..., Task], task_id: UUID, done: str, undo: str) -> Done:
    change(current_actor(), task_id)
    return done, url_for(undo, task_id=task_id)


def _changed(change: Callable[[], Done]) -> Response:
    with submitted() as sent:
        flash_result(*change())
    if sent.error is not None:
        wrong = sent.error.field_errors
        flash(str(wrong[0].message) if wrong else sent.error.sentence, "warn")
    return back_to_the_page("tasks.index")
