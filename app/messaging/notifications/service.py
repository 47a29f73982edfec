"""Reading notifications, taking that back, and choosing what one is told where. Nobody does so for somebody else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, Update, func, update

from app.db.transaction import own_transaction
from app.extensions import db
from app.messaging.notifications.queries import (
    default_ways,
    get_item,
    get_notification,
    get_own_row,
    list_offered,
    shown_choices,
)
from app.models import Notification, User
from app.security.actor import Actor

#: What is read is joined by nothing any more, also where it becomes unread again.
_READ: Mapping[str, Any] = {"merge_key": None}


@dataclass(frozen=True, slots=True)
class Read:
    """So many were read now, and `at` names them: for taking it back."""

    number: int
    at: datetime


def open_notification(actor: Actor, notification_id: UUID) -> str:
    """Read one by following it: where it leads. Whoever sees the pages of somebody else reads nothing for them.

    In a transaction of its own, beside the request that only reads. Raises NotFound.
    """
    link = get_item(actor, notification_id).link
    if actor.viewer is None:
        _read_beside(actor, [notification_id])
    return link


def mark_read(actor: Actor, notification_id: UUID) -> Read:
    """Read one; what is read stays as it is. Raises NotFound."""
    get_notification(actor, notification_id)
    return _mark(_unread(actor).where(Notification.id == notification_id))


def mark_all_read(actor: Actor) -> Read:
    """Read all of one's own."""
    return _mark(_unread(actor))


def mark_unread(actor: Actor, notification_id: UUID) -> None:
    """Have one be unread again. Raises NotFound."""
    get_notification(actor, notification_id)
    db.session.execute(_own(actor).where(Notification.id == notification_id).values(read_at=None))


def take_back(actor: Actor, at: datetime) -> int:
    """Have all those be unread again that were read at that moment; how many."""
    return _number(_own(actor).where(Notification.read_at == at).values(read_at=None))


def hide(actor: Actor, ids: Sequence[UUID]) -> None:
    """Read what is about something that `actor` may not see any more, so that nothing counts it; of nobody else."""
    if ids and actor.viewer is None:
        _read_beside(actor, ids)


def choose(actor: Actor, chosen: Collection[str], *, version: int) -> User:
    """Keep where one wants to be told of what: `kind:way` for each that is wanted, of the kinds that one is offered.

    What is as declared is not kept, so that it follows what is declared or what the organization decides. Raises
    VersionConflict, and NotFound for a guest.
    """
    person = get_own_row(actor, lock=True)
    offered = list_offered(actor)
    wanted = dict(person.notification_choices)
    for notice in offered:
        ways = frozenset(way for way in notice.offered if f"{notice.kind}:{way}" in chosen)
        has_chosen = wanted.pop(notice.kind, None) is not None
        # Where the organization may decide otherwise, what somebody has once chosen themselves stays theirs.
        if ways != default_ways(person, notice) or (has_chosen and notice.decided is not None):
            wanted[notice.kind] = sorted(ways)
    if wanted == person.notification_choices:
        return person
    person.refuse_stale(version, {"ways": shown_choices(person, offered)})
    person.notification_choices = wanted
    db.session.flush()
    return person


def choose_one(actor: Actor, changed: str, *, is_wanted: bool) -> User:
    """Keep one `kind:way`, or give it up, and leave the others as they are. Raises NotFound for a guest."""
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


def _read_beside(actor: Actor, ids: Sequence[UUID]) -> None:
    db.session.rollback()  # one connection at a time: many requests that wait for a second would wait for ever
    with own_transaction() as session:
        session.execute(_unread(actor).where(Notification.id.in_(ids)).values(read_at=func.now(), **_READ))
