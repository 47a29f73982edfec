"""Changes to the user's own notifications: marking as read, undoing it, and choosing channels."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, Update, func, update

from app.db.transaction import dispensable_transaction
from app.extensions import db
from app.messaging.notifications.queries import (
    default_channels,
    get_item,
    get_notification,
    get_own_row,
    list_offered,
    shown_choices,
)
from app.models import Notification, User
from app.security.actor import Actor

#: Nothing is merged into a read notification, even if it becomes unread again.
_READ: Mapping[str, Any] = {"merge_key": None}


@dataclass(frozen=True, slots=True)
class Read:
    """The number of notifications just marked as read, and the time that identifies them for undoing it."""

    number: int
    at: datetime


def open_notification(actor: Actor, notification_id: UUID) -> str:
    """Return the link of a notification and mark it as read.

    It stays unread while viewing as another user. Marking is done in a transaction of its own, as the request is
    read-only. Raises NotFound.
    """
    link = get_item(actor, notification_id).link
    if actor.viewer is None:
        _mark_read_apart(actor, [notification_id])
    return link


def mark_read(actor: Actor, notification_id: UUID) -> Read:
    """Mark a notification as read; one that already is stays unchanged. Raises NotFound."""
    get_notification(actor, notification_id)
    return _mark(_unread(actor).where(Notification.id == notification_id))


def mark_all_read(actor: Actor) -> Read:
    """Mark all of the user's notifications as read."""
    return _mark(_unread(actor))


def mark_unread(actor: Actor, notification_id: UUID) -> None:
    """Mark a notification as unread. Raises NotFound."""
    get_notification(actor, notification_id)
    db.session.execute(_own(actor).where(Notification.id == notification_id).values(read_at=None))


def take_back(actor: Actor, at: datetime) -> int:
    """Mark as unread all notifications that were read at the time `at`; return their number."""
    return _number(_own(actor).where(Notification.read_at == at).values(read_at=None))


def hide(actor: Actor, ids: Sequence[UUID]) -> None:
    """Mark the notifications `ids` as read, because `actor` can no longer see the records they are about.

    This removes them from the unread count. Does nothing while viewing as another user.
    """
    if ids and actor.viewer is None:
        _mark_read_apart(actor, ids)


def choose(actor: Actor, chosen: Collection[str], *, version: int) -> User:
    """Save the user's channels: `kind:way` for each one wanted, of the kinds offered to them.

    A choice equal to the default is not stored, so that it follows the declaration or the organization's decision. The
    exception is a kind that the organization can decide: a user who has chosen before keeps a choice of their own.
    Raises VersionConflict, and NotFound for a guest.
    """
    person = get_own_row(actor, lock=True)
    offered = [notice for notice in list_offered(actor) if notice.offered]
    wanted = dict(person.notification_choices)
    for notice in offered:
        ways = frozenset(way for way in notice.offered if f"{notice.kind}:{way}" in chosen)
        has_chosen = wanted.pop(notice.kind, None) is not None
        # Where the organization can decide, a choice that the user has made themselves stays theirs.
        if ways != default_channels(person, notice) or (has_chosen and notice.decided is not None):
            wanted[notice.kind] = sorted(ways)
    if wanted == person.notification_choices:
        return person
    person.refuse_stale(version, {"ways": shown_choices(person, offered)})
    person.notification_choices = wanted
    db.session.flush()
    return person


def choose_one(actor: Actor, changed: str, *, is_wanted: bool) -> User:
    """Set or clear one `kind:way` and leave the others unchanged. Raises NotFound for a guest."""
    person = get_own_row(actor, lock=True)
    chosen = {*shown_choices(person, list_offered(actor)), changed}
    return choose(actor, chosen if is_wanted else chosen - {changed}, version=person.version)


def _own(actor: Actor) -> Update:
    return update(Notification).where(
        Notification.organization_id == actor.organization_id, Notification.user_id == actor.reference_id
    )


def _unread(actor: Actor) -> Update:
    return _own(actor).where(Notification.read_at.is_(None), Notification.is_shown)


def _mark(rows: Update) -> Read:
    at = datetime.now(UTC)
    return Read(_number(rows.values(read_at=at, **_READ)), at)


def _number(change: Update) -> int:
    changed: CursorResult[Any] = db.session.execute(change)  # type: ignore[assignment]  # of an update it is one
    return changed.rowcount


def _mark_read_apart(actor: Actor, ids: Sequence[UUID]) -> None:
    db.session.rollback()  # release the connection: requests that hold one and wait for a second could deadlock
    with dispensable_transaction() as session:
        session.execute(_unread(actor).where(Notification.id.in_(ids)).values(read_at=func.now(), **_READ))
