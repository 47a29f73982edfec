"""Views under `/note-templates`: templates with the initial text of a note."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.declarations.input_forms import forms_of
from app.lists.list_page import list_page
from app.models import NoteTemplate, NoteTemplateKind
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.security.rows import get_row
from app.trust.trash.deletion_views import delete_from_list
from app.web.forms import Form, submitted
from app.web.htmx import redirect
from app.work.note_templates import queries, service
from app.work.note_templates.resource import NOTE_TEMPLATE

note_templates = Blueprint("note_templates", __name__)
# Note forms of any feature offer the templates (work/note_templates/_picker.html).
note_templates.add_app_template_global(queries.templates_for, "note_templates_for")
NewTemplateForm, TemplateForm = forms_of(NOTE_TEMPLATE, service.NoteTemplateInput)


@note_templates.get("/note-templates")
@requires(Permission.NOTE_TEMPLATES_WRITE)
def index() -> Response:
    return list_page(NOTE_TEMPLATE, "work/note_templates", own=("name", "body"))


@note_templates.get("/note-templates/new")
@requires(Permission.NOTE_TEMPLATES_WRITE)
def new() -> Response:
    return _form_page(NewTemplateForm.new(kind=NoteTemplateKind.ANY.value))


@note_templates.post("/note-templates/new")
@requires(Permission.NOTE_TEMPLATES_WRITE)
def create() -> Response:
    form = NewTemplateForm()
    with submitted(form) as sent:
        form.check()
        service.add(current_actor(), form.new_id, form.given)
        flash(_("Template added."), "good")
        return redirect(url_for(".index"))
    return _form_page(form, status=sent.status)


@note_templates.get("/note-templates/<uuid:note_template_id>")
@requires(Permission.NOTE_TEMPLATES_WRITE)
def edit(note_template_id: UUID) -> Response:
    row = get_row(current_actor(), NoteTemplate, note_template_id, named="note_template")
    return _form_page(TemplateForm.of(row), row)


@note_templates.post("/note-templates/<uuid:note_template_id>")
@requires(Permission.NOTE_TEMPLATES_WRITE)
def update(note_template_id: UUID) -> Response:
    form = TemplateForm()
    with submitted(form) as sent:
        form.check()
        service.edit(current_actor(), note_template_id, form.given, form.opened_with)
        flash(_("Template saved."), "good")
        return redirect(url_for(".index"))
    return _form_page(
        form, get_row(current_actor(), NoteTemplate, note_template_id, named="note_template"), sent.status
    )


@note_templates.post("/note-templates/<uuid:note_template_id>/delete")
@requires(Permission.NOTE_TEMPLATES_WRITE)
def delete(note_template_id: UUID) -> Response:
    return delete_from_list("note_template", note_template_id, _("Template deleted."), "note_templates.index")


def _form_page(form: Form, row: NoteTemplate | None = None, status: int = HTTPStatus.OK) -> Response:
    return make_response(render_template("work/note_templates/form.html", form=form, row=row), status)
