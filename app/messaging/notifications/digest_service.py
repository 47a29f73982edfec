"""The daily mail: what somebody was told since the last one and has not read. And forgetting what is old."""

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

#: For so long they are kept; what they tell of says itself what became of it.
KEPT_FOR = timedelta(days=90)


def write_digests(day: date) -> int:
    """Write the daily mail of `day` to each of the context's organization who wants one and has something unread; how
    many. Whoever has had that of the day waits for the next.

    All in one transaction: a worker that dies has written to nobody, and who comes at the same time waits and finds
    nothing left.
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
    """Remove what is older than KEPT_FOR, unless everything of the organization is held."""
    organization = db.session.get_one(Organization, current_context().organization_id)
    if not organization.legal_hold:
        old = Notification.told_at < now - KEPT_FOR
        db.session.execute(delete(Notification).where(Notification.organization_id == organization.id, old))


def _take(day: date) -> dict[UUID, list[Any]]:
    """What waits for the daily mail, by person, newest first; it waits no more, and what was for the mail alone is
    read."""
    organization_id = current_context().organization_id
    here = and_(User.organization_id == Notification.organization_id, User.id == Notification.user_id, User.is_active)
    people = unscoped(
        select(Notification.user_id).join(User, here), why="the job writes to whoever wants it, and is let in"
    ).where(Notification.organization_id == organization_id, Notification.in_digest)
    waiting = set(db.session.scalars(people.distinct()))
    keys = {digest_key(person_id, day): person_id for person_id in waiting}
    had = unscoped(select(Message.dedupe_key), why="whoever has had the mail of the day gets no second one").where(
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
    # What they were told of since is for the next mail.
    alone = update(Notification).where(Notification.organization_id == organization_id, ~Notification.in_digest)
    db.session.execute(
        alone.where(Notification.user_id.in_(waiting), ~Notification.is_shown, Notification.read_at.is_(None)).values(
            read_at=func.now(), merge_key=None
        )
    )
    return found
