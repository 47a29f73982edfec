"""Emails about changes that someone else made to an account.

They say when the change was made, from which device and from where.
"""

import pytest
from flask import Flask

from app.models import Message, Organization, User
from tests.people.users.pages import filled
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.mails import ADDRESS, CHROME, SESSIONS, tells_of_chrome, told_device

#: Time zone of the organizations that the factories create.
ZONE = "America/New_York"


@pytest.fixture
def browser(app: Flask, admin: User) -> Client:
    """The admin's browser, whose IP address is `ADDRESS`."""
    return Client(app, ADDRESS).sign_in(admin)


def send(browser: Client, path: str, user_agent: str = CHROME, **values: str) -> None:
    browser.post(path, filled(browser, path, **values), headers={"User-Agent": user_agent})


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_reset_second_factor_is_told_with_its_request(
    browser: Client, make: Factories, organization: Organization, behind: Behind, language: str
) -> None:
    csr = make.user(organization, mfa_secret=b"sealed", language=language)

    send(browser, f"/users/{csr.id}/second-factor", reason="They have lost their phone")

    message = behind.one(Message)
    assert tells_of_chrome(message, ZONE, language)
    assert SESSIONS in message.body
    assert "lost their phone" not in message.body


@pytest.mark.parametrize("language", ["en", "ru"])
def test_both_addresses_are_told_with_the_request(
    browser: Client, make: Factories, organization: Organization, behind: Behind, language: str
) -> None:
    csr = make.user(organization, email="cem@comfort.example", language=language)

    send(browser, f"/users/{csr.id}/edit", email="cem@new.example")

    messages = behind.rows(Message)
    assert [message.to_address for message in messages] == ["cem@comfort.example", "cem@new.example"]
    assert all(tells_of_chrome(message, ZONE, language) for message in messages)
    assert all(SESSIONS in message.body for message in messages)


def test_what_a_browser_calls_itself_is_not_repeated(
    browser: Client, make: Factories, organization: Organization, behind: Behind
) -> None:
    csr = make.user(organization, mfa_secret=b"sealed")

    send(browser, f"/users/{csr.id}/second-factor", "Call +1 212 555 0142 now", reason="They have lost their phone")

    message = behind.one(Message)
    assert told_device(message) == "Unknown device"
    assert "555 0142" not in message.body
