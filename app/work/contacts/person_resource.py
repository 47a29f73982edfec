"""Notes about a contact on its timeline."""

from flask_babel import gettext as _
from sqlalchemy import func
from sqlalchemy.orm import aliased

from app.db.joins import refers_to
from app.declarations.person import ContactReference, Facts, TimelineEntry, TimelineFilter
from app.models import ContactNote, User
from app.security.scope import unscoped

_Author = aliased(User, name="author_of_line")

#: Number of characters of a note that are shown.
_FIRST_WORDS = 600


def _words(facts: Facts) -> TimelineEntry:
    title = _("Note by %(name)s", name=facts["who"]) if facts["who"] else _("Note")
    return TimelineEntry(title, "message-square", quote=facts["body"])


NOTE_PERSON = ContactReference(
    card=ContactNote.contact_card_id,
    at=ContactNote.created_at,
    story=TimelineFilter.NOTES,
    facts=lambda _actor: {
        "body": func.left(ContactNote.body, _FIRST_WORDS),
        "who": func.coalesce(_Author.name, ContactNote.author_label),
    },
    joined=lambda selection: unscoped(
        selection.outerjoin(_Author, refers_to(_Author, ContactNote, ContactNote.user_id)),
        why="joins names to notes that are scoped",
    ),
    words=_words,
)
