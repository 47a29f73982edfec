"""Known browsers, whose sign-in attempts are counted separately from those of strangers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app.extensions import db
from app.models import KnownDevice, Organization, User
from app.people.sign_in.known_device_service import DEVICE_COOKIE, DEVICE_LIFETIME
from app.people.users.access_service import end_access, issue_reset_link
from app.security.tokens import Token
from tests.support.client import Client
from tests.support.factories import PASSWORD, Factories
from tests.support.pages import Page
from tests.support.work import at_work

WRONG = "wrong horse battery staple"
NEW = "seven quiet lamps at dusk"

Rows = Callable[..., list[Any]]

pytestmark = pytest.mark.usefixtures("quick_refusals")


def guess(client: Client, user: User, times: int, status: int = 401) -> Page:
    """Submit a wrong password this many times and return the last response."""
    return [client.post("/login", {"email": user.email, "password": WRONG}, status=status) for _ in range(times)][-1]


def copy_cookie(known: Client, browser: Client) -> None:
    """Copy the device cookie to another browser, as a thief would."""
    browser.set_cookie(DEVICE_COOKIE, known.cookie(DEVICE_COOKIE))


def token_in(browser: Client) -> Token | None:
    """Return the newest token in the device cookie, without the cookie's signature."""
    return Token.parse((browser.cookie(DEVICE_COOKIE) or "").rpartition(".")[0].partition("~")[0])


def came_and_went(browser: Client, user: User) -> Client:
    """Sign this user in and out again, and return the browser."""
    browser.sign_in_by_form(user)
    browser.get("/account")
    browser.follow(browser.post("/logout"))
    return browser


@pytest.fixture
def known(client: Client, user: User) -> Client:
    return came_and_went(client, user)


@pytest.fixture
def stranger(app: Flask) -> Client:
    """A client with the same IP address, as if behind the same router."""
    return Client(app)


def test_strangers_at_the_same_address_do_not_keep_a_known_browser_out(
    known: Client, stranger: Client, user: User
) -> None:
    guess(stranger, user, 10)
    for number in range(40):
        stranger.post("/login", {"email": f"guess{number}@here.example", "password": ""}, status=400)
    guess(stranger, user, 1, status=429)

    first = guess(known, user, 1)

    assert (first.headers["X-RateLimit-Limit"], first.headers["X-RateLimit-Remaining"]) == ("10", "9")
    known.sign_in_by_form(user)


def test_a_known_browser_has_ten_tries_of_its_own(known: Client, stranger: Client, user: User) -> None:
    guess(known, user, 10)

    known.post("/login", {"email": user.email, "password": PASSWORD}, status=429)
    stranger.sign_in_by_form(user)


def test_a_known_browser_is_a_stranger_to_other_accounts(
    known: Client, stranger: Client, make: Factories, organization: Organization
) -> None:
    colleague = make.user(organization)
    guess(stranger, colleague, 10)

    guess(known, colleague, 1, status=429)


def test_everybody_who_shares_a_browser_is_known_to_it(
    known: Client, app: Flask, user: User, make: Factories, organization: Organization
) -> None:
    people = [user, make.user(organization), make.user(make.organization())]
    for person in people[1:]:
        came_and_went(known, person)
    for person in people:
        guess(Client(app), person, 10)

    assert [guess(known, person, 1).headers["X-RateLimit-Remaining"] for person in people] == ["9", "9", "9"]


def test_a_copied_cookie_opens_no_account(known: Client, stranger: Client, user: User) -> None:
    copy_cookie(known, stranger)

    stranger.get("/account", status=303)
    assert guess(stranger, user, 1).headers["X-RateLimit-Remaining"] == "9"
    assert guess(known, user, 1).headers["X-RateLimit-Remaining"] == "8"


def test_a_copy_is_worth_nothing_after_the_next_sign_in(known: Client, stranger: Client, user: User) -> None:
    copy_cookie(known, stranger)
    known.sign_in_by_form(user)
    guess(stranger, user, 10)

    guess(stranger, user, 1, status=429)


def test_one_row_a_browser_holds_only_the_hash(known: Client, user: User, rows: Rows) -> None:
    known.sign_in_by_form(user)

    (device,) = rows(KnownDevice, user_id=user.id)
    token = token_in(known)
    assert token is not None
    assert device.token_hash == token.digest


def test_a_browser_is_forgotten_after_half_a_year(
    known: Client, stranger: Client, user: User, rows: Rows, change: Callable[..., None]
) -> None:
    (device,) = rows(KnownDevice, user_id=user.id)
    assert timedelta(days=179) < device.expires_at - device.created_at <= DEVICE_LIFETIME
    change(device, expires_at=device.created_at)
    guess(stranger, user, 10)

    guess(known, user, 1, status=429)


def test_made_up_tokens_cost_no_statement(
    stranger: Client, user: User, queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    tokens = [Token.new(uuid4()).text for _ in range(8)]
    stranger.get("/login")
    stranger.set_cookie(DEVICE_COOKIE, "~".join(tokens))

    with queries() as sent:
        guess(stranger, user, 1)

    assert [statement for statement in sent if "known_devices" in statement] == []


def test_a_cookie_of_nonsense_is_a_strangers(stranger: Client, user: User) -> None:
    stranger.set_cookie(DEVICE_COOKIE, "~".join(["nonsense", "A" * 22 + "." + "b" * 43, ""]))

    assert guess(stranger, user, 10).headers["X-RateLimit-Remaining"] == "0"
    guess(stranger, user, 1, status=429)


def test_a_changed_password_leaves_only_this_browser_known(known: Client, app: Flask, user: User, rows: Rows) -> None:
    office = Client(app).sign_in_by_form(user)
    assert len(rows(KnownDevice, user_id=user.id)) == 2

    office.post("/account/password", {"current": PASSWORD, "password": NEW, "again": NEW})

    (device,) = rows(KnownDevice, user_id=user.id)
    token = token_in(office)
    assert token is not None
    assert device.token_hash == token.digest


def test_the_link_to_set_a_password_lets_its_owner_try_again(app: Flask, stranger: Client, user: User) -> None:
    with at_work(app, user.organization_id):
        link = f"/password/{issue_reset_link(db.session.get_one(User, (user.organization_id, user.id))).text}"
    guess(stranger, user, 10)
    guess(stranger, user, 1, status=429)

    phone = Client(app, "203.0.113.9")
    phone.get(link)
    phone.post(link, {"password": NEW, "again": NEW})

    page = guess(stranger, user, 1)
    assert page.headers["X-RateLimit-Remaining"] == "9"
    assert phone.cookie(DEVICE_COOKIE)


def test_nothing_is_known_of_whoever_left(known: Client, app: Flask, user: User, rows: Rows) -> None:
    assert len(rows(KnownDevice, user_id=user.id)) == 1

    with at_work(app, user.organization_id):
        end_access([db.session.get_one(User, (user.organization_id, user.id))])

    assert rows(KnownDevice, user_id=user.id) == []
    assert known.cookie(DEVICE_COOKIE)
