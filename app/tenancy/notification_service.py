"""Notifications to people, stored in the current transaction and sent by email immediately or daily.

Sending takes a few statements, whatever the number of people: rows are inserted thousands at a time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import DateTime, Integer, Row, Uuid, case, column, func, or_, select, tuple_, update, values
from sqlalchemy.dialects.postgresql import Insert, insert

from app.db.conditions import is_any_of
from app.db.context import current_context
from app.db.ids import uuid7
from app.declarations.events import Notified, NotifiedByMail, raise_event
from app.declarations.notice import Merge, Notice, Way
from app.errors import LazyText
from app.extensions import db
from app.models import Notification, User, UserStatus
from app.security.scope import unscoped

#: Rows in one statement; each takes a dozen of the 65,535 parameters that it can have.
_ROWS_A_STATEMENT = 2_000
_MAX_CHARACTERS = 500
#: A transaction that makes many assignments writes the notifications at its end.
_WRITTEN_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewNotification:
    """A notification for one person.

    `link` is a path in the app, `about_id` the id of the record that it is about, of the type `Notice.about`.
    """

    user_id: UUID | None
    sentence: LazyText
    link: str
    about_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A record that was assigned to a person, who was notified, and is no longer theirs.

    `about_id` is the id of the record, of the type `Notice.about`; `given_at` is the time of the assignment.
    """

    user_id: UUID | None
    about_id: UUID
    given_at: datetime


def notify(notice: Notice, tellings: Iterable[NewNotification]) -> None:
    """Send notifications to people of the context's organization, in their language and by their channels.

    Notifications without a person, or for people who have left, are skipped. So are those for the acting user, unless
    `notice` specifies otherwise.
    """
    context = current_context()
    by_person: dict[UUID, list[NewNotification]] = {}
    for telling in tellings:
        if telling.user_id is not None and (notice.notifies_actor or telling.user_id != context.reference_id):
            by_person.setdefault(telling.user_id, []).append(telling)
    rows: list[dict[str, Any]] = []
    by_mail: list[Notified] = []
    people = _people(context.organization_id, by_person)
    defaults = notice.defaults(db.session(), context.organization_id, by_person) if context.organization_id else {}
    for person in people:
        ways, told = notice.chosen(person.notification_choices, defaults[person.id]), by_person[person.id]
        if not ways:
            continue
        with force_locale(person.language):
            if ways & {Way.PAGE, Way.DIGEST}:
                rows += _rows(notice, person, told, ways)
            if Way.MAIL in ways and (person.is_active or notice.mails_suspended_people):
                by_mail += _mail_texts(notice, person.id, told)
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        db.session.execute(_upsert(rows[start : start + _ROWS_A_STATEMENT]))
    if by_mail:
        raise_event(NotifiedByMail(tuple(by_mail), notice.mail))


def withdraw(notice: Notice, taken: Iterable[Taken]) -> None:
    """Withdraw unread notifications about records that are no longer assigned to the people notified.

    No one is told: the notifications just no longer count on the page and in the daily email. Takes one statement.
    """
    of_people: dict[UUID, list[Taken]] = {}
    for one in taken:
        if one.user_id is not None:
            of_people.setdefault(one.user_id, []).append(one)
    if not of_people:
        return
    lost = values(
        column("user_id", Uuid()), column("number", Integer()), column("given_at", DateTime(timezone=True)), name="lost"
    ).data([(person, len(those), max(one.given_at for one in those)) for person, those in of_people.items()])
    records = [(person, one.about_id) for person, those in of_people.items() for one in those]
    some_stay = Notification.count > lost.c.number
    db.session.execute(
        update(Notification)
        .where(
            Notification.organization_id == current_context().organization_id,
            Notification.user_id == lost.c.user_id,
            Notification.kind == notice.kind,
            Notification.read_at.is_(None),
            # One that was created later, after the earlier one was read, is about something else.
            Notification.created_at <= lost.c.given_at + _WRITTEN_WITHIN,
            or_(Notification.about_id.is_(None), tuple_(Notification.user_id, Notification.about_id).in_(records)),
        )
        .values(
            count=case((some_stay, Notification.count - lost.c.number), else_=Notification.count),
            link=case((some_stay, notice.many_link or Notification.link), else_=Notification.link),
            about_id=case((some_stay, None), else_=Notification.about_id),
            read_at=case((some_stay, None), else_=func.clock_timestamp()),
            merge_key=case((some_stay, Notification.merge_key), else_=None),
            is_shown=Notification.is_shown & some_stay,
            in_digest=Notification.in_digest & some_stay,
        ),
        execution_options={"synchronize_session": False},
    )


