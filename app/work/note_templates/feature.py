"""Templates of notes."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.security.permissions import Permission
from app.work.note_templates import resource, trash, views

FEATURE = Feature(
    blueprint=views.note_templates,
    pages=(views,),
    navigation=(
        Place(
            Group.ORGANIZATION,
            "note_templates.index",
            _l("Note templates"),
            "message-square",
            Permission.NOTE_TEMPLATES_WRITE,
        ),
    ),
    resources=(resource.NOTE_TEMPLATE,),
    deletes=(trash.NOTE_TEMPLATE_DELETION,),
)
