"""Notifications by email: immediately, in the transaction of the change, and once a day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from app.db.context import current_context
from app.declarations.events import NotifiedByMail
from app.extensions import db
from app.messaging.outbox.link_service import absolute_url, public_address
from app.messaging.outbox.mails import Mail
from app.messaging.outbox.service import MailTo, queue_mails
from app.models import User
from app.security.scope import unscoped

#: Emails are read on phones; the page shows all of them.
MAX_PER_MAIL = 50

#: A sentence, with the path that it links to.
MailItem = tuple[str, str]


def mail_at_once(told: NotifiedByMail) -> None:
    """Queue one email per person, or one per notification if its kind has an email of its own."""
    if told.mail is None:
        queue_mails(Mail.NOTIFICATION, _mails({one.user_id: one.texts for one in told.people}))
        return
    people = {person.id: person for person in _people(one.user_id for one in told.people)}
    queue_mails(
        Mail(told.mail),
        [
            MailTo(people[one.user_id], {"items": _with_absolute_links(one.texts)}, about_id=one.about_id)
            for one in told.people
            if one.user_id in people
        ],
    )


def mail_digest(told: Mapping[UUID, Sequence[MailItem]], day: date) -> None:
    """Queue the daily email of `day` for each person; there is only one per day."""
    queue_mails(Mail.DIGEST, _mails(told, day))


def digest_key(user_id: UUID, day: date) -> str:
    """Return the deduplication key of a person's daily email."""
    return f"digest:{user_id}:{day}"


def _mails(told: Mapping[UUID, Sequence[MailItem]], day: date | None = None) -> list[MailTo]:
    choices = public_address("notifications.index") + "#kinds"
    return [
        MailTo(
            person,
            {
                "items": _with_absolute_links(told[person.id][:MAX_PER_MAIL]),
                "more": max(0, len(told[person.id]) - MAX_PER_MAIL),
                "choices": choices,
            },
            digest_key(person.id, day) if day is not None else None,
        )
        for person in _people(told)
    ]


def _people(ids: Iterable[UUID]) -> Sequence[User]:
    people = unscoped(select(User), why="the recipients of an email do not have to be visible to its sender").where(
        User.organization_id == current_context().organization_id, User.id.in_(set(ids))
    )
    return db.session.scalars(people.order_by(User.id)).all()


def _with_absolute_links(told: Sequence[MailItem]) -> list[MailItem]:
    return [(text, absolute_url(path)) for text, path in told]
