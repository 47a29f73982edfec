"""Throttling of password guesses: the allowed attempts, and the waiting time after them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.errors import Overloaded
from app.models import Organization, User
from app.people.sign_in import service
from app.security import password_queries, passwords
from tests.support.client import Client
from tests.support.factories import PASSWORD, Factories
from tests.support.pages import Page

WRONG = "wrong horse battery staple"
NEW = "seven quiet lamps at dusk"

pytestmark = pytest.mark.usefixtures("quick_refusals")


@pytest.fixture
def pause_passes(admin_engine: Engine) -> Callable[[], None]:
    """Function that makes the waiting time of fifteen minutes expire."""

    def let_pass() -> None:
        with admin_engine.begin() as connection:
            connection.execute(
                text("UPDATE rate_limits SET expires_at = now() WHERE expires_at < now() + interval '16 minutes'")
            )

    return let_pass


def guess(client: Client, user: User, times: int, status: int = 401) -> Page:
    """Submit a wrong password this many times and return the last response."""
    return [client.post("/login", {"email": user.email, "password": WRONG}, status=status) for _ in range(times)][-1]


def test_the_eleventh_guess_in_a_quarter_of_an_hour_has_to_wait(client: Client, user: User) -> None:
    guess(client, user, 10)

    page = client.post("/login", {"email": user.email.upper(), "password": PASSWORD}, status=429)

    assert 0 < int(page.headers["Retry-After"]) <= 15 * 60
    assert (page.headers["X-RateLimit-Limit"], page.headers["X-RateLimit-Remaining"]) == ("10", "0")
    client.get("/account", status=303)


def test_each_answer_tells_how_many_are_left_and_the_page_says_when_few_are(client: Client, user: User) -> None:
    first = guess(client, user, 1)
    later = guess(client, user, 6)

    assert first.headers["X-RateLimit-Remaining"] == "9"
    assert "left before you have to wait" not in first.text
    assert later.headers["X-RateLimit-Remaining"] == "3"
    assert "3 attempts left before you have to wait." in later.text


def test_whoever_goes_on_guessing_waits_longer(client: Client, user: User, pause_passes: Callable[[], None]) -> None:
    for _ in range(2):
        guess(client, user, 10)
        first_wait = guess(client, user, 1, status=429)
        pause_passes()

    longer_wait = guess(client, user, 1, status=429)

    assert int(first_wait.headers["Retry-After"]) <= 15 * 60
    assert 15 * 60 < int(longer_wait.headers["Retry-After"]) <= 60 * 60


def test_other_people_are_not_held_up(client: Client, user: User, make: Factories, organization: Organization) -> None:
    guess(client, user, 10)

    client.sign_in_by_form(make.user(organization))


def test_signing_in_well_is_not_counted(client: Client, new_client: Callable[[], Client], user: User) -> None:
    for _ in range(12):
        new_client().sign_in_by_form(user)

    guess(client, user, 9)
    client.sign_in_by_form(user)


def test_guesses_from_elsewhere_keep_nobody_out(app: Flask, client: Client, user: User) -> None:
    guess(Client(app, "203.0.113.7"), user, 10)
    guess(Client(app, "203.0.113.7"), user, 1, status=429)

    client.sign_in_by_form(user)


def test_whoever_has_a_network_of_addresses_has_one_budget(app: Flask, user: User) -> None:
    for number in range(10):
        guess(Client(app, f"2001:db8:1:2::{number:x}"), user, 1)

    guess(Client(app, "2001:db8:1:2:ffff::1"), user, 1, status=429)
    guess(Client(app, "2001:db8:1:3::1"), user, 1)


def test_strangers_use_up_nothing_of_who_is_signed_in(
    client: Client, new_client: Callable[[], Client], user: User
) -> None:
    stranger, form = new_client(), {"current": PASSWORD, "password": NEW, "again": NEW}
    for _ in range(51):
        sent_away = stranger.post("/account/password", form)

    client.sign_in(user).post("/account/password", form)

    assert "X-RateLimit-Limit" not in sent_away.headers


def test_tries_at_the_current_password_are_counted_for_each_person(
    app: Flask, client: Client, user: User, make: Factories, organization: Organization
) -> None:
    form = {"current": WRONG, "password": NEW, "again": NEW}
    client.sign_in(user)
    for _ in range(5):
        client.post("/account/password", form, status=400)

    client.post("/account/password", {**form, "current": PASSWORD}, status=429)
    Client(app, "203.0.113.7").sign_in(user).post("/account/password", form, status=429)
    Client(app).sign_in(make.user(organization)).post("/account/password", {**form, "current": PASSWORD})


def test_fifty_guesses_from_one_network_address_are_enough(client: Client, user: User) -> None:
    for number in range(50):
        client.post("/login", {"email": f"guess{number}@here.example", "password": WRONG}, status=401)

    page = client.post("/login", {"email": user.email, "password": PASSWORD}, status=429)

    assert page.headers["X-RateLimit-Limit"] == "50"


def test_faults_of_the_server_are_no_wrong_passwords(
    client: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(service, "verify_credentials", Mock(side_effect=Overloaded))
        for _ in range(60):
            client.post("/login", {"email": user.email, "password": PASSWORD}, status=503)

    client.post("/login", {"email": user.email, "password": PASSWORD}, status=303)


def test_a_form_with_errors_is_no_wrong_password(client: Client, user: User) -> None:
    for _ in range(60):
        client.post("/login", {"email": user.email, "password": ""}, status=400)

    client.post("/login", {"email": user.email, "password": PASSWORD}, status=303)


def test_of_many_guesses_at_once_ten_are_compared(app: Flask, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def compare(salt: str | None, password: str) -> str:
        compared.append(password)
        return passwords.hash_again(salt, password)

    monkeypatch.setattr(password_queries, "hash_again", compare)

    browsers = [Client(app) for _ in range(60)]
    for browser in browsers:
        browser.get("/login")

    def guess_once(browser: Client) -> int:
        return browser.answer_of("/login", {"email": user.email, "password": WRONG}).status

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(guess_once, browsers))

    assert len(compared) <= 10
    assert statuses.count(401) == len(compared)
    assert set(statuses) <= {401, 429, 503}  # 503 without a free connection, before anything is compared
