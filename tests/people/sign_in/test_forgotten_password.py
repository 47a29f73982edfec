"""Links to set a new password, requested on the sign-in page with the same response for everyone."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.messaging.outbox.link_service import with_link
from app.models import Message, PasswordReset, Role, User, UserStatus
from app.people.sign_in import password_views
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page
from tests.support.work import at_work

NEW = "a quiet lake at dusk"
Rows = Callable[..., list[Any]]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_views, "ASKING_SECONDS", 0.0)


@pytest.fixture
def link_to(app: Flask, rows: Rows) -> Callable[[User], str]:
    """Function that returns the path of the link in the email to a user."""

    def read(user: User) -> str:
        (message,) = rows(Message, receiver_id=user.id)
        with at_work(app, user.organization_id):
            text = with_link(db.session.get_one(Message, (user.organization_id, message.id)))
        found = re.search(r"/password/\S+", text)
        assert found is not None
        return found[0]

    return read


def ask(client: Client, email: str, status: int = 200) -> Page:
    """Request a link for this address."""
    return client.post("/login/forgot", {"email": email}, status=status)


def test_the_way_from_the_sign_in_page_to_a_new_password(
    client: Client, user: User, link_to: Callable[[User], str]
) -> None:
    assert client.get("/login").links["Forgot password?"] == "/login/forgot"
    assert "Check your email" in ask(client, user.email.upper()).text

    client.post(link_to(user), {"password": NEW, "again": NEW})

    client.sign_in_by_form(user, password=NEW)


def test_the_answer_is_the_same_for_an_address_that_nobody_has(client: Client, user: User, rows: Rows) -> None:
    known = ask(client, user.email).text.replace(user.email, "…")
    unknown = ask(client, "nobody@here.example").text.replace("nobody@here.example", "…")

    assert known == unknown
    assert len(rows(Message)) == 1


def test_the_answer_takes_as_long(client: Client, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client.get("/login")
    monkeypatch.setattr(password_views, "ASKING_SECONDS", 0.4)

    def took(email: str) -> float:
        began = time.monotonic()
        ask(client, email)
        return time.monotonic() - began

    # The fastest of three: a busy machine only ever adds to it.
    times = [min(took(email) for _ in range(3)) for email in (user.email, "nobody@here.example")]

    assert min(times) >= 0.4
    assert abs(times[0] - times[1]) < 0.25


def test_the_wait_covers_what_only_a_known_address_costs_at_the_end(
    client: Client, user: User, monkeypatch: pytest.MonkeyPatch, rows: Rows
) -> None:
    client.get("/login")
    monkeypatch.setattr(password_views, "ASKING_SECONDS", 60.0)
    written: list[int] = []
    monkeypatch.setattr(time, "sleep", lambda _seconds: written.append(len(rows(Message))))

    ask(client, user.email)

    assert written == [1], "it is committed before the wait"


def test_every_organization_of_the_address_gets_its_own_link(
    client: Client, user: User, make: Factories, link_to: Callable[[User], str], rows: Rows
) -> None:
    namesake = make.user(make.organization(name="South Plumbing"), email=user.email)
    make.user(make.organization(), email=user.email, status=UserStatus.INACTIVE)

    ask(client, user.email)

    assert len(rows(Message)) == 2
    assert "South Plumbing" in rows(Message, receiver_id=namesake.id)[0].body
    client.post(link_to(user), {"password": NEW, "again": NEW})
    assert rows(User, id=namesake.id)[0].password_hash == namesake.password_hash


def test_the_mail_is_in_the_language_of_its_reader(
    client: Client, make: Factories, user: User, rows: Rows, change: Callable[..., None]
) -> None:
    change(user, language="ru")

    ask(client, user.email)

    (message,) = rows(Message, receiver_id=user.id)
    assert "пароля Switchboard" in message.subject
    assert client.get("/login").root.get("lang") == "en"


def test_neither_link_nor_token_can_be_read_in_the_database(
    client: Client, user: User, rows: Rows, link_to: Callable[[User], str]
) -> None:
    ask(client, user.email)

    token = link_to(user).removeprefix("/password/")
    (message,), (reset,) = rows(Message), rows(PasswordReset)
    assert token not in message.body
    assert token.encode() not in message.link_secret
    assert token.encode() not in reset.token_hash


def test_a_link_used_twice_at_once_sets_one_password(
    new_client: Callable[[], Client], client: Client, user: User, link_to: Callable[[User], str], rows: Rows
) -> None:
    ask(client, user.email)
    path = link_to(user)
    browsers = [new_client() for _number in range(4)]
    for browser in browsers:
        browser.get(path)
    tries = [(browser, f"a quiet lake at dusk {number}") for number, browser in enumerate(browsers)]

    with ThreadPoolExecutor(len(tries)) as at_once:
        answers = list(at_once.map(lambda one: one[0].answer_of(path, {"password": one[1], "again": one[1]}), tries))

    statuses = [answer.status for answer in answers]
    assert sorted(statuses) == [303, 404, 404, 404]
    client.sign_in_by_form(user, password=tries[statuses.index(303)][1])


def test_asking_again_and_again_has_to_wait(client: Client, user: User, rows: Rows) -> None:
    for _number in range(3):
        ask(client, user.email)

    ask(client, user.email.upper(), status=429)
    ask(client, "nobody@here.example")


def test_strangers_who_ask_keep_nobody_from_their_link(app: Flask, user: User, rows: Rows) -> None:
    for number in range(1, 8):
        ask(Client(app, f"203.0.113.{number}"), user.email)

    ask(Client(app, "198.51.100.9"), user.email)


def test_strangers_at_the_same_address_do_not_keep_a_known_browser_from_its_link(
    app: Flask, client: Client, user: User
) -> None:
    client.sign_in_by_form(user)
    client.follow(client.post("/logout"))
    stranger = Client(app)
    for _number in range(3):
        ask(stranger, user.email)
    ask(stranger, user.email, status=429)

    ask(client, user.email)


def test_a_link_that_was_just_sent_is_not_sent_again_and_stays_good(
    client: Client, user: User, rows: Rows, link_to: Callable[[User], str], change: Callable[..., None]
) -> None:
    first = ask(client, user.email).text
    path = link_to(user)

    assert ask(client, user.email).text == first
    client.get(path)
    (link,) = rows(PasswordReset)
    change(link, created_at=link.created_at - timedelta(minutes=16))
    ask(client, user.email)

    assert len(rows(Message, receiver_id=user.id)) == 2
    client.get(path, status=404)


def test_many_who_ask_at_once_send_one_mail(app: Flask, user: User, rows: Rows) -> None:
    browsers = [Client(app, f"203.0.113.{number}") for number in range(1, 7)]
    for browser in browsers:
        browser.get("/login/forgot")

    with ThreadPoolExecutor(len(browsers)) as at_once:
        list(at_once.map(lambda browser: ask(browser, user.email), browsers))

    assert len(rows(Message)) == 1


@pytest.mark.parametrize("email", ["", "x" * 300], ids=["none", "long"])
def test_what_is_no_address_is_said_beside_the_field(client: Client, email: str, rows: Rows) -> None:
    assert "Fix 1 field below" in ask(client, email, status=400).text
    assert rows(Message) == []


class TestChanging:
    """Password changes on the account page, which require the old password."""

    def change(self, client: Client, current: str, new: str = NEW, status: int = 303) -> Page:
        form = {"current": current, "password": new, "again": new}
        return client.post("/account/password", form, status=status)

    def test_it_takes_the_old_one_and_ends_the_other_sessions(
        self, client: Client, new_client: Callable[[], Client], user: User, rows: Rows
    ) -> None:
        elsewhere = new_client().sign_in_by_form(user)
        client.sign_in_by_form(user)

        page = client.follow(self.change(client, "correct horse battery staple"))

        assert "Your password was changed, and you were signed out everywhere else." in page.text
        assert "because your password was changed" in elsewhere.follow(elsewhere.get("/account", status=303)).text
        new_client().sign_in_by_form(user, password=NEW)
        assert [message.template for message in rows(Message, receiver_id=user.id)] == ["password_changed"]

    def test_a_wrong_old_one_changes_nothing(self, client: Client, user: User, rows: Rows) -> None:
        page = self.change(client.sign_in_by_form(user), "wrong", status=400)

        assert "Wrong password. Try again." in page.text
        assert rows(User, id=user.id)[0].password_changed_at is None

    def test_a_weak_new_one_is_refused(self, client: Client, user: User) -> None:
        page = self.change(client.sign_in_by_form(user), "correct horse battery staple", "password1234", status=400)

        assert "This password is too common" in page.text

    def test_guessing_the_old_one_has_to_wait(self, client: Client, user: User) -> None:
        client.sign_in_by_form(user)
        for _number in range(5):
            self.change(client, "wrong", status=400)

        self.change(client, "correct horse battery staple", status=429)

    def test_links_given_before_are_void(
        self, client: Client, user: User, link_to: Callable[[User], str], make: Factories
    ) -> None:
        ask(client, user.email)
        path = link_to(user)

        self.change(client.sign_in_by_form(user), "correct horse battery staple")

        client.get(path, status=404)


def test_nobody_is_told_by_mail_what_they_may_not_know(client: Client, make: Factories, rows: Rows) -> None:
    owner = make.user(make.organization(), role=Role.OWNER, password_hash=None)

    ask(client, owner.email)

    assert rows(Message) == []
