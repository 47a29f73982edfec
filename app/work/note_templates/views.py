"""`/note-templates`: texts that notes begin with."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.lists.list_page import list_page
from app.models import NoteTemplateKind
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.deletion_views import delete_from_list
from app.web.forms import submitted
from app.web.htmx import redirect
from app.work.note_templates import queries, service
from app.work.note_templates.forms import NewTemplateForm, TemplateForm
from app.work.note_templates.resource import NOTE_TEMPLATE

note_templates = Blueprint("note_templates", __name__)
# Forms of notes, whosever they are, offer them (work/note_templates/_picker.html).
note_templates.add_app_template_global(queries.templates_for, "note_templates_for")


@note_templates.get("/note-templates")
@requires(Permission.NOTE_TEMPLATES_WRITE)
def index() -> Response:
    """The templates, by name."""
    return list_page(NOTE_TEMPLATE, "work/note_templates", own=("name", "body"))


@note_templates.get("/note-templates/new")
@requires(Permission.NOTE_TEMPLATES_WRITE)
def new() -> Response:
    """Ask for a name and a text."""
    return _new_page(NewTemplateForm.new(kind=NoteTemplateKind.ANY.value))


@note_templates.post("/note-templates/new")
@requires(Permission.NOTE_TEMPLATES_WRITE)
def create() -> Response:
    """Add it, or show the form with what is wrong."""
    form = NewTemplateForm()
    with submitted(form) as sent:
        form.check()
        service.add(current_actor(), form.new_id, **form.values)
        flash(_("Template added."), "good")
        return redirect(url_for(".index"))
    return _new_page(form, sent.status)


@note_templates.get("/note-templates/<uuid:note_template_id>")
@requires(Permission.NOTE_TEMPLATES_WRITE)
def edit(note_template_id: UUID) -> Response:
    """The form of a template."""
    return _edit_page(note_template_id)


@note_templates.post("/note-templates/<uuid:note_template_id>")
@requires(Permission.NOTE_TEMPLATES_WRITE)
def update(note_template_id: UUID) -> Response:
    """Save what was changed."""
    form = TemplateForm()
    with submitted(form) as sent:
        form.check()
        service.edit(current_actor(), note_template_id, version=form.opened_with, **form.values)
        flash(_("Template saved."), "good")
        return redirect(url_for(".index"))
    return _edit_page(note_template_id, form, sent.status)


@note_templates.post("/note-templates/<uuid:note_template_id>/delete")
@requires(Permission.NOTE_TEMPLATES_WRITE)
def delete(note_template_id: UUID) -> Response:
    """Put a template into the trash."""
    return delete_from_list("note_template", note_template_id, _("Template deleted."), "note_templates.index")


def _new_page(form: NewTemplateForm, status: int = HTTPStatus.OK) -> Response:
    return make_response(render_template("work/note_templates/new.html", form=form), status)


def _edit_page(note_template_id: UUID, form: TemplateForm | None = None, status: int = HTTPStatus.OK) -> Response:
    row = queries.get_template(current_actor(), note_template_id)
    page = render_template("work/note_templates/edit.html", form=form or TemplateForm.of(row), row=row)
    return make_response(page, status)