def withdraw_about(notices: Iterable[Notice], taken: Collection[Taken]) -> None:
    """Withdraw all unread notifications of these kinds, each about one record, from the people notified.

    Takes one statement.
    """
    if not taken:
        return
    db.session.execute(
        update(Notification)
        .where(
            Notification.organization_id == current_context().organization_id,
            is_any_of(Notification.kind, [notice.kind for notice in notices]),
            is_any_of(Notification.user_id, [one.user_id for one in taken]),
            is_any_of(Notification.about_id, [one.about_id for one in taken]),
            Notification.read_at.is_(None),
        )
        .values(read_at=func.clock_timestamp(), merge_key=None, is_shown=False, in_digest=False),
        execution_options={"synchronize_session": False},
    )


def notify_all(
    notice: Notice, people: Iterable[User], sentence: LazyText, link: str, about_id: UUID | None = None
) -> None:
    """Send the same notification to each of `people`."""
    notify(notice, [NewNotification(person.id, sentence, link, about_id) for person in people])


def _people(organization_id: UUID | None, told: Mapping[UUID, object]) -> Sequence[Row[Any]]:
    """Return the people in `told` who have not left, sorted by id.

    The order is the same everywhere, so that concurrent transactions don't deadlock.
    """
    if not told:
        return ()
    people = unscoped(
        select(User.id, User.organization_id, User.language, User.is_active, User.notification_choices),
        why="the recipients of a notification do not have to be visible to its sender",
    ).where(User.organization_id == organization_id, User.id.in_(told), User.status != UserStatus.INACTIVE)
    return db.session.execute(people.order_by(User.id)).all()


def _rows(
    notice: Notice, person: Row[Any], told: Iterable[NewNotification], ways: frozenset[Way]
) -> list[dict[str, Any]]:
    """Return the notification rows of a person, with those that can be merged combined into one.

    The reason is that a statement can't write the same row twice.
    """
    merged: dict[str | UUID, list[NewNotification]] = {}
    for telling in told:
        merged.setdefault(_merge_key(notice, telling) or uuid7(), []).append(telling)
    return [
        {
            "organization_id": person.organization_id,
            "id": uuid7(),
            "user_id": person.id,
            "kind": notice.kind,
            "text": _clipped(several[-1].sentence),
            "link": several[-1].link,
            "count": len(several),
            "merge_key": key if isinstance(key, str) else None,
            "about_type": notice.about,
            "about_id": several[-1].about_id if len({one.about_id for one in several}) == 1 else None,
            "is_shown": Way.PAGE in ways,
            "in_digest": Way.DIGEST in ways,
        }
        for key, several in sorted(merged.items(), key=lambda item: str(item[0]))
    ]


def _merge_key(notice: Notice, telling: NewNotification) -> str | None:
    if notice.merge is Merge.KIND:
        return notice.kind
    is_of_record = notice.merge is Merge.RECORD and telling.about_id is not None
    return f"{notice.kind}:{telling.about_id}" if is_of_record else None


def _upsert(rows: Sequence[Mapping[str, Any]]) -> Insert:
    """Return the statement that merges rows with unread ones, or else inserts them.

    If two transactions notify a person of the same thing, the second is merged with the first.
    """
    new = insert(Notification).values(list(rows))
    joined = new.excluded
    return new.on_conflict_do_update(
        index_elements=["organization_id", "user_id", "merge_key"],
        index_where=Notification.merge_key.is_not(None),
        set_={
            "count": Notification.count + joined.count,
            "text": joined.text,
            "link": joined.link,
            "about_id": case((Notification.about_id == joined.about_id, joined.about_id)),
            "told_at": func.clock_timestamp(),
            # If the person has changed their channels, earlier notifications still appear where they were sent.
            "is_shown": Notification.is_shown | joined.is_shown,
            "in_digest": Notification.in_digest | joined.in_digest,
        },
    )


def _mail_texts(notice: Notice, person_id: UUID, told: Sequence[NewNotification]) -> list[Notified]:
    """Return the content of one email for all notifications, or of one for each.

    Each has its own email if the notice declares one.
    """
    if notice.mail is None:
        return [Notified(person_id, _texts(notice, told))]
    return [Notified(person_id, ((_clipped(one.sentence), one.link),), one.about_id) for one in told]


def _texts(notice: Notice, told: Sequence[NewNotification]) -> tuple[tuple[str, str], ...]:
    """Return the lines of an email as text and link, with many of a kind combined in one sentence."""
    if notice.merge is Merge.KIND and notice.many is not None and len(told) > 1:
        return ((notice.many(len(told)), notice.many_link or told[-1].link),)
    return tuple((_clipped(telling.sentence), telling.link) for telling in told)


def _clipped(sentence: LazyText) -> str:
    return str(sentence)[:_MAX_CHARACTERS]
