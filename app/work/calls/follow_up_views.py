"""The follow-up button of a call that didn't book."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Response, flash, url_for
from flask_babel import gettext as _

from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import NewRowForm, submitted
from app.web.undo import back_to_the_page, flash_with_undo
from app.work.calls.detail_queries import get_call
from app.work.calls.follow_up_service import follow_up as make_task
from app.work.calls.views import calls


@calls.post("/calls/<uuid:call_id>/follow-up")
@requires(Permission.CALLS_READ, Permission.TASKS_WRITE)
def follow_up(call_id: UUID) -> Response:
    """Assign a task to follow up a call tomorrow morning."""
    actor, form = current_actor(), NewRowForm()
    get_call(actor, call_id)  # a user without access gets a 404 before the form is read
    with submitted(form) as sent:
        form.check()
        task = make_task(actor, call_id, form.new_id, datetime.now(UTC))
        flash_with_undo(_("Follow-up task added, due tomorrow morning."), url_for("tasks.cancel", task_id=task.id))
    if sent.error is not None:
        wrong = sent.error.field_errors
        flash(str(wrong[0].message) if wrong else sent.error.sentence, "warn")
    return back_to_the_page("dashboards.csr")
