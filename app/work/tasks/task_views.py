"""Views of one task: its page, and the forms that create and edit it."""

from uuid import UUID

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.declarations.side_panels import panel_page, went_well
from app.security.actor import Actor, current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.delete_service import delete as delete_row
from app.trust.trash.deletion_views import DeletionForm, undo_address
from app.web.forms import submitted
from app.web.htmx import redirect, render
from app.web.undo import flash_result, flash_with_undo
from app.work.tasks import service
from app.work.tasks.detail_queries import get_context, get_task, get_task_detail
from app.work.tasks.forms import NewTaskForm, TaskEditForm
from app.work.tasks.quick_add_queries import own_choice
from app.work.tasks.rules import FORM_FIELDS, NOBODY, Links
from app.work.tasks.task_page import offered_to, task_page
from app.work.tasks.views import tasks


@tasks.get("/tasks/<uuid:task_id>")
@requires(Permission.TASKS_READ)
def show(task_id: UUID) -> str:
    actor = current_actor()
    return render_template("work/tasks/show.html", shown=task_page(actor, get_task_detail(actor, task_id)))


@tasks.get("/tasks/new")
@requires(Permission.TASKS_WRITE)
def new() -> str:
    """Show the form for a new task about the records that the address names."""
    actor = current_actor()
    asked = {name: request.args.get(name, "") for name in ("contact", "call", "appointment")}
    me = own_choice(actor)
    return _new_page(actor, NewTaskForm.new(**asked, assignee=str(me.id) if me else NOBODY))


@tasks.post("/tasks/new")
@requires(Permission.TASKS_WRITE)
def create() -> Response:
    """Create a task, or show the form with its errors."""
    actor, form = current_actor(), NewTaskForm()
    with submitted(form, FORM_FIELDS) as sent:
        form.check()
        given = form.given(actor.timezone)
        task = service.create(actor, form.new_id, given)
        undo, beside = url_for("tasks.cancel", task_id=task.id), panel_page()
        if beside:
            said = _("Task added.")
            return went_well(beside, task.id, said, "work/tasks/_panel_done.html", undo, task=task, again=beside)
        flash_with_undo(_("Task added."), undo)
        back = url_for("calls.show", call_id=given.call_id) if given.call_id else url_for("tasks.show", task_id=task.id)
        return redirect(back)
    return make_response(_new_page(actor, form), sent.status)


@tasks.get("/tasks/<uuid:task_id>/edit")
@requires(Permission.TASKS_WRITE)
def edit(task_id: UUID) -> str:
    """Show the form that edits a task."""
    actor = current_actor()
    return _edit_page(actor, task_id, TaskEditForm.of(get_task(actor, task_id), actor.timezone))


@tasks.post("/tasks/<uuid:task_id>/edit")
@requires(Permission.TASKS_WRITE)
def update(task_id: UUID) -> Response:
    """Save the changes to a task."""
    actor, form = current_actor(), TaskEditForm()
    form.offer(offered_to(actor, get_task_detail(actor, task_id)))
    with submitted(form, FORM_FIELDS) as sent:
        form.check()
        service.edit(actor, task_id, form.given(actor.timezone), version=form.opened_with)
        flash_result(_("Task saved."))
        return redirect(url_for("tasks.show", task_id=task_id))
    return make_response(_edit_page(actor, task_id, form), sent.status)


@tasks.post("/tasks/<uuid:task_id>/remove")
@requires(Permission.TASKS_DELETE)
def remove(task_id: UUID) -> Response:
    """Move a task to the trash from its own page, and redirect to the list."""
    batch = delete_row(current_actor(), "task", [task_id], versions=DeletionForm().seen(task_id))
    flash_with_undo(_("Task deleted."), undo_address(batch))
    return redirect(url_for("tasks.index"))


def _new_page(actor: Actor, form: NewTaskForm) -> str:
    form.offer(offered_to(actor))
    about = get_context(actor, Links(**form.links))
    return render("work/tasks/new.html", "work/tasks/_panel.html", form=form, about=about, beside=panel_page())


def _edit_page(actor: Actor, task_id: UUID, form: TaskEditForm) -> str:
    detail = get_task_detail(actor, task_id)
    form.offer(offered_to(actor, detail))
    return render_template("work/tasks/edit.html", form=form, task=detail.task)
