"""Telling people what concerns them, within the app."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import select

from app.errors import Sentence
from app.extensions import db
from app.models import Notification, NotificationKind, Role, User, UserStatus


def notify(people: Iterable[User], kind: NotificationKind, sentence: Sentence, link: str) -> None:
    """Tell each of `people`, in their language, in the current transaction. `link` is a path of this app."""
    for person in people:
        with force_locale(person.language):
            text = str(sentence)
        db.session.add(
            Notification(organization_id=person.organization_id, user_id=person.id, kind=kind, text=text, link=link)
        )
    db.session.flush()


def list_people_in_charge(organization_id: UUID, *roles: Role) -> Sequence[User]:
    """The active people of an organization with one of `roles`, by name."""
    people = select(User).where(
        User.organization_id == organization_id, User.role.in_(roles), User.status == UserStatus.ACTIVE
    )
    return db.session.scalars(people.order_by(User.name, User.id)).all()
