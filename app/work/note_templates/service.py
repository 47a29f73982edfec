"""Writing templates of notes. Asking for what is there already changes nothing, so a form that is sent twice does so
once."""

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.transaction import translated_integrity_errors
from app.errors import Conflict
from app.extensions import db
from app.models import NoteTemplate, NoteTemplateKind
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.note_templates.queries import find_template, get_template


def add(actor: Actor, note_template_id: UUID, *, name: str, body: str, kind: NoteTemplateKind) -> NoteTemplate:
    """Add a template; `note_template_id` is made with the form. Raises Forbidden, and Conflict for a name that is
    taken."""
    actor.requires(Permission.NOTE_TEMPLATES_WRITE)
    there = find_template(actor, note_template_id)
    if there is not None:
        return _the_same(there, name)
    row = NoteTemplate(organization_id=actor.organization_id, id=note_template_id, name=name, body=body, kind=kind)
    try:
        with translated_integrity_errors():
            db.session.add(row)
    except Conflict:
        there = find_template(actor, note_template_id)
        if there is None:
            raise
        return _the_same(there, name)
    return row


def edit(
    actor: Actor, note_template_id: UUID, *, name: str, body: str, kind: NoteTemplateKind, version: int
) -> NoteTemplate:
    """Change a template. Raises NotFound, Forbidden, VersionConflict, and Conflict for a name that is taken."""
    actor.requires(Permission.NOTE_TEMPLATES_WRITE)
    row = get_template(actor, note_template_id, lock=True)
    before = shown(row)
    if before == {"name": name, "body": body, "kind": kind}:
        return row
    row.refuse_stale(version, before)
    with translated_integrity_errors():
        row.name, row.body, row.kind = name, body, kind
        db.session.flush()
    return row


def shown(row: NoteTemplate) -> dict[str, Any]:
    """What the form of a template shows, by the names of its fields."""
    return {"name": row.name, "body": row.body, "kind": row.kind}


def _the_same(there: NoteTemplate, name: str) -> NoteTemplate:
    if there.name != name:
        raise Conflict(None, _l("This form was sent already. Open a new one to add another template."))
    return there
