"""Telling people what concerns them, in the current transaction: on their page, by mail at once or with the daily mail.

However many are told of however much, it takes two statements, and a few more where somebody wants mail.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import DateTime, Integer, Row, Uuid, case, column, func, or_, select, tuple_, update, values
from sqlalchemy.dialects.postgresql import Insert, insert

from app.db.context import current_context
from app.db.ids import uuid7
from app.declarations.events import Told, ToldByMail, raise_event
from app.declarations.notice import Merge, Notice, Way
from app.errors import Sentence
from app.extensions import db
from app.models import Notification, User, UserStatus
from app.security.scope import unscoped

#: Of one statement; each row takes a dozen of the 65,535 values that one may have.
_ROWS_A_STATEMENT = 2_000
_MAX_CHARACTERS = 500
#: A transaction that gives many things tells of them at its end.
_WRITTEN_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Telling:
    """One person told of one thing. `link` is a path of this app, `about_id` the record of `Notice.about`."""

    user_id: UUID | None
    sentence: Sentence
    link: str
    about_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What somebody was given and told of, and has no more: the record of `Notice.about`, and when it was given."""

    user_id: UUID | None
    about_id: UUID
    given_at: datetime


def notify(notice: Notice, tellings: Iterable[Telling]) -> None:
    """Tell people of the context's organization, each in their language and where they want it.

    Nobody in particular and who has left are passed over, and so is whoever acts themselves, unless `notice` says
    otherwise.
    """
    context = current_context()
    by_person: dict[UUID, list[Telling]] = {}
    for telling in tellings:
        if telling.user_id is not None and (notice.tells_actor or telling.user_id != context.reference_id):
            by_person.setdefault(telling.user_id, []).append(telling)
    rows: list[dict[str, Any]] = []
    by_mail: list[Told] = []
    people = _people(context.organization_id, by_person)
    defaults = notice.defaults(db.session(), context.organization_id, by_person) if context.organization_id else {}
    for person in people:
        ways, told = notice.chosen(person.notification_choices, defaults[person.id]), by_person[person.id]
        if not ways:
            continue
        with force_locale(person.language):
            if ways & {Way.PAGE, Way.DIGEST}:
                rows += _rows(notice, person, told, ways)
            if Way.MAIL in ways and (person.is_active or notice.mails_who_is_kept_out):
                by_mail += _told(notice, person.id, told)
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        db.session.execute(_upsert(rows[start : start + _ROWS_A_STATEMENT]))
    if by_mail:
        raise_event(ToldByMail(tuple(by_mail), notice.mail))


def withdraw(notice: Notice, taken: Iterable[Taken]) -> None:
    """Take back what people of the context's organization were told and have not read, for what they were given was
    taken back. Nothing is said of it: it counts no more, on the page and in the daily mail. One statement."""
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
            # One that came after it was read tells of something else.
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


def notify_all(
    notice: Notice, people: Iterable[User], sentence: Sentence, link: str, about_id: UUID | None = None
) -> None:
    """Tell each of `people` the same."""
    notify(notice, [Telling(person.id, sentence, link, about_id) for person in people])


def _people(organization_id: UUID | None, told: Mapping[UUID, object]) -> Sequence[Row[Any]]:
    """Who of them is still there, in the order in which all tell people, so that two who tell them do not wait for
    each other."""
    if not told:
        return ()
    people = unscoped(
        select(User.id, User.organization_id, User.language, User.is_active, User.notification_choices),
        why="whoever is told of something reads it themselves, whoever may see them",
    ).where(User.organization_id == organization_id, User.id.in_(told), User.status != UserStatus.INACTIVE)
    return db.session.execute(people.order_by(User.id)).all()


def _rows(notice: Notice, person: Row[Any], told: Iterable[Telling], ways: frozenset[Way]) -> list[dict[str, Any]]:
    """A row for each that stays by itself; those that merge are one row already, which a statement may write once."""
    merged: dict[str | UUID, list[Telling]] = {}
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


def _merge_key(notice: Notice, telling: Telling) -> str | None:
    if notice.merge is Merge.KIND:
        return notice.kind
    is_of_record = notice.merge is Merge.RECORD and telling.about_id is not None
    return f"{notice.kind}:{telling.about_id}" if is_of_record else None


def _upsert(rows: Sequence[Mapping[str, Any]]) -> Insert:
    """Join what is unread, else stand by itself; of two who tell somebody the same at once the second joins the
    first."""
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
            # Whoever wants to be told elsewhere from now on still finds what they were told of here.
            "is_shown": Notification.is_shown | joined.is_shown,
            "in_digest": Notification.in_digest | joined.in_digest,
        },
    )


def _told(notice: Notice, person_id: UUID, told: Sequence[Telling]) -> list[Told]:
    """What one mail says, or each of several where the notice has its own."""
    if notice.mail is None:
        return [Told(person_id, _texts(notice, told))]
    return [Told(person_id, ((_clipped(one.sentence), one.link),), one.about_id) for one in told]


def _texts(notice: Notice, told: Sequence[Telling]) -> tuple[tuple[str, str], ...]:
    """What a mail says: many of a kind in one sentence."""
    if notice.merge is Merge.KIND and notice.many is not None and len(told) > 1:
        return ((notice.many(len(told)), notice.many_link or told[-1].link),)
    return tuple((_clipped(telling.sentence), telling.link) for telling in told)


def _clipped(sentence: Sentence) -> str:
    return str(sentence)[:_MAX_CHARACTERS]
