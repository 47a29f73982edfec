"""The email about a sign-in on a new device: when it is sent, at most once a day, and what it says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, delete

from app.db.context import Context
from app.db.session import jobs_role, organization_scope
from app.extensions import db
from app.models import Message, Organization, User, UserSession
from app.people.sign_in.expiry_service import delete_expired
from app.people.sign_in.known_device_service import DEVICE_COOKIE, remember_device
from app.people.sign_in.rules import network_of
from app.people.users.access_service import issue_reset_link
from tests.support.client import Client
from tests.support.factories import PASSWORD, Factories
from tests.support.mails import ADDRESS, CHROME, SESSIONS, tells_of_chrome
from tests.support.work import at_work

ELSEWHERE = "198.51.100.20"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0"
NEWER_CHROME = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36"
#: Time zone of the organizations that the factories create.
ZONE = "America/New_York"
NEW = "seven quiet lamps at dusk"

Rows = Callable[..., list[Any]]


@pytest.fixture
def told(rows: Rows) -> Callable[[User], list[Message]]:
    """Function that returns the emails about new devices to a person."""
    return lambda user: rows(Message, receiver_id=user.id, template="new_device")


def ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def sign_in(app: Flask, user: User, address: str = ADDRESS, user_agent: str = CHROME) -> Client:
    """Sign in with a browser that has never been used."""
    browser = Client(app, address)
    browser.post("/login", {"email": user.email, "password": PASSWORD}, headers={"User-Agent": user_agent})
    return browser


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_sign_in_on_a_new_device_is_told_with_time_browser_address_and_sessions(
    app: Flask,
    make: Factories,
    user: User,
    change: Callable[..., None],
    told: Callable[[User], list[Message]],
    language: str,
) -> None:
    change(user, language=language)
    make.session_of(user, ip_address=ELSEWHERE)

    sign_in(app, user)

    (message,) = told(user)
    assert tells_of_chrome(message, ZONE, language)
    assert SESSIONS in message.body


@pytest.mark.parametrize(
    ("address", "user_agent", "days", "mails"),
    [
        ("203.0.113.250", NEWER_CHROME, 89, 0),
        ("203.0.113.250", NEWER_CHROME, 91, 1),
        ("203.0.112.7", CHROME, 1, 1),
        ("203.0.113.7", FIREFOX, 1, 1),
        ("2001:db8:1:2::9", CHROME, 1, 1),
    ],
    ids=["familiar", "too long ago", "another network", "another browser", "another protocol"],
)
def test_browser_and_network_of_the_last_90_days_are_familiar(
    app: Flask,
    make: Factories,
    user: User,
    told: Callable[[User], list[Message]],
    address: str,
    user_agent: str,
    days: int,
    mails: int,
) -> None:
    make.session_of(user, last_seen_at=ago(days), created_at=ago(days + 1), revoked_at=ago(days))

    sign_in(app, user, address, user_agent)

    assert len(told(user)) == mails


@pytest.mark.parametrize(("address", "mails"), [("2001:db8:1:2:ffff::1", 0), ("2001:db8:1:3::1", 1)])
def test_an_ipv6_network_is_a_64(
    app: Flask, make: Factories, user: User, told: Callable[[User], list[Message]], address: str, mails: int
) -> None:
    make.session_of(user, ip_address="2001:db8:1:2::1")

    sign_in(app, user, address)

    assert len(told(user)) == mails


def test_ipv4_addresses_in_ipv6_notation_have_networks_of_their_own() -> None:
    assert str(network_of("::ffff:203.0.113.7")) == "::ffff:cb00:7100/120"
    assert str(network_of("203.0.113.7")) == "203.0.113.0/24"


def test_a_colleagues_session_is_not_the_persons_own(
    app: Flask, make: Factories, user: User, organization: Organization, told: Callable[[User], list[Message]]
) -> None:
    make.session_of(make.user(organization))
    make.session_of(user, ip_address=ELSEWHERE)

    sign_in(app, user)

    assert len(told(user)) == 1


def test_a_known_browser_is_not_new_in_another_network(
    app: Flask, user: User, told: Callable[[User], list[Message]]
) -> None:
    office = sign_in(app, user)

    at_home = Client(app, ELSEWHERE)
    at_home.set_cookie(DEVICE_COOKIE, office.cookie(DEVICE_COOKIE))
    at_home.post("/login", {"email": user.email, "password": PASSWORD}, headers={"User-Agent": FIREFOX})

    assert told(user) == []


def test_a_browser_that_only_colleagues_used_is_new(
    app: Flask, make: Factories, user: User, organization: Organization, told: Callable[[User], list[Message]]
) -> None:
    make.session_of(user, ip_address=ELSEWHERE)
    shared = sign_in(app, make.user(organization))
    shared.get("/account")
    shared.follow(shared.post("/logout"))

    shared.post("/login", {"email": user.email, "password": PASSWORD}, headers={"User-Agent": CHROME})

    assert len(told(user)) == 1


def test_the_first_sign_in_ever_is_not_told(app: Flask, user: User, told: Callable[[User], list[Message]]) -> None:
    sign_in(app, user)

    assert told(user) == []


def test_someone_back_after_a_year_is_told(
    app: Flask, user: User, change: Callable[..., None], told: Callable[[User], list[Message]]
) -> None:
    change(user, last_seen_at=ago(365))

    sign_in(app, user)

    assert len(told(user)) == 1


def test_sign_ins_before_the_upgrade_count_after_their_sessions_were_deleted(
    app: Flask, user: User, admin_engine: Engine, told: Callable[[User], list[Message]]
) -> None:
    sign_in(app, user)
    with admin_engine.begin() as connection:
        connection.execute(delete(UserSession).where(UserSession.user_id == user.id))

    sign_in(app, user)

    assert told(user) == []


def test_an_ended_session_is_kept_until_it_is_no_longer_familiar(
    app: Flask, make: Factories, user: User, rows: Rows
) -> None:
    make.session_of(user, revoked_at=ago(89))
    make.session_of(user, revoked_at=ago(91))

    with jobs_role(), at_work(app, user.organization_id):
        delete_expired(datetime.now(UTC))

    assert [session.revoked_at.date() for session in rows(UserSession, user_id=user.id)] == [ago(89).date()]


def test_the_sign_in_after_a_password_link_is_not_told(
    app: Flask, make: Factories, user: User, told: Callable[[User], list[Message]]
) -> None:
    make.session_of(user, ip_address=ELSEWHERE)
    with at_work(app, user.organization_id):
        link = f"/password/{issue_reset_link(db.session.get_one(User, (user.organization_id, user.id))).text}"
    browser = Client(app, ADDRESS)
    browser.get(link)
    browser.post(link, {"password": NEW, "again": NEW})

    browser.sign_in_by_form(user, NEW)

    assert told(user) == []


def test_platform_staff_are_not_told(app: Flask, make: Factories, told: Callable[[User], list[Message]]) -> None:
    nora = make.staff()
    make.session_of(nora, ip_address=ELSEWHERE)

    sign_in(app, nora)

    assert told(nora) == []


def test_a_refused_sign_in_is_not_told(
    app: Flask, make: Factories, user: User, quick_refusals: None, told: Callable[[User], list[Message]]
) -> None:
    make.session_of(user, ip_address=ELSEWHERE)

    Client(app, ADDRESS).post("/login", {"email": user.email, "password": "wrong horse battery"}, status=401)

    assert told(user) == []


def test_concurrent_sign_ins_from_several_networks_send_one_mail_a_day(
    app: Flask, make: Factories, user: User, rows: Rows, told: Callable[[User], list[Message]]
) -> None:
    make.session_of(user, ip_address=ELSEWHERE)
    browsers = [Client(app, f"192.0.{number}.1") for number in range(4)]
    for browser in browsers:
        browser.get("/login")
    ready, answers = Barrier(len(browsers), timeout=10), []

    def enter(browser: Client) -> None:
        ready.wait()
        answers.append(browser.answer_of("/login", {"email": user.email, "password": PASSWORD}).status)

    threads = [Thread(target=enter, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert answers == [303] * 4
    assert len(rows(UserSession, user_id=user.id)) == 5
    assert len(told(user)) == 1


def test_the_next_day_has_a_mail_of_its_own(
    app: Flask, make: Factories, user: User, change: Callable[..., None], told: Callable[[User], list[Message]]
) -> None:
    make.session_of(user, ip_address=ELSEWHERE)
    sign_in(app, user)
    (message,) = told(user)
    change(message, dedupe_key=f"new_device:{user.id}:{ago(2).date()}")

    sign_in(app, user, "192.0.2.1")

    assert len(told(user)) == 2


def test_a_browser_knows_its_last_40_people(app: Flask, make: Factories, organization: Organization) -> None:
    cookie = ""
    for _ in range(41):
        person = make.user(organization)
        with (
            app.test_request_context(headers={"Cookie": f"{DEVICE_COOKIE}={cookie}"}),
            organization_scope(Context(organization_id=organization.id), db.session),
        ):
            cookie = remember_device(organization.id, person.id)
            db.session.commit()

    assert cookie.count("~") == 39
    assert len(cookie) < 4000, "browsers drop larger cookies"
