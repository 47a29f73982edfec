"""Queries for notifications, limited to those about records that the user can still see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, literal, null, select, union_all

from app.db.lists import ListQuery
from app.db.paging import Selection, newest_or_oldest_first
from app.declarations.notice import Merge, Notice, Way
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.errors import NotFound
from app.extensions import db
from app.messaging.notifications.filters import NotificationFilters
from app.models import Notification, User
from app.security.actor import Actor
from app.security.rows import get_row
from app.security.scope import restrict, sees_no_rows, visible

SORTS = newest_or_oldest_first("toldAt", Notification.told_at, Notification.id)[:1]
#: Number of notifications in the menu below the bell.
NEWEST = 5
#: Number of rows fetched for it: some can be about records that are no longer visible.
_LOOKED_AT = 20
#: The resource name of a notification's subject, and the id of the record if there is only one.
About = tuple[str, UUID | None]


@dataclass(frozen=True, slots=True)
class Item:
    """One notification as it is shown now; `title` is the name of the record it is about, if known.

    `about_id` is the id of that record, if there is only one.
    """

    id: UUID
    kind: str
    notice: Notice | None
    text: str
    link: str
    title: str | None
    told_at: datetime
    is_read: bool
    about_id: UUID | None


@dataclass(frozen=True, slots=True)
class NotificationPage:
    """A page of notifications, newest first.

    `hidden` has the ids of unread ones that the user can no longer see.
    """

    items: Sequence[Item]
    hidden: Sequence[UUID]
    newer: str | None
    older: str | None


def list_notifications(actor: Actor, filters: NotificationFilters, cursor: str | None) -> NotificationPage:
    """Return a page of the notifications of `actor`, newest first.

    Runs two statements. Raises InvalidCursor.
    """
    told = _mine(actor)
    if filters.state == "unread":
        told = told.where(Notification.read_at.is_(None))
    if filters.kind is not None:
        told = told.where(Notification.kind == filters.kind)
    page = ListQuery(rows=told, matching=told, sorts=SORTS, filters=filters).page(cursor=cursor)
    items, hidden = _in_sight(actor, page.rows)
    return NotificationPage(items, hidden, page.previous_cursor, page.next_cursor)


def list_newest(actor: Actor) -> NotificationPage:
    """Return the newest notifications, for the menu below the bell."""
    newest = _mine(actor).order_by(Notification.told_at.desc(), Notification.id.desc()).limit(_LOOKED_AT)
    items, hidden = _in_sight(actor, db.session.execute(newest).all())
    return NotificationPage(items[:NEWEST], hidden, None, None)


def list_in_sight(actor: Actor, rows: Sequence[Any]) -> Sequence[Item]:
    """Return the notifications in `rows` whose records `actor` can still see."""
    return _in_sight(actor, rows)[0]


def get_item(actor: Actor, notification_id: UUID) -> Item:
    """Return the actor's own notification about a record that they can still see. Raises NotFound."""
    row = get_notification(actor, notification_id)
    for item in _in_sight(actor, [row])[0]:
        return item
    raise NotFound("notification", notification_id)


def get_notification(actor: Actor, notification_id: UUID, *, lock: bool = False) -> Notification:
    """Return the actor's own notification.

    Raises NotFound, also for one that is only for the daily email.
    """
    return get_row(
        actor, Notification, notification_id, Notification.is_shown.is_(True), named="notification", lock=lock
    )


def get_own_row(actor: Actor, *, lock: bool = False) -> User:
    """Return the actor's own user row, which has their notification choices.

    With `lock`, the row is locked and refreshed. Raises NotFound for a guest, who has none here.
    """
    mine = visible(User, actor).where(User.id == actor.reference_id)
    if lock:
        mine = mine.with_for_update(key_share=True).execution_options(populate_existing=True)
    person = db.session.scalar(mine)
    if person is None:
        raise NotFound("user", actor.user_id)
    return person


