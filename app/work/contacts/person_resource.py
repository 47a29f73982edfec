"""What the page of a contact tells of the notes that people wrote about them."""

from flask_babel import gettext as _
from sqlalchemy import func
from sqlalchemy.orm import aliased

from app.db.joins import refers_to
from app.declarations.person import Facts, OfPerson, Story, Told
from app.models import ContactNote, User
from app.security.scope import unscoped

_Author = aliased(User, name="author_of_line")

#: So much of a note is shown, in characters.
_FIRST_WORDS = 600


def _words(facts: Facts) -> Told:
    title = _("Note by %(name)s", name=facts["who"]) if facts["who"] else _("Note")
    return Told(title, "message-square", quote=facts["body"])


NOTE_PERSON = OfPerson(
    card=ContactNote.contact_card_id,
    at=ContactNote.created_at,
    story=Story.NOTES,
    facts=lambda _actor: {
        "body": func.left(ContactNote.body, _FIRST_WORDS),
        "who": func.coalesce(_Author.name, ContactNote.author_label),
    },
    joined=lambda selection: unscoped(
        selection.outerjoin(_Author, refers_to(_Author, ContactNote, ContactNote.user_id)),
        why="named by notes that are scoped",
    ),
    words=_words,
)
