"""The daily email, written once per person and day, and the removal of old notifications."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.extensions import db
from app.messaging.notifications import digest_service, mail_service
from app.messaging.notifications.digest_service import forget, write_digests
from app.messaging.notifications.jobs import forget_notifications, write_daily_mails
from app.models import Notification, Organization, User
from app.ops.jobs.queue import enqueue
from app.ops.jobs.worker import run_worker
from tests.messaging.notifications.conftest import Told, acting
from tests.support.factories import Factories
from tests.support.work import both_at_once

TODAY = date(2030, 3, 20)
Waiting = Callable[..., Notification]


@pytest.fixture
def waiting(make: Factories, csr: User) -> Waiting:
    """Function that adds a notification to the CSR's next daily email."""

    def add(said: str = "News", **values: Any) -> Notification:
        defaults = {"user_id": csr.id, "kind": "coaching_note", "text": said, "link": "/calls", "in_digest": True}
        return make.add(Notification(**{"organization_id": csr.organization_id, **defaults, **values}))

    return add


@pytest.fixture
def digests(admin_engine: Engine) -> Callable[[], list[tuple[str, str]]]:
    """Function that returns (address, text) of the daily emails, oldest first."""

    def look() -> list[tuple[str, str]]:
        with admin_engine.connect() as connection:
            rows = connection.execute(
                text("SELECT to_address, body FROM messages WHERE template = 'digest' ORDER BY created_at, id")
            )
            return [(row.to_address, row.body) for row in rows]

    return look


@pytest.fixture
def write(app: Flask, organization: Organization) -> Callable[..., None]:
    def do(day: date = TODAY) -> None:
        with acting(app, organization):
            write_digests(day)

    return do


def test_one_mail_says_all_that_is_unread(
    write: Callable[..., None], waiting: Waiting, digests: Callable[[], list[tuple[str, str]]], csr: User, owner: User
) -> None:
    waiting("Coaching for you")
    waiting("A dispute was decided")
    waiting("Read already", read_at=datetime.now(UTC))
    waiting("Not for the mail", in_digest=False)
    waiting("For another", user_id=owner.id)

    write()

    by_address = dict(digests())
    assert set(by_address) == {csr.email, owner.email}
    said = ("Coaching for you", "A dispute was decided", "Read already", "Not for the mail")
    assert [one in by_address[csr.email] for one in said] == [True, True, False, False]


def test_run_twice_it_is_one_mail(
    write: Callable[..., None], waiting: Waiting, digests: Callable[[], list[tuple[str, str]]]
) -> None:
    waiting("Before")
    write()
    waiting("After")
    write()

    assert len(digests()) == 1
    write(TODAY + timedelta(days=1))
    assert ["After" in body for _address, body in digests()] == [False, True], "what came later waits for the next day"


def test_two_at_once_write_one_mail(
    app: Flask, organization: Organization, waiting: Waiting, digests: Callable[[], list[tuple[str, str]]]
) -> None:
    waiting()

    assert both_at_once(app, organization.id, lambda: write_digests(TODAY), lambda: write_digests(TODAY)) == []

    assert len(digests()) == 1


class Killed(BaseException):
    """Simulated abrupt end of the worker's process."""


def test_a_worker_killed_in_the_middle_has_written_to_nobody_and_the_next_to_everybody(
    app: Flask,
    organization: Organization,
    waiting: Waiting,
    make: Factories,
    digests: Callable[[], list[tuple[str, str]]],
    monkeypatch: pytest.MonkeyPatch,
    write: Callable[..., None],
) -> None:
    for _ in range(3):
        waiting(user_id=make.user(organization).id)
    whole = mail_service.mail_digest

    def die_after(*told: Any) -> None:
        whole(*told)
        db.session.flush()
        raise Killed

    monkeypatch.setattr(digest_service, "mail_digest", die_after)
    with pytest.raises(Killed):
        write()
    assert digests() == []
    monkeypatch.undo()

    write()
    write()

    assert len(digests()) == 3


