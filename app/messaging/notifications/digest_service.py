"""The daily email of unread notifications since the last one, and the removal of old notifications."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import and_, delete, func, select, update

from app.db.context import current_context
from app.extensions import db
from app.messaging.notifications.mail_service import digest_key, mail_digest
from app.messaging.notifications.queries import list_in_sight
from app.models import Message, Notification, Organization, User
from app.security.scope import unscoped
from app.tenancy.actor_queries import find_person

#: How long notifications are retained; the records they are about have their own history.
RETAINED_FOR = timedelta(days=90)


def write_digests(day: date) -> int:
    """Queue the daily email of `day` for everyone who wants it and has unread notifications.

    Returns the number of emails. The organization is that of the context. People who already got the email of that day
    wait for the next one. Everything is done in one transaction: if a worker dies, no email is queued, and a concurrent
    worker waits and finds nothing left.
    """
    rows = _take(day)
    told = {}
    for person_id, theirs in rows.items():
        person = find_person(person_id)
        if person is None:
            continue
        with force_locale(person.actor.language):
            items = list_in_sight(person.actor, theirs)
        if items:
            told[person_id] = [(f"{item.text}: {item.title}" if item.title else item.text, item.link) for item in items]
    if told:
        mail_digest(told, day)
    return len(told)


def forget(now: datetime) -> None:
    """Delete notifications older than RETAINED_FOR, unless the organization is under legal hold."""
    organization = db.session.get_one(Organization, current_context().organization_id)
    if not organization.legal_hold:
        old = Notification.told_at < now - RETAINED_FOR
        db.session.execute(delete(Notification).where(Notification.organization_id == organization.id, old))


def _take(day: date) -> dict[UUID, list[Any]]:
    """Return the unread notifications waiting for the daily email, by user id, newest first.

    They no longer wait afterwards, and those meant only for the email are marked as read. People who already got the
    email of `day` are left out.
    """
    organization_id = current_context().organization_id
    here = and_(User.organization_id == Notification.organization_id, User.id == Notification.user_id, User.is_active)
    people = unscoped(
        select(Notification.user_id).join(User, here),
        why="the job sends the daily email to all active users who chose it",
    ).where(Notification.organization_id == organization_id, Notification.in_digest)
    waiting = set(db.session.scalars(people.distinct()))
    keys = {digest_key(person_id, day): person_id for person_id in waiting}
    had = unscoped(select(Message.dedupe_key), why="checks who has already received the daily email").where(
        Message.organization_id == organization_id, Message.dedupe_key.in_(keys)
    )
    waiting -= {keys[key] for key in db.session.scalars(had) if key is not None}
    taken = (
        update(Notification)
        .where(Notification.organization_id == organization_id, Notification.user_id.in_(waiting))
        .where(Notification.in_digest)
        .values(in_digest=False)
        .returning(Notification)
    )
    found = defaultdict(list)
    for row in sorted(db.session.scalars(taken), key=lambda row: row.told_at, reverse=True):
        if row.read_at is None:
            found[row.user_id].append(row)
    # Notifications added since then are for the next email.
    alone = update(Notification).where(Notification.organization_id == organization_id, ~Notification.in_digest)
    db.session.execute(
        alone.where(Notification.user_id.in_(waiting), ~Notification.is_shown, Notification.read_at.is_(None)).values(
            read_at=func.now(), merge_key=None
        )
    )
    return found
