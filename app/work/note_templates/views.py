"""`/note-templates`: texts that notes begin with."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.declarations.input_forms import EditForm, NewForm, forms_of
from app.lists.filter_words import chip_words
from app.lists.listing import given_parameters, render_list, show_list
from app.lists.tools_page import list_tools
from app.models import NoteTemplate, NoteTemplateKind
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.security.rows import get_row
from app.trust.trash.deletion_views import delete_from_list
from app.web.forms import submitted
from app.web.htmx import redirect
from app.web.labels import options
from app.work.note_templates import queries, service
from app.work.note_templates.filters import NoteTemplateFilters
from app.work.note_templates.resource import NOTE_TEMPLATE, NOTE_TEMPLATE_LIST
from app.work.note_templates.service import NoteTemplateInput

note_templates = Blueprint("note_templates", __name__)
NewTemplateForm, TemplateForm = forms_of(NOTE_TEMPLATE, NoteTemplateInput)
# Forms of notes, whosever they are, offer them (work/note_templates/_picker.html).
note_templates.add_app_template_global(queries.templates_for, "note_templates_for")


@note_templates.get("/note-templates")
@requires(Permission.NOTE_TEMPLATES_WRITE)
def index() -> Response:
    """The templates, by name."""
    actor, filters = current_actor(), NoteTemplateFilters.parse(given_parameters())
    words = chip_words(NOTE_TEMPLATE, NOTE_TEMPLATE_LIST)
    listing = show_list(queries.note_template_list(actor, filters), "note_templates.index", words)
    return render_list(
        "work/note_templates/index.html",
        "work/note_templates/_list.html",
        listing,
        tools=list_tools(actor, NOTE_TEMPLATE, NOTE_TEMPLATE_LIST, listing, own=("name", "body")),
        kinds=options(NoteTemplateKind),
    )


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
        service.add(current_actor(), form.new_id, form.given)
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
        service.edit(current_actor(), note_template_id, form.given, form.opened_with)
        flash(_("Template saved."), "good")
        return redirect(url_for(".index"))
    return _edit_page(note_template_id, form, sent.status)


@note_templates.post("/note-templates/<uuid:note_template_id>/delete")
@requires(Permission.NOTE_TEMPLATES_WRITE)
def delete(note_template_id: UUID) -> Response:
    """Put a template into the trash."""
    return delete_from_list("note_template", note_template_id, _("Template deleted."), "note_templates.index")


def _new_page(form: NewForm[NoteTemplateInput], status: int = HTTPStatus.OK) -> Response:
    return make_response(render_template("work/note_templates/new.html", form=form), status)


def _edit_page(
    note_template_id: UUID, form: EditForm[NoteTemplateInput] | None = None, status: int = HTTPStatus.OK
) -> Response:
    row = get_row(current_actor(), NoteTemplate, note_template_id, named="note_template")
    page = render_template("work/note_templates/edit.html", form=form or TemplateForm.of(row), row=row)
    return make_response(page, status)
