"""Telling people what concerns them, within the app."""

from collections.abc import Iterable

from flask_babel import force_locale

from app.errors import Sentence
from app.extensions import db
from app.models import Notification, NotificationKind, User


def notify(people: Iterable[User], kind: NotificationKind, sentence: Sentence, link: str) -> None:
    """Tell each of `people`, in their language, in the current transaction. `link` is a path of this app."""
    for person in people:
        with force_locale(person.language):
            text = str(sentence)
        db.session.add(
            Notification(organization_id=person.organization_id, user_id=person.id, kind=kind, text=text, link=link)
        )
    db.session.flush()