def list_offered(actor: Actor) -> list[Notice]:
    """Return the kinds that `actor` can be notified of, in the order of the features."""
    notices = registry().notices.values()
    return [notice for notice in notices if _can_receive(actor, notice)]


def shown_choices(person: User, offered: Iterable[Notice]) -> list[str]:
    """Return `kind:way` for each channel by which a person is notified of these kinds."""
    return [
        f"{notice.kind}:{way}"
        for notice in offered
        for way in notice.offered
        if way in notice.chosen(person.notification_choices, default_channels(person, notice))
    ]


def default_channels(person: User, notice: Notice) -> frozenset[Way]:
    """Return a person's channels for a kind without a choice of their own.

    Runs a statement if the organization can decide on the kind.
    """
    return notice.defaults(db.session(), person.organization_id, [person.id])[person.id]


def _mine(actor: Actor) -> Selection:
    columns: Selection = select(
        Notification.id,
        Notification.kind,
        Notification.text,
        Notification.link,
        Notification.count,
        Notification.about_type,
        Notification.about_id,
        Notification.told_at,
        Notification.read_at,
    )
    return restrict(columns, Notification, actor).where(Notification.is_shown)


def _in_sight(actor: Actor, rows: Sequence[Any]) -> tuple[list[Item], list[UUID]]:
    titles = _titles(actor, ((row.about_type, row.about_id) for row in rows if row.about_type))
    items, hidden = [], []
    for row in rows:
        is_there = row.about_type is None or (row.about_type, row.about_id) in titles
        if is_there and _can_receive(actor, registry().notices.get(row.kind)):
            items.append(_item(row, titles.get((row.about_type, row.about_id))))
        elif row.read_at is None:
            hidden.append(row.id)
    return items, hidden


def _can_receive(actor: Actor, notice: Notice | None) -> bool:
    return notice is None or notice.permission is None or actor.may(notice.permission)


def _item(row: Any, title: str | None) -> Item:
    notice = registry().notices.get(row.kind)
    text, link = row.text, row.link
    if notice is not None and notice.merge is Merge.KIND and notice.many is not None and row.count > 1:
        text, link = notice.many(row.count), notice.many_link or row.link
    return Item(row.id, row.kind, notice, text, link, title, row.told_at, row.read_at is not None, row.about_id)


def _titles(actor: Actor, about: Iterable[About]) -> Mapping[About, str | None]:
    """Return the titles of the records in `about` that `actor` can see, by kind and id.

    A notification about several records only requires that `actor` can open their kind, and has the title None. Runs
    one statement.
    """
    ids: dict[str, set[UUID]] = {}
    for kind, record_id in about:
        of_kind = ids.setdefault(kind, set())
        if record_id is not None:
            of_kind.add(record_id)
    known = registry().resources
    seen = {kind: known[kind] for kind in ids if kind in known and _may_open(actor, known[kind])}
    titles: dict[About, str | None] = {(kind, None): None for kind in seen}
    parts = [_part(actor, resource, ids[kind]) for kind, resource in seen.items() if ids[kind]]
    if parts:
        for row in db.session.execute(union_all(*parts)):
            titles[row.kind, row.id] = row.title
    return titles


def _may_open(actor: Actor, resource: Resource) -> bool:
    needed = resource.page_permission
    return not sees_no_rows(resource.model, actor) and (needed is None or actor.may(needed))


def _part(actor: Actor, resource: Resource, ids: set[UUID]) -> Select[Any]:
    model = resource.model
    title = cast(resource.title(), Text) if resource.title else cast(null(), Text)
    columns: Select[Any] = select(literal(resource.name).label("kind"), model.id.label("id"), title.label("title"))
    part = restrict(columns, model, actor).where(model.id.in_(ids))
    return part.where(model.deleted_at.is_(None)) if hasattr(model, "deleted_at") else part
