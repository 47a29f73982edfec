"""Resource declaration of note templates, including how they are deleted and restored."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext

from app.declarations.deletable import Deletable, Rename
from app.declarations.field import Choice, Column, Field, Priority
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_on_page
from app.models import NoteTemplate, NoteTemplateKind
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope
from app.work.note_templates.queries import SORTS, NoteTemplateFilters, note_template_list

NOTE_TEMPLATE_LIST = Listed(
    name="note_templates",
    label=_l("Note templates"),
    endpoint="note_templates.index",
    permission=Permission.NOTE_TEMPLATES_WRITE,
    filters=NoteTemplateFilters,
    query=note_template_list,
    sorts=SORTS,
    bar_label=_l("Filter note templates"),
    pickers=("kind",),
    keeps_views=False,
    filter_words={"q": lazy_pgettext("thing", "Name")},
)

NOTE_TEMPLATE = Resource(
    name="note_template",
    model=NoteTemplate,
    words=Words(
        _l("note template"),
        _l("note templates"),
        lambda n, count: ngettext("%(count)s note template", "%(count)s note templates", n, count=count),
    ),
    icon="message-square",
    title=lambda: NoteTemplate.name,
    page=("note_templates.edit", "note_template_id"),
    page_permission=Permission.NOTE_TEMPLATES_WRITE,
    # Templates are offered to everyone who writes notes.
    scope=Scope((Permission.KNOWLEDGE_READ,), own_rows.nothing),
    revert=_l("Edit a template on its own page."),
    listed=NOTE_TEMPLATE_LIST,
    stored=(entered_on_page("name", "body", "kind"),),
    fields=(
        Field("name", lazy_pgettext("thing", "Name"), column=Column(is_fixed=True), sort="name"),
        Field("kind", _l("Available for"), Choice(NoteTemplateKind), Column()),
        Field("body", _l("Text"), column=Column(Priority.WIDE)),
    ),
)

NOTE_TEMPLATE_DELETION = Deletable(
    resource=NOTE_TEMPLATE,
    permission=Permission.NOTE_TEMPLATES_WRITE,
    renames={"uq_note_templates_name": Rename(column="name", label=lazy_pgettext("thing", "New name"))},
)
