"""Signing in and out."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher

from app.models import LoginAttempt, Organization, User, UserSession, UserStatus
from app.people.sign_in.service import REFUSAL_SECONDS
from app.security.identity import SESSION_COOKIE
from app.security.passwords import needs_rehash
from tests.support.client import Client
from tests.support.factories import DAY, PASSWORD, Factories

WRONG = "wrong horse battery staple"
MISMATCH = "That email address and password don’t match."

Trail = Callable[[], list[str]]
Rows = Callable[..., list[Any]]


def test_the_right_password_leads_to_the_page_that_was_wanted(client: Client, user: User) -> None:
    answer = client.post("/login", {"email": user.email, "password": PASSWORD, "next": "/account?from=mail"})

    assert answer.headers["Location"] == "/account?from=mail"
    assert "Maya Torres" in client.get("/account").text


def test_a_stranger_is_led_to_the_sign_in_page_and_back(client: Client, user: User) -> None:
    led = client.get("/account", status=303)
    form = client.follow(led).fields("/login")

    answer = client.post("/login", {**form, "email": user.email, "password": PASSWORD})

    assert answer.headers["Location"] == "/account"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site(client: Client, user: User, elsewhere: str) -> None:
    answer = client.post("/login", {"email": user.email, "password": PASSWORD, "next": elsewhere})

    assert answer.headers["Location"] == "/my-day"


def test_capitals_and_spaces_around_the_address_do_not_matter(client: Client, user: User) -> None:
    client.post("/login", {"email": f"  {user.email.upper()} ", "password": PASSWORD})

    assert client.get("/account").heading == "Account"


def test_a_wrong_password_keeps_the_address_and_drops_the_password(client: Client, user: User) -> None:
    page = client.post("/login", {"email": user.email, "password": WRONG}, status=401)

    assert MISMATCH in page.text
    assert page.one(".//input[@name='email']").get("value") == user.email
    assert page.one(".//input[@name='password']").get("value") in (None, "")
    assert WRONG not in page.html
    client.get("/account", status=303)


def test_what_is_missing_is_said_beside_its_field(client: Client) -> None:
    page = client.post("/login", {"email": " ", "password": ""}, status=400)

    assert "Enter your email address." in page.text
    assert "Enter your password." in page.text
    assert page.one(".//input[@name='email']").get("aria-invalid") == "true"


def test_a_failure_is_written_down_with_the_person_it_aimed_at(
    client: Client, user: User, trail: Trail, rows: Rows
) -> None:
    client.post("/login", {"email": user.email, "password": WRONG}, status=401, headers={"User-Agent": "Probe/1"})

    (attempt,) = rows(LoginAttempt)
    assert (attempt.user_id, attempt.succeeded, str(attempt.ip_address)) == (user.id, False, "127.0.0.1")
    assert attempt.user_agent == "Probe/1"
    assert trail() == ["session.failed"]


def test_an_address_that_nobody_has_gets_the_same_page(client: Client, user: User, rows: Rows) -> None:
    known = client.post("/login", {"email": user.email, "password": WRONG}, status=401)
    unknown = client.post("/login", {"email": "nobody@here.example", "password": WRONG}, status=401)

    assert unknown.text == known.text
    assert len(rows(LoginAttempt)) == 1


def test_a_refusal_takes_its_time_whoever_is_meant(client: Client, user: User) -> None:
    client.get("/login")
    for email in (user.email, "nobody@here.example"):
        began = time.monotonic()
        client.post("/login", {"email": email, "password": WRONG}, status=401)

        assert time.monotonic() - began >= REFUSAL_SECONDS


@pytest.mark.parametrize(
    "closed",
    [
        {"status": UserStatus.INACTIVE},
        {"deleted_at": DAY},
        {"password_hash": None},
    ],
    ids=["inactive", "deleted", "without a password"],
)
def test_a_closed_account_does_not_open(
    client: Client, user: User, change: Callable[..., None], closed: dict[str, Any]
) -> None:
    change(user, **closed)

    assert MISMATCH in client.post("/login", {"email": user.email, "password": PASSWORD}, status=401).text


def test_nobody_signs_in_to_a_deleted_organization(
    client: Client, user: User, organization: Organization, change: Callable[..., None]
) -> None:
    change(organization, deleted_at=DAY)

    assert MISMATCH in client.post("/login", {"email": user.email, "password": PASSWORD}, status=401).text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: Client, user: User) -> None:
    answer = client.post("/login", {"email": user.email, "password": PASSWORD})

    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith(f"{SESSION_COOKIE}="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_each_sign_in_is_a_session_of_its_own(new_client: Callable[[], Client], user: User, rows: Rows) -> None:
    new_client().sign_in_by_form(user)
    new_client().sign_in_by_form(user)

    assert len({session.token_hash for session in rows(UserSession, user_id=user.id)}) == 2


def test_what_the_browser_was_given_before_is_not_taken_over(client: Client, user: User) -> None:
    before = client.get("/login").fields("/login")["csrf_token"]
    client.sign_in_by_form(user)

    client.post("/account/theme", {"csrf_token": before, "theme": "dark"}, status=403)


def test_a_form_from_elsewhere_signs_nobody_in(client: Client, user: User, rows: Rows) -> None:
    client.post("/login", {"email": user.email, "password": PASSWORD, "csrf_token": "forged"}, status=403)

    assert rows(UserSession) == []


def test_whoever_is_signed_in_goes_on_from_the_sign_in_page(client: Client, user: User) -> None:
    client.sign_in_by_form(user)

    assert client.get("/login?next=/account", status=303).headers["Location"] == "/account"


def test_an_old_hash_is_replaced(client: Client, make: Factories, organization: Organization, rows: Rows) -> None:
    of_before = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
    user = make.user(organization, password_hash=of_before)
    assert needs_rehash(of_before)

    client.sign_in_by_form(user)

    (stored,) = rows(User, id=user.id)
    assert not needs_rehash(stored.password_hash)
    client.post("/logout")
    client.get("/account", status=303)


def test_a_session_is_audited_under_its_persons_name(client: Client, user: User, trail: Trail, rows: Rows) -> None:
    client.sign_in_by_form(user)
    client.post("/logout")

    assert [action for action in trail() if action.startswith("session.")] == ["session.started", "session.ended"]
    assert [attempt.succeeded for attempt in rows(LoginAttempt, user_id=user.id)] == [True]


def test_signing_out_ends_the_session_for_whoever_kept_its_cookie(
    client: Client, new_client: Callable[[], Client], user: User
) -> None:
    signed_in = client.post("/login", {"email": user.email, "password": PASSWORD})
    kept = next(one for one in signed_in.headers.getlist("Set-Cookie") if one.startswith(SESSION_COOKIE)).split(";")[0]
    client.get("/account")

    left = client.post("/logout")

    assert "You’re signed out." in client.follow(left).text
    thief = new_client()
    led = thief.get("/account", status=303, headers={"Cookie": kept})
    assert led.headers["Location"] == "/login?next=/account"


def test_signing_in_again_ends_the_session_that_this_browser_had(
    client: Client, new_client: Callable[[], Client], user: User, rows: Rows, trail: Trail
) -> None:
    new_client().sign_in_by_form(user)
    (elsewhere,) = rows(UserSession, user_id=user.id)
    client.sign_in_by_form(user)

    client.sign_in_by_form(user)

    others = [one for one in rows(UserSession, user_id=user.id) if one.id != elsewhere.id]
    assert sorted(str(one.revoked_reason) for one in others) == ["None", "signed_in_again"]
    assert rows(UserSession, id=elsewhere.id)[0].revoked_at is None
    assert trail()[-2:] == ["session.ended", "session.started"]
    assert client.get("/account").heading == "Account"


def test_signing_in_for_another_organization_ends_the_session_in_the_first(
    client: Client, user: User, make: Factories, rows: Rows
) -> None:
    other = make.user(make.organization())
    client.sign_in_by_form(user)

    client.sign_in_by_form(other)

    (left,), (begun,) = rows(UserSession, user_id=user.id), rows(UserSession, user_id=other.id)
    assert (left.revoked_reason, begun.revoked_at) == ("signed_in_again", None)
    assert other.email in client.get("/account").text
