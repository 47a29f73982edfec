"""Creation of notifications: on the chosen channels, not about a user's own actions, merged if many."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from app.db.ids import uuid7
from app.declarations.notice import Merge, Notice, Way
from app.declarations.registry import registry_of
from app.models import Organization, User, UserStatus
from app.tenancy.notification_service import NewNotification, notify
from tests.messaging.notifications.conftest import Tell, Told, acting
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.locks import meanwhile
from tests.support.work import both_at_once

EACH = Notice(kind="each", label="Each", icon="info")
OF_RECORD = Notice(kind="of_record", label="Of a record", icon="info", about="task", merge=Merge.RECORD)
OF_KIND = Notice(
    kind="of_kind",
    label="Of a kind",
    icon="info",
    about="task",
    merge=Merge.KIND,
    many=lambda n: f"{n} of them",
    many_link="/tasks",
)


def test_who_did_it_is_not_told(tell: Tell, told: Told, owner: User, rep: User) -> None:
    tell(EACH, NewNotification(owner.id, "Done", "/tasks"), NewNotification(rep.id, "Done", "/tasks"), by=owner)

    assert [row["user_id"] for row in told()] == [rep.id]


def test_nor_whoever_sees_the_pages_of_somebody_else(
    app: Flask, organization: Organization, told: Told, owner: User, rep: User
) -> None:
    with acting(app, organization, owner, viewing_as=rep.id):
        notify(EACH, [NewNotification(owner.id, "Done", "/tasks")])

    assert told() == []


def test_but_what_came_of_what_they_asked_for_is_told_them(tell: Tell, told: Told, owner: User) -> None:
    ready = Notice(kind="ready", label="Ready", icon="info", notifies_actor=True)

    tell(ready, NewNotification(owner.id, "Ready", "/exports"), by=owner)

    assert [row["user_id"] for row in told()] == [owner.id]


def test_nobody_and_who_has_left_are_passed_over(
    tell: Tell, told: Told, make: Factories, organization: Organization
) -> None:
    gone = make.user(organization, status=UserStatus.INACTIVE)

    tell(EACH, NewNotification(None, "Done", "/tasks"), NewNotification(gone.id, "Done", "/tasks"))

    assert told() == []


def test_people_of_a_neighbour_are_not_told(tell: Tell, told: Told, make: Factories) -> None:
    tell(EACH, NewNotification(make.user(make.organization()).id, "Done", "/tasks"))

    assert told() == []


def test_several_of_a_kind_are_one_with_their_number(tell: Tell, told: Told, rep: User) -> None:
    first, second = uuid7(), uuid7()
    tell(OF_KIND, NewNotification(rep.id, "One", "/tasks/1", first))
    tell(
        OF_KIND,
        NewNotification(rep.id, "Two", "/tasks/2", second),
        NewNotification(rep.id, "Three", "/tasks/3", second),
    )

    [row] = told()
    assert (row["count"], row["text"], row["about_type"], row["about_id"]) == (3, "Three", "task", None)


def test_of_a_record_only_those_about_the_same(tell: Tell, told: Told, rep: User) -> None:
    first, second = uuid7(), uuid7()
    for record in (first, second, first):
        tell(OF_RECORD, NewNotification(rep.id, "News", "/tasks", record))

    assert [(row["about_id"], row["count"]) for row in told()] == [(second, 1), (first, 2)]


def test_what_is_read_is_joined_by_nothing(tell: Tell, told: Told, rep: User, admin_engine: Engine) -> None:
    tell(OF_KIND, NewNotification(rep.id, "One", "/tasks/1", uuid7()))
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE notifications SET read_at = now(), merge_key = NULL"))
    tell(OF_KIND, NewNotification(rep.id, "Two", "/tasks/2", uuid7()))

    assert [row["count"] for row in told()] == [1, 1]


def test_of_two_at_once_none_is_lost(app: Flask, organization: Organization, told: Told, rep: User) -> None:
    def tell_one() -> None:
        notify(OF_KIND, [NewNotification(rep.id, "One more", "/tasks/1", uuid7())])

    assert both_at_once(app, organization.id, tell_one, tell_one, tell_one) == []

    [row] = told()
    assert row["count"] == 3


def test_who_reads_it_meanwhile_loses_nothing(
    app: Flask,
    organization: Organization,
    tell: Tell,
    told: Told,
    rep: User,
    database: WorkerDatabase,
    admin_engine: Engine,
) -> None:
    """A notification that arrives while an earlier one is being marked as read stays separate and unread."""
    tell(OF_KIND, NewNotification(rep.id, "One", "/tasks/1", uuid7()))
    with admin_engine.connect() as connection:
        connection.execute(text("UPDATE notifications SET read_at = now(), merge_key = NULL"))
        with meanwhile(lambda: tell(OF_KIND, NewNotification(rep.id, "Two", "/tasks/2", uuid7())), database) as refused:
            connection.commit()

    assert refused == []
    assert sorted((row["count"], row["read_at"] is None) for row in told()) == [(1, False), (1, True)]


def test_two_who_tell_the_same_people_do_not_wait_for_each_other(
    app: Flask, organization: Organization, told: Told, make: Factories
) -> None:
    people = [make.user(organization) for _ in range(20)]

    def tell_in(order: list[User]) -> Callable[[], None]:
        return lambda: notify(OF_KIND, [NewNotification(one.id, "News", "/tasks/1", uuid7()) for one in order])

    assert both_at_once(app, organization.id, tell_in(people), tell_in(people[::-1])) == []

    assert [row["count"] for row in told()] == [2] * 20


@pytest.mark.parametrize(("people", "each"), [(1, 1), (200, 1), (200, 3)])
def test_however_many_it_takes_two_statements(
    tell: Tell,
    told: Told,
    make: Factories,
    organization: Organization,
    queries: Callable[[], AbstractContextManager[list[str]]],
    people: int,
    each: int,
) -> None:
    with make.batch():
        everybody = [make.user(organization) for _ in range(people)]
    news = [NewNotification(one.id, "News", "/tasks/1", uuid7()) for one in everybody for _ in range(each)]

    with queries() as sent:
        tell(OF_KIND, *news)

    of_telling = [one for one in sent if "notifications" in one or "FROM users" in one]
    assert len(of_telling) == 2
    assert [row["count"] for row in told()] == [each] * people


def test_each_is_told_in_their_language(tell: Tell, told: Told, make: Factories, organization: Organization) -> None:
    people = [make.user(organization, language=language) for language in ("en", "ru")]

    tell(EACH, *(NewNotification(one.id, _l("Today"), "/tasks") for one in people))

    assert {row["text"] for row in told()} == {"Today", "Сегодня"}


def test_who_wants_it_nowhere_gets_nothing(tell: Tell, told: Told, make: Factories, organization: Organization) -> None:
    person = make.user(organization, notification_choices={"each": []})

    tell(EACH, NewNotification(person.id, "News", "/tasks"))

    assert told() == []


def test_who_wants_only_the_daily_mail_sees_nothing_here(
    tell: Tell, told: Told, make: Factories, organization: Organization
) -> None:
    person = make.user(organization, notification_choices={"each": ["digest"]})

    tell(EACH, NewNotification(person.id, "News", "/tasks"))

    assert [(row["is_shown"], row["in_digest"]) for row in told()] == [(False, True)]


def test_who_wants_it_elsewhere_from_now_on_still_finds_what_they_were_told_here(
    tell: Tell, told: Told, rep: User, admin_engine: Engine
) -> None:
    tell(OF_KIND, NewNotification(rep.id, "One", "/tasks/1", uuid7()))
    with admin_engine.begin() as connection:
        chosen = {"id": rep.id, "choices": '{"of_kind": ["digest"]}'}
        connection.execute(text("UPDATE users SET notification_choices = :choices WHERE id = :id"), chosen)
    tell(OF_KIND, NewNotification(rep.id, "Two", "/tasks/2", uuid7()))

    assert [(row["count"], row["is_shown"], row["in_digest"]) for row in told()] == [(2, True, True)]


def test_what_is_about_no_record_stays_by_itself(tell: Tell, told: Told, rep: User) -> None:
    for _ in range(2):
        tell(OF_RECORD, NewNotification(rep.id, "News", "/tasks"))

    assert [row["count"] for row in told()] == [1, 1]


@pytest.mark.parametrize(("mails_suspended_people", "mails"), [(False, 0), (True, 1)])
def test_who_is_suspended_gets_mail_at_once_only_of_what_concerns_their_access(
    tell: Tell,
    told: Told,
    make: Factories,
    organization: Organization,
    admin_engine: Engine,
    mails_suspended_people: bool,
    mails: int,
) -> None:
    ways = frozenset({Way.PAGE, Way.MAIL})
    notice = Notice(kind="m", label="M", icon="info", ways=ways, mails_suspended_people=mails_suspended_people)
    kept_out = make.user(organization, status=UserStatus.SUSPENDED)

    tell(notice, NewNotification(kept_out.id, "News", "/tasks"))

    assert [row["is_shown"] for row in told()] == [True]
    with admin_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM messages WHERE template = 'notification'")) == mails


@pytest.mark.parametrize(
    "choices",
    ['["page"]', '{"each": "page"}', '{"each": {}}', '{"each": [1]}', '{"each": ["pigeon"]}', '{"each": [["page"]]}'],
)
def test_the_database_keeps_only_choices_of_ways(rep: User, admin_engine: Engine, choices: str) -> None:
    with admin_engine.connect() as connection, pytest.raises(IntegrityError, match="check_notification_choices"):
        connection.execute(text("UPDATE users SET notification_choices = :choices"), {"choices": choices})


def test_what_is_not_offered_is_not_done() -> None:
    here_only = Notice(kind="here", label="Here", icon="info", offered=(Way.PAGE,))

    assert here_only.chosen({"here": ["mail"]}, frozenset()) == frozenset()


def test_every_kind_says_what_it_is_about_and_how_many(app: Flask) -> None:
    known = registry_of(app)
    for notice in known.notices.values():
        assert notice.about is None or notice.about in known.resources
        assert (notice.merge is Merge.KIND) == (notice.many is not None)
        assert not notice.offered or notice.ways <= frozenset(notice.offered)
