"""Password links and reauthentication in the JSON API."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import IdempotencyKey, KnownDevice, Message, Organization, PasswordReset, User, UserSession, UserStatus
from app.people.sign_in import password_views
from app.people.users.access_service import issue_reset_link
from app.security.confirmation import MARK
from app.security.tokens import Token
from tests.support.client import Client
from tests.support.factories import PASSWORD, Factories
from tests.support.program import Program
from tests.support.second_factor import set_up
from tests.support.work import at_work

NEW = "seven quiet lamps at dusk"
WRONG = "wrong horse battery staple"
Rows = Callable[..., list[Any]]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_views, "ASKING_SECONDS", 0.0)


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app)


@pytest.fixture
def link(app: Flask, user: User) -> str:
    """The token of a link to set the user's password."""
    with at_work(app, user.organization_id):
        return issue_reset_link(db.session.get_one(User, (user.organization_id, user.id))).text


def ask(program: Program, email: str, status: int = 202) -> Any:
    return program.post("/auth/password-reset", {"email": email}, status=status)


class TestAsking:
    """Requests for a link, which tell nobody whether there is an account."""

    def test_known_and_unknown_addresses_get_the_same_answer(self, program: Program, user: User, rows: Rows) -> None:
        known, unknown = ask(program, f" {user.email.upper()} "), ask(program, "nobody@here.example")

        assert known.data == unknown.data == {}
        assert known.response.headers["Cache-Control"] == "no-store"
        assert [(one.receiver_id, one.template) for one in rows(Message)] == [(user.id, "password_reset")]

    def test_both_take_as_long_and_wait_after_the_commit(
        self, program: Program, user: User, rows: Rows, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(password_views, "ASKING_SECONDS", 60.0)
        waited: list[tuple[bool, int]] = []
        monkeypatch.setattr(time, "sleep", lambda seconds: waited.append((seconds > 50, len(rows(Message)))))

        for email in (user.email, "nobody@here.example"):
            ask(program, email)

        assert waited == [(True, 1), (True, 1)]

    def test_requests_count_together_with_those_on_the_page(self, app: Flask, program: Program, user: User) -> None:
        browser = Client(app)
        for _ in range(2):
            browser.post("/login/forgot", {"email": user.email}, status=200)
        ask(program, user.email)

        ask(program, user.email.upper(), status=429)
        browser.post("/login/forgot", {"email": user.email}, status=429)
        ask(program, "nobody@here.example")

    def test_no_response_contains_the_token(self, program: Program, user: User, rows: Rows) -> None:
        text = ask(program, user.email).response.text

        (reset,) = rows(PasswordReset, user_id=user.id)
        assert reset.token_hash.hex() not in text


class TestSetting:
    """A new password, set with the token of a link."""

    def test_it_ends_all_sessions_and_the_link(
        self,
        app: Flask,
        program: Program,
        user: User,
        link: str,
        make: Factories,
        organization: Organization,
        rows: Rows,
    ) -> None:
        colleague = Program(app)
        colleague.sign_in(make.user(organization))
        program.sign_in(user)
        browser = Client(app).sign_in(user)

        Program(app).post("/auth/password-reset/confirm", {"token": link, "password": NEW}, status=204)

        assert program.refresh(status=401).code == "TOKEN_INVALID"
        browser.get("/account", status=303)
        colleague.get("/auth/me")
        program.token = ""
        program.sign_in(user, password=NEW)
        assert rows(KnownDevice, user_id=user.id) == []
        again = Program(app).post("/auth/password-reset/confirm", {"token": link, "password": NEW}, status=400)
        assert [one["field"] for one in again.error["details"]] == ["token"]

    @pytest.mark.usefixtures("quick_refusals")
    def test_it_lifts_the_pause_after_guesses(self, app: Flask, program: Program, user: User, link: str) -> None:
        for _ in range(11):
            program.sign_in(user, password=WRONG, status=None)

        program.post("/auth/password-reset/confirm", {"token": link, "password": NEW}, status=204)

        program.sign_in(user, password=NEW)

    def test_a_weak_password_leaves_the_link_good(self, program: Program, user: User, link: str) -> None:
        weak = program.post("/auth/password-reset/confirm", {"token": link, "password": "password1234"}, status=400)
        assert [one["field"] for one in weak.error["details"]] == ["password"]

        program.post("/auth/password-reset/confirm", {"token": link, "password": NEW}, status=204)

    def test_a_link_of_a_closed_account_is_dead(
        self, program: Program, user: User, link: str, change: Callable[..., None]
    ) -> None:
        change(user, status=UserStatus.INACTIVE)

        program.post("/auth/password-reset/confirm", {"token": link, "password": NEW}, status=400)

    def test_what_is_no_token_or_nobodys_is_refused(self, program: Program, user: User) -> None:
        for token in ("x", Token.new(user.organization_id).text):
            answer = program.post("/auth/password-reset/confirm", {"token": token, "password": NEW}, status=400)
            assert "can’t be used anymore" in answer.error["details"][0]["message"]


class TestReauthentication:
    """Proof for sensitive operations, which lasts ten minutes for the session that gave it."""

    @pytest.fixture
    def unconfirmed(
        self, program: Program, user: User, session_of: Callable[[User], UserSession], change: Callable[..., None]
    ) -> Program:
        """A program whose session was confirmed 11 minutes ago."""
        program.sign_in(user)
        change(session_of(user), confirmed_at=datetime.now(UTC) - timedelta(minutes=11))
        return program

    def test_the_password_confirms_this_session_only(
        self, app: Flask, unconfirmed: Program, user: User, rows: Rows, trail: Callable[[], list[str]]
    ) -> None:
        long_ago = rows(UserSession, user_id=user.id)[0].confirmed_at
        other = Program(app, client_id="other")
        other.sign_in(user)

        answer = unconfirmed.reauthenticate()

        assert (answer.data["confirmedFor"], answer.data["expiresIn"]) == (600, 3600)
        (confirmed,) = rows(UserSession, client_id="scheduler")
        assert confirmed.confirmed_at > long_ago + timedelta(minutes=10)
        assert trail()[-1] == "session.confirmed"

    def test_a_sensitive_operation_is_refused_until_then(
        self, app: Flask, unconfirmed: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        is_sensitive = lambda _actor, **_arguments: True  # noqa: E731
        monkeypatch.setattr(app.view_functions["api.listOwnSessions"], MARK, is_sensitive, raising=False)

        assert unconfirmed.get("/auth/sessions", status=403).code == "REAUTHENTICATION_REQUIRED"
        unconfirmed.reauthenticate()

        unconfirmed.get("/auth/sessions")

    def test_a_copy_of_the_tokens_is_not_confirmed_with_them(self, unconfirmed: Program, rows: Rows) -> None:
        unconfirmed.refresh()
        token, refresh_token = unconfirmed.token, unconfirmed.refresh_token

        unconfirmed.reauthenticate(headers={"Idempotency-Key": "one"})

        assert not unconfirmed.may_use(token)
        assert unconfirmed.post("/auth/refresh", {"refreshToken": refresh_token}, status=401).code == "TOKEN_INVALID"
        unconfirmed.refresh()
        unconfirmed.get("/auth/sessions")
        assert rows(IdempotencyKey) == []

    def test_a_wrong_password_changes_nothing(self, unconfirmed: Program, rows: Rows) -> None:
        before = rows(UserSession)[0].confirmed_at

        assert unconfirmed.post("/auth/reauthenticate", {"password": WRONG}, status=401).code == "INVALID_CREDENTIALS"
        assert rows(UserSession)[0].confirmed_at == before
        unconfirmed.get("/auth/me")

    def test_an_account_with_two_factors_needs_both(self, app: Flask, user: User, program: Program) -> None:
        phone, codes = set_up(Client(app).sign_in(user))
        program.sign_in(user, totp=codes[0])

        def confirm(password: str, status: int, **totp: str) -> Any:
            return program.post("/auth/reauthenticate", {"password": password, **totp}, status=status)

        assert confirm(PASSWORD, 401).code == "TOTP_REQUIRED"
        assert confirm(PASSWORD, 401, totp="000000").code == "INVALID_CREDENTIALS"
        code = phone.code()
        assert confirm(WRONG, 401, totp=code).code == "INVALID_CREDENTIALS"
        confirm(PASSWORD, 200, totp=code)

    def test_guesses_count_together_with_those_on_pages(self, app: Flask, unconfirmed: Program, user: User) -> None:
        browser = Client(app).sign_in(user)
        for _ in range(3):
            unconfirmed.post("/auth/reauthenticate", {"password": WRONG}, status=401)
        for _ in range(2):
            browser.post("/account/password", {"current": WRONG, "password": NEW, "again": NEW}, status=400)

        unconfirmed.post("/auth/reauthenticate", {"password": PASSWORD}, status=429)

    def test_it_takes_a_session(self, app: Flask) -> None:
        assert Program(app).post("/auth/reauthenticate", {"password": PASSWORD}, status=401).code == "TOKEN_MISSING"

    def test_a_body_has_64_kilobytes_at_most(self, unconfirmed: Program) -> None:
        body = {"password": "x" * 65_536}

        assert unconfirmed.post("/auth/reauthenticate", body, status=413).code == "PAYLOAD_TOO_LARGE"
