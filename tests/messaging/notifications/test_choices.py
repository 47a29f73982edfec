"""Choice of channels per notification: the form next to the list, and the resulting emails."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.db.ids import uuid7
from app.declarations.notice import Merge, Notice, Way
from app.declarations.registry import registry_of
from app.extensions import db
from app.messaging.outbox.jobs import send_mail
from app.models import Organization, User
from app.ops.jobs.queue import enqueue_each
from app.ops.jobs.worker import run_worker
from app.tenancy.notification_service import NewNotification, notify
from tests.messaging.notifications.conftest import Tell, acting
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page

BY_MAIL = Notice(kind="by_mail", label="By email", icon="info", ways=frozenset({Way.PAGE, Way.MAIL}))


@pytest.fixture
def mails(admin_engine: Engine) -> Callable[[], list[tuple[str, str]]]:
    """Function that returns (address, text) of the queued emails, oldest first."""

    def look() -> list[tuple[str, str]]:
        with admin_engine.connect() as connection:
            found = connection.execute(text("SELECT to_address, body FROM messages ORDER BY created_at, id"))
            return [(row.to_address, row.body) for row in found]

    return look


def ticked(page: Page) -> set[str]:
    return {box.get("value", "") for box in page.all(".//input[@name='ways']") if box.get("checked") is not None}


def version_of(page: Page) -> str:
    return page.fields("/notifications/choices")["version"]


def chosen(behind_engine: Engine, user: User) -> Any:
    with behind_engine.connect() as connection:
        return connection.scalar(text("SELECT notification_choices FROM users WHERE id = :id"), {"id": user.id})


def test_what_is_ticked_is_kept_and_shown(as_csr: Client, csr: User, admin_engine: Engine) -> None:
    page = as_csr.get("/notifications")
    wanted = (ticked(page) - {"coaching_note:page"}) | {"coaching_note:mail", "task_assigned:digest"}

    as_csr.post("/notifications/choices", {"version": version_of(page), "ways": sorted(wanted)})

    assert ticked(as_csr.get("/notifications")) == wanted
    assert chosen(admin_engine, csr) == {"coaching_note": ["mail"], "task_assigned": ["digest", "page"]}


def test_what_is_as_declared_is_not_kept(as_csr: Client, csr: User, admin_engine: Engine) -> None:
    page = as_csr.get("/notifications")
    as_csr.post("/notifications/choices", {"version": version_of(page), "ways": ["coaching_note:page"]})
    page = as_csr.get("/notifications")

    everything = {f"{kind}:page" for kind in chosen(admin_engine, csr)} | {"access_changed:mail", "coaching_note:page"}
    as_csr.post("/notifications/choices", {"version": version_of(page), "ways": sorted(everything)})

    assert chosen(admin_engine, csr) == {}


def test_who_saves_after_another_tab_is_shown_both(as_csr: Client, csr: User, admin_engine: Engine) -> None:
    old = version_of(as_csr.get("/notifications"))
    as_csr.post("/notifications/choices", {"version": old, "ways": ["coaching_note:mail"]})

    page = as_csr.post("/notifications/choices", {"version": old, "ways": ["coaching_note:digest"]}, status=409)

    assert "Save mine instead" in page.text
    assert chosen(admin_engine, csr)["coaching_note"] == ["mail"]
    as_csr.post("/notifications/choices", {"version": version_of(page), "ways": ["coaching_note:digest"]})
    assert chosen(admin_engine, csr)["coaching_note"] == ["digest"]


def test_only_what_one_is_told_of_is_offered(as_csr: Client, as_admin: Client) -> None:
    assert "Plan limits" not in as_csr.get("/notifications").text
    assert "Plan limits" in as_admin.get("/notifications").text


def test_what_is_not_offered_is_refused(as_csr: Client, csr: User, admin_engine: Engine) -> None:
    page = as_csr.get("/notifications")

    for value in ("claim_ending:mail", "quota_warning:page", "spaceship:page"):
        as_csr.post("/notifications/choices", {"version": version_of(page), "ways": [value]}, status=400)

    assert chosen(admin_engine, csr) == {}


def test_who_wants_mail_gets_it_in_the_same_transaction(
    tell: Tell, rep: User, mails: Callable[[], list[tuple[str, str]]]
) -> None:
    tell(BY_MAIL, NewNotification(rep.id, "Your role is now Manager.", "/account"))

    [(address, body)] = mails()
    assert address == rep.email
    assert "Your role is now Manager." in body
    assert "/account" in body


def test_what_is_rolled_back_is_not_written(
    app: Flask, organization: Organization, rep: User, mails: Callable[[], list[tuple[str, str]]]
) -> None:
    with acting(app, organization):
        notify(BY_MAIL, [NewNotification(rep.id, "News", "/account")])
        db.session.rollback()

    assert mails() == []


def test_one_mail_says_all_that_is_told_at_once(
    tell: Tell, rep: User, mails: Callable[[], list[tuple[str, str]]]
) -> None:
    many = Notice(
        kind="many",
        label="Many",
        icon="info",
        ways=frozenset({Way.MAIL}),
        merge=Merge.KIND,
        many=lambda n: f"{n} tasks for you",
        many_link="/tasks",
    )

    tell(many, *(NewNotification(rep.id, "A task", "/tasks/1", uuid7()) for _ in range(12)))

    [(_address, body)] = mails()
    assert "12 tasks for you" in body


def test_mails_to_many_take_as_many_statements_as_to_two(
    tell: Tell, make: Factories, organization: Organization, queries: Callable[..., Any]
) -> None:
    with make.batch():
        people = [make.user(organization) for _ in range(100)]

    def cost(number: int) -> int:
        with queries() as sent:
            tell(BY_MAIL, *(NewNotification(one.id, "News", "/account") for one in people[:number]))
        return len(sent)

    assert cost(100) == cost(2)


def test_jobs_that_are_asked_for_together_are_all_done(
    app: Flask, organization: Organization, admin_engine: Engine
) -> None:
    with acting(app, organization):
        enqueue_each(send_mail, [{"message_id": str(uuid7())} for _ in range(3)])
    run_worker(app, schedule=(), until_idle=True)

    with admin_engine.connect() as connection:
        assert connection.execute(text("SELECT name, status FROM jobs")).all() == [("mail.send", "done")] * 3


def test_every_kind_that_is_offered_is_declared_once(app: Flask) -> None:
    kinds = [notice.kind for feature in registry_of(app).features for notice in feature.notices]

    assert len(kinds) == len(set(kinds)) > 10


def tick(client: Client, changed: str, *ways: str, status: int = 200) -> Page:
    return client.post("/notifications/choices", {"changed": changed, "ways": list(ways)}, status=status)


def test_one_tick_is_kept_and_leaves_the_others(as_csr: Client, csr: User, admin_engine: Engine) -> None:
    before = ticked(as_csr.get("/notifications"))

    said = tick(as_csr, "coaching_note:mail", "coaching_note:mail", "task_assigned:digest")

    assert said.one(".//*[@data-announce]").get("data-announce") == "Notification settings saved."
    assert ticked(as_csr.get("/notifications")) == before | {"coaching_note:mail"}
    tick(as_csr, "coaching_note:mail", "coaching_note:mail")
    assert chosen(admin_engine, csr) == {"coaching_note": ["mail", "page"]}
    tick(as_csr, "coaching_note:mail")
    assert ticked(as_csr.get("/notifications")) == before


@pytest.mark.parametrize("changed", ["", "coaching_note", "coaching_note:pigeon", "nothing:page", "\0"])
def test_a_tick_that_is_not_offered_is_refused(as_csr: Client, csr: User, admin_engine: Engine, changed: str) -> None:
    tick(as_csr, changed, changed, status=400)

    assert chosen(admin_engine, csr) == {}
