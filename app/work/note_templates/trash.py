"""How templates of notes are deleted and come back."""

from flask_babel import lazy_pgettext

from app.declarations.deletable import Deletable, Rename
from app.security.permissions import Permission
from app.work.note_templates.resource import NOTE_TEMPLATE

NOTE_TEMPLATE_DELETION = Deletable(
    resource=NOTE_TEMPLATE,
    permission=Permission.NOTE_TEMPLATES_WRITE,
    renames={"uq_note_templates_name": Rename(column="name", label=lazy_pgettext("thing", "New name"))},
)
