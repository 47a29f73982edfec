"""Emails about a user's own password change or reset request.

They say when it was made, from which device and from where.
"""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.models import Message, User
from app.people.sign_in import password_views
from tests.support.client import Client
from tests.support.factories import PASSWORD
from tests.support.mails import ADDRESS, CHROME, SESSIONS, tells_of_chrome, told_address, told_device

NEW = "a quiet lake at dusk"
#: Time zone of the organizations that the factories create.
ZONE = "America/New_York"
Rows = Callable[..., list[Any]]


@pytest.fixture
def browser(app: Flask) -> Client:
    """A browser whose IP address is `ADDRESS`."""
    return Client(app, ADDRESS)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_views, "ASKING_SECONDS", 0.0)


def change_password(browser: Client, **headers: str) -> None:
    form = {"current": PASSWORD, "password": NEW, "again": NEW}
    browser.post("/account/password", form, headers=headers)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_changed_password_is_told_with_its_request(
    browser: Client, user: User, rows: Rows, change: Callable[..., None], language: str
) -> None:
    change(user, language=language)

    change_password(browser.sign_in(user), **{"User-Agent": CHROME})

    (message,) = rows(Message, receiver_id=user.id)
    assert tells_of_chrome(message, ZONE, language)
    assert SESSIONS in message.body
    assert NEW not in message.body


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_link_that_was_asked_for_is_told_with_its_request(
    browser: Client, user: User, rows: Rows, change: Callable[..., None], language: str
) -> None:
    change(user, language=language)

    browser.post("/login/forgot", {"email": user.email}, status=200, headers={"User-Agent": CHROME})

    (message,) = rows(Message, receiver_id=user.id)
    assert tells_of_chrome(message, ZONE, language)


def test_what_a_stranger_writes_into_headers_is_not_told(browser: Client, user: User, rows: Rows) -> None:
    headers = {"User-Agent": "Chrome/1 https://evil.example {link}", "X-Forwarded-For": "198.51.100.66"}

    browser.post("/login/forgot", {"email": user.email}, status=200, headers=headers)

    (message,) = rows(Message, receiver_id=user.id)
    assert (told_device(message), told_address(message)) == ("Chrome", ADDRESS)
    assert "evil" not in message.body
    assert message.body.count("{link}") == 1


def test_the_mail_leads_to_the_list_of_sessions(browser: Client, user: User, rows: Rows) -> None:
    change_password(browser.sign_in(user))

    (message,) = rows(Message, receiver_id=user.id)
    assert SESSIONS in message.body
    assert browser.get("/account").one(".//*[@id='sessions']") is not None