def test_what_was_for_the_mail_alone_is_done_with_it(
    write: Callable[..., None], waiting: Waiting, told: Told, digests: Callable[[], list[tuple[str, str]]]
) -> None:
    waiting("Only by mail", is_shown=False, merge_key="coaching_note:1")
    waiting("Here too")

    write()

    assert [(row["text"], row["read_at"] is None, row["in_digest"]) for row in told()] == [
        ("Only by mail", False, False),
        ("Here too", True, False),
    ]


def test_nothing_is_written_about_what_one_may_not_see_any_more(
    write: Callable[..., None],
    waiting: Waiting,
    make: Factories,
    organization: Organization,
    digests: Callable[[], list[tuple[str, str]]],
) -> None:
    waiting("About what is another’s now", about_type="task", about_id=make.task(organization).id)

    write()

    assert digests() == []


def test_who_is_suspended_gets_it_when_they_are_let_back(
    write: Callable[..., None],
    waiting: Waiting,
    csr: User,
    digests: Callable[[], list[tuple[str, str]]],
    admin_engine: Engine,
) -> None:
    def become(status: str) -> None:
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE users SET status = :to WHERE id = :id"), {"to": status, "id": csr.id})

    waiting("Coaching for you")
    become("suspended")
    write()
    assert digests() == []

    become("active")
    write()

    assert ["Coaching for you" in body for _address, body in digests()] == [True]


def test_nothing_is_written_of_what_one_has_lost_the_right_to(
    write: Callable[..., None], waiting: Waiting, digests: Callable[[], list[tuple[str, str]]]
) -> None:
    waiting("80% of a monthly budget has been used.", kind="budget_warning", link="/organization/usage")

    write()

    assert digests() == []


def test_what_comes_while_it_is_written_is_for_the_next(
    write: Callable[..., None],
    waiting: Waiting,
    told: Told,
    digests: Callable[[], list[tuple[str, str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A notification added while the daily email is being written waits for the next one.

    It is added between the query for pending notifications and the update that marks them as read.
    """
    waiting("Before", is_shown=False)
    execute = db.session.execute
    come: list[Notification] = []

    def tell_one_more_before(statement: Any, *more: Any, **options: Any) -> Any:
        if not come and getattr(statement, "is_update", False) and "read_at" in str(statement.compile()):
            come.append(waiting("Meanwhile", is_shown=False))
        return execute(statement, *more, **options)

    monkeypatch.setattr(db.session, "execute", tell_one_more_before)
    write()

    assert [(row["text"], row["read_at"] is None) for row in told()] == [("Before", False), ("Meanwhile", True)]


def test_it_is_due_when_the_day_of_the_organization_ends(
    app: Flask, organization: Organization, waiting: Waiting, digests: Callable[[], list[tuple[str, str]]]
) -> None:
    waiting()
    schedule = write_daily_mails.schedule
    assert schedule is not None
    due = schedule.last_due(datetime(2030, 3, 20, 23, tzinfo=UTC), "America/New_York")
    assert due == datetime(2030, 3, 20, 21, tzinfo=UTC)

    with acting(app, organization):
        enqueue(write_daily_mails)
    run_worker(app, schedule=(), until_idle=True)

    assert len(digests()) == 1


def test_after_ninety_days_they_are_removed(
    app: Flask, organization: Organization, waiting: Waiting, told: Told
) -> None:
    now = datetime.now(UTC)
    waiting("Old", told_at=now - timedelta(days=91))
    waiting("Not yet", told_at=now - timedelta(days=89))

    with acting(app, organization):
        enqueue(forget_notifications)
    run_worker(app, schedule=(), until_idle=True)

    assert [row["text"] for row in told()] == ["Not yet"]


def test_unless_all_of_the_organization_is_held(
    app: Flask, organization: Organization, waiting: Waiting, told: Told, admin_engine: Engine
) -> None:
    waiting("Old", told_at=datetime.now(UTC) - timedelta(days=91))
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE organizations SET legal_hold = true, legal_hold_reason = 'A lawsuit'"))

    with acting(app, organization):
        forget(datetime.now(UTC))

    assert [row["text"] for row in told()] == ["Old"]
