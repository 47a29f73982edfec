"""Email addresses with accounts in several organizations."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher

from app.models import LoginAttempt, Organization, User, UserSession, UserStatus
from app.people.sign_in import pending_sign_in_service
from tests.support.client import Client
from tests.support.factories import PASSWORD, Factories
from tests.support.pages import Page

ADDRESS = "dana@work.example"
OTHER_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("a quiet lake at dusk")

Rows = Callable[..., list[Any]]


@pytest.fixture
def north(make: Factories) -> Organization:
    return make.organization(name="North Plumbing")


@pytest.fixture
def south(make: Factories) -> Organization:
    return make.organization(name="South Plumbing")


@pytest.fixture
def in_north(make: Factories, north: Organization) -> User:
    return make.user(north, email=ADDRESS)


@pytest.fixture
def in_south(make: Factories, south: Organization) -> User:
    return make.user(south, email=ADDRESS)


def sign_in(client: Client, **form: str) -> Page:
    return client.post("/login", {"email": ADDRESS, "password": PASSWORD, **form})


def test_one_is_asked_which_and_then_led_to_the_wanted_page(
    client: Client, in_north: User, in_south: User, make: Factories
) -> None:
    make.organization(name="East Plumbing")
    led = sign_in(client, next="/account?from=mail")

    page = client.follow(led)
    assert page.heading == "Choose an organization"
    assert "North Plumbing" in page.text
    assert "South Plumbing" in page.text
    assert "East Plumbing" not in page.text

    answer = client.post("/login/organization", {"organization": str(in_south.organization_id)})
    assert answer.headers["Location"] == "/account?from=mail"
    assert "South Plumbing" in client.get("/account").text


def test_nothing_is_open_before_the_choice(client: Client, in_north: User, in_south: User, rows: Rows) -> None:
    sign_in(client)

    client.get("/account", status=303)
    assert rows(UserSession) == []


def test_a_password_that_opens_only_one_asks_nothing(
    client: Client, in_north: User, make: Factories, south: Organization, rows: Rows
) -> None:
    make.user(south, email=ADDRESS, password_hash=OTHER_HASH)

    assert sign_in(client).headers["Location"] == "/my-day"

    assert "North Plumbing" in client.get("/account").text
    assert [attempt.succeeded for attempt in rows(LoginAttempt)] == [True], "the other account was not guessed at"


def test_an_organization_that_the_password_did_not_open_cannot_be_chosen(
    client: Client, in_north: User, in_south: User, make: Factories, rows: Rows
) -> None:
    other = make.organization()
    make.user(other, email=ADDRESS, password_hash=OTHER_HASH)
    sign_in(client)

    client.post("/login/organization", {"organization": str(other.id)}, status=400)

    assert rows(UserSession) == []


def test_choosing_nothing_is_said_beside_the_choice(client: Client, in_north: User, in_south: User) -> None:
    sign_in(client)

    assert "Choose an organization." in client.post("/login/organization", status=400).text


def test_an_account_closed_meanwhile_is_not_offered(
    client: Client, in_north: User, in_south: User, change: Callable[..., None]
) -> None:
    led = sign_in(client)
    change(in_south, status=UserStatus.INACTIVE)

    assert "South Plumbing" not in client.follow(led).text
    client.post("/login/organization", {"organization": str(in_south.organization_id)}, status=400)


def test_without_a_password_typed_before_one_starts_again(client: Client) -> None:
    asked = client.get("/login/organization", status=303)
    assert "Enter your password again." in client.follow(asked).text

    answered = client.post("/login/organization")
    assert "Enter your password again." in client.follow(answered).text


def test_a_choice_left_alone_has_to_be_made_again(
    client: Client, in_north: User, in_south: User, monkeypatch: pytest.MonkeyPatch, rows: Rows
) -> None:
    monkeypatch.setattr(pending_sign_in_service, "CHOICE_LIFETIME", timedelta(seconds=-1))
    sign_in(client)

    answer = client.post("/login/organization", {"organization": str(in_north.organization_id)})
    assert answer.headers["Location"] == "/login"
    assert rows(UserSession) == []


def test_who_has_several_goes_on_in_another_by_their_password(client: Client, in_north: User, in_south: User) -> None:
    sign_in(client)
    client.post("/login/organization", {"organization": str(in_north.organization_id)})
    (switch,) = client.get("/account").all(".//aside//a[@class='org']")

    asked = client.get(switch.get("href", ""))
    assert asked.fields("/login")["email"] == ADDRESS
    assert "North Plumbing" in client.get("/account").text  # a user who changes their mind is still signed in

    sign_in(client)
    client.post("/login/organization", {"organization": str(in_south.organization_id)})
    assert "South Plumbing" in client.get("/account").text
    assert client.get("/account").all(".//aside//a[@class='org']")


def test_who_has_one_is_offered_no_other(client: Client, in_north: User) -> None:
    sign_in(client)
    assert not client.get("/account").all(".//a[@class='org']")
