"""Creating and editing note templates."""

from typing import Annotated
from uuid import UUID

from flask_babel import lazy_gettext as _l
from pydantic import Field

from app.declarations.input import Input, InputTexts, OneOf
from app.models import NoteTemplate, NoteTemplateKind
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.row_writing import add_row, edit_row
from app.security.rows import get_row

_SENT_ALREADY = _l("This form was already submitted. Open a new one to add another template.")


class NoteTemplateInput(Input):
    """Input for a note template: a unique name, the kind of notes it is offered for, and its text."""

    name: Annotated[
        str, Field(min_length=1, max_length=60), InputTexts(missing=_l("Enter a name."), field_id="template-name")
    ]
    kind: OneOf[NoteTemplateKind]
    body: Annotated[str, Field(min_length=1, max_length=5000), InputTexts(missing=_l("Enter some text."), rows=8)]


def add(actor: Actor, note_template_id: UUID, given: NoteTemplateInput) -> NoteTemplate:
    """Create a template; `note_template_id` is generated with the form.

    Raises Forbidden, and Conflict for a name that is taken or if the form was submitted with other values before.
    """
    actor.requires(Permission.NOTE_TEMPLATES_WRITE)
    return add_row(actor, NoteTemplate, note_template_id, given.values(), _SENT_ALREADY)


def edit(actor: Actor, note_template_id: UUID, given: NoteTemplateInput, version: int) -> NoteTemplate:
    """Change a template.

    Raises NotFound, Forbidden, VersionConflict, and Conflict for a name that is taken.
    """
    actor.requires(Permission.NOTE_TEMPLATES_WRITE)
    row = get_row(actor, NoteTemplate, note_template_id, named="note_template", lock=True)
    edit_row(row, given.values(), version)
    return row
