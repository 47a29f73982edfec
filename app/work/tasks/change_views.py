"""The buttons of a task: each changes one thing at once, says so with Undo, and leads back to the page it is on."""

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

#: What is said, and where Undo goes; None: there is nothing to take back.
Done = tuple[str, str | None]


@tasks.post("/tasks/<uuid:task_id>/complete")
@requires(Permission.TASKS_WRITE)
def complete(task_id: UUID) -> Response:
    """Say that a task is done."""

    def change() -> Done:
        before = service.complete(current_actor(), task_id)
        return _("Task completed."), url_for("tasks.reopen", task_id=task_id, status=before.value)

    return _changed(change)


@tasks.post("/tasks/<uuid:task_id>/reopen")
@requires(Permission.TASKS_WRITE)
def reopen(task_id: UUID) -> Response:
    """Take up again what was completed or cancelled."""
    form = ReopenForm.sent()
    form.check()

    def change() -> Done:
        service.reopen(current_actor(), task_id, form.chosen)
        return _("Task reopened."), None

    return _changed(change)


@tasks.post("/tasks/<uuid:task_id>/start")
@requires(Permission.TASKS_WRITE)
def start(task_id: UUID) -> Response:
    """Say that a task is in progress."""
    return _changed(lambda: _open_status(service.start, task_id, _("Task started."), "tasks.pause"))


@tasks.post("/tasks/<uuid:task_id>/pause")
@requires(Permission.TASKS_WRITE)
def pause(task_id: UUID) -> Response:
    """Say that a task waits again."""
    return _changed(lambda: _open_status(service.pause, task_id, _("Task put back."), "tasks.start"))


@tasks.post("/tasks/<uuid:task_id>/cancel")
@requires(Permission.TASKS_WRITE)
def cancel(task_id: UUID) -> Response:
    """Give a task up."""
    return _changed(lambda: _open_status(service.cancel, task_id, _("Task cancelled."), "tasks.reopen"))


@tasks.post("/tasks/<uuid:task_id>/snooze")
@requires(Permission.TASKS_WRITE)
def snooze(task_id: UUID) -> Response:
    """Put a task off, or bring it back at once."""
    actor, form = current_actor(), SnoozeForm.sent()
    form.check()

    def change() -> Done:
        get_task(actor, task_id)  # what is wrong with the form is nobody's business whose task this is not
        until = form.until(datetime.now(UTC), actor.timezone)
        before = service.snooze(actor, task_id, until)
        back = before.isoformat() if before else NOBODY
        done = _("Task snoozed.") if until else _("Task is back among what is to be done.")
        return done, None if form.back.data else url_for("tasks.snooze", task_id=task_id, back=back)

    return _changed(change)


@tasks.post("/tasks/<uuid:task_id>/assign")
@requires(Permission.TASKS_WRITE)
def assign(task_id: UUID) -> Response:
    """Give a task to somebody."""
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
        # Who takes back the taking back gives it again, and so tells of it.
        back = until.isoformat() if until else None if form.back.data else NOBODY
        return _("Task given."), url_for("tasks.assign", task_id=task_id, assignee=str(before or NOBODY), back=back)

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
