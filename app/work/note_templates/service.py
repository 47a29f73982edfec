"""Writing templates of notes."""

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.models import NoteTemplate, NoteTemplateKind
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.row_writing import add_row, edit_row, values_of
from app.work.note_templates.queries import get_template

_SENT_ALREADY = _l("This form was sent already. Open a new one to add another template.")


def add(actor: Actor, note_template_id: UUID, *, name: str, body: str, kind: NoteTemplateKind) -> NoteTemplate:
    """Add a template; `note_template_id` is made with the form. Raises Forbidden, and Conflict for a name that is
    taken."""
    actor.requires(Permission.NOTE_TEMPLATES_WRITE)
    wanted = {"name": name, "body": body, "kind": kind}
    return add_row(actor, NoteTemplate, note_template_id, wanted, _SENT_ALREADY)


def edit(
    actor: Actor, note_template_id: UUID, *, name: str, body: str, kind: NoteTemplateKind, version: int
) -> NoteTemplate:
    """Change a template. Raises NotFound, Forbidden, VersionConflict, and Conflict for a name that is taken."""
    actor.requires(Permission.NOTE_TEMPLATES_WRITE)
    row = get_template(actor, note_template_id, lock=True)
    edit_row(row, {"name": name, "body": body, "kind": kind}, version)
    return row


def shown(row: NoteTemplate) -> dict[str, Any]:
    """What the form of a template shows, by the names of its fields."""
    return values_of(row, ("name", "body", "kind"))
