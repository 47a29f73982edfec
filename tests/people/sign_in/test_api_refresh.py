"""Refresh tokens of API clients: their rotation, and what ends them."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.db.session import jobs_role
from app.extensions import db
from app.models import (
    AuditLog,
    Notification,
    Organization,
    OrganizationStatus,
    RefreshToken,
    Role,
    User,
    UserSession,
    UserStatus,
)
from app.people.sign_in.expiry_service import delete_expired
from app.people.users.access_service import end_access, end_access_of_all, set_password
from app.people.users.service import change_role
from app.security.tokens import Token, TokenType
from tests.support.client import Client
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.locks import app_connection, meanwhile
from tests.support.program import Answer, Program
from tests.support.second_factor import set_up
from tests.support.work import at_work

Rows = Callable[..., list[Any]]
Change = Callable[..., None]
Trail = Callable[[], list[str]]


@pytest.fixture
def program(app: Flask, user: User) -> Program:
    """A client that the user has signed in with, beside one of a colleague."""
    program = Program(app)
    program.sign_in(user)
    return program


@pytest.fixture
def token_row(rows: Rows) -> Callable[[str], RefreshToken]:
    """Function that returns the row of a refresh token."""

    def find(text: str) -> RefreshToken:
        token = Token.parse(text, TokenType.REFRESH)
        assert token is not None
        (row,) = rows(RefreshToken, token_hash=token.digest)
        assert isinstance(row, RefreshToken)
        return row

    return find


@pytest.fixture
def used_ago(change: Change, token_row: Callable[[str], RefreshToken]) -> Callable[[str, int], None]:
    """Function that moves the use or replacement of a refresh token this many seconds into the past."""

    def move(text: str, seconds: int) -> None:
        row, then = token_row(text), datetime.now(UTC) - timedelta(seconds=seconds)
        change(row, used_at=row.used_at and then, revoked_at=row.revoked_at and then)

    return move


def test_a_refresh_replaces_both_tokens_of_the_same_session(
    program: Program, user: User, session_of: Callable[[User], UserSession], trail: Trail
) -> None:
    before, first, session = program.token, program.refresh_token, session_of(user)

    answer = program.refresh()

    assert set(answer.data) == {"token", "refreshToken", "expiresIn"}
    assert answer.data["expiresIn"] == 3600
    assert program.refresh_token != first
    assert not program.may_use(before)
    assert program.get("/auth/me").data["session"]["id"] == str(session.id)
    refreshed = session_of(user)
    assert (refreshed.id, refreshed.created_at) == (session.id, session.created_at)
    assert refreshed.expires_at > session.expires_at
    assert trail() == ["session.started", "session.refreshed"]


def test_an_entry_of_a_refresh_names_the_person_and_no_token(program: Program, user: User, rows: Rows) -> None:
    program.refresh()

    (entry,) = rows(AuditLog, action="session.refreshed")
    assert (entry.user_id, entry.actor_label) == (user.id, "Maya Torres")
    assert Token.parse(program.token, TokenType.ACCESS).digest.hex() not in str(entry.after)  # type: ignore[union-attr]


def test_an_expired_access_token_is_refreshed(
    program: Program, user: User, session_of: Callable[[User], UserSession], change: Change
) -> None:
    change(session_of(user), expires_at=datetime.now(UTC))
    assert program.get("/auth/me", status=401).code == "TOKEN_EXPIRED"

    program.refresh()

    program.get("/auth/me")


def test_a_retry_gets_a_new_pair_and_ends_the_one_that_was_lost(
    program: Program, user: User, rows: Rows, used_ago: Callable[[str, int], None]
) -> None:
    first = program.refresh_token
    lost = program.refresh().data
    used_ago(first, 59)

    program.refresh(first)

    assert not program.may_use(lost["token"])
    assert program.may_use(program.token)
    assert program.refresh(lost["refreshToken"], status=401).code == "TOKEN_INVALID"
    program.refresh()
    assert len(rows(UserSession, user_id=user.id)) == 1


def test_a_token_used_later_ends_the_session_and_tells_the_person(
    program: Program,
    user: User,
    organization: Organization,
    make: Factories,
    app: Flask,
    used_ago: Callable[[str, int], None],
    session_of: Callable[[User], UserSession],
    rows: Rows,
) -> None:
    colleague = Program(app)
    colleague.sign_in(make.user(organization))
    first = program.refresh_token
    program.refresh()
    used_ago(first, 61)

    refused = Program(app, "198.51.100.20").refresh(first, status=401)

    assert refused.code == "TOKEN_INVALID"
    assert "used before" in refused.error["message"]
    assert program.get("/auth/me", status=401).code == "TOKEN_INVALID"
    assert program.refresh(status=401).code == "TOKEN_INVALID"
    assert session_of(user).revoked_reason == "token_reused"
    assert all(token.revoked_at is not None for token in rows(RefreshToken, user_id=user.id))
    (entry,) = rows(AuditLog, action="session.token_reused")
    assert (entry.user_id, entry.actor_label, str(entry.ip_address)) == (None, user.email, "198.51.100.20")
    (notification,) = rows(Notification, kind="token_reused")
    assert (notification.user_id, notification.link) == (user.id, "/account")
    colleague.refresh()


def test_a_replaced_token_that_appears_later_ends_the_session(
    program: Program, user: User, used_ago: Callable[[str, int], None], session_of: Callable[[User], UserSession]
) -> None:
    first = program.refresh_token
    replaced = program.refresh().data["refreshToken"]
    program.refresh(first)
    used_ago(replaced, 61)

    program.refresh(replaced, status=401)

    assert session_of(user).revoked_reason == "token_reused"


def test_a_session_lasts_30_days_however_often_it_is_refreshed(
    program: Program, token_row: Callable[[str], RefreshToken], change: Change
) -> None:
    ends_at = token_row(program.refresh_token).expires_at
    assert timedelta(days=29, hours=23) < ends_at - datetime.now(UTC) <= timedelta(days=30)

    program.refresh()

    assert token_row(program.refresh_token).expires_at == ends_at
    change(token_row(program.refresh_token), expires_at=datetime.now(UTC) + timedelta(minutes=10))
    assert 590 <= program.refresh().data["expiresIn"] <= 600
    change(token_row(program.refresh_token), expires_at=datetime.now(UTC))
    assert program.refresh(status=401).code == "TOKEN_EXPIRED"


@pytest.mark.parametrize("kind", [TokenType.REFRESH, TokenType.ACCESS, TokenType.LINK_OR_COOKIE])
def test_an_unknown_token_and_one_of_another_type_are_refused(app: Flask, user: User, kind: TokenType) -> None:
    unknown = Token.new(user.organization_id, kind).text

    assert Program(app).refresh(unknown, status=401).code == "TOKEN_INVALID"


def test_an_access_token_does_not_refresh_its_session(program: Program) -> None:
    assert program.refresh(program.token, status=401).code == "TOKEN_INVALID"


@pytest.mark.parametrize(
    "closed",
    [
        {"status": UserStatus.INACTIVE},
        {"status": UserStatus.SUSPENDED},
        {"deleted_at": datetime(2026, 3, 18, tzinfo=UTC)},
    ],
    ids=["inactive", "suspended", "deleted"],
)
def test_a_closed_account_gets_no_new_tokens(
    program: Program, user: User, change: Change, closed: dict[str, Any]
) -> None:
    change(user, **closed)

    assert program.refresh(status=401).code == "TOKEN_INVALID"


def test_a_suspended_organization_gets_no_new_tokens(
    program: Program, organization: Organization, change: Change
) -> None:
    change(organization, status=OrganizationStatus.SUSPENDED)

    assert "suspended" in program.refresh(status=401).error["message"]


def test_a_session_can_have_one_unused_refresh_token(
    program: Program, user: User, session_of: Callable[[User], UserSession], make: Factories
) -> None:
    with pytest.raises(IntegrityError, match="uq_refresh_tokens_unused"):
        make.refresh_token(session_of(user))


def test_refreshes_are_limited_to_60_an_hour_for_each_session(app: Flask, program: Program, user: User) -> None:
    other = Program(app)
    other.sign_in(user)
    for number in range(60):
        answer = program.refresh()
        assert answer.response.headers["X-RateLimit-Remaining"] == str(59 - number)

    assert program.refresh(status=429).code == "RATE_LIMIT_EXCEEDED"
    other.refresh()


class TestAtOnce:
    """Concurrent requests, each with a connection of its own."""

    def test_of_two_refreshes_both_get_tokens_and_one_family_survives(
        self, app: Flask, program: Program, user: User, rows: Rows
    ) -> None:
        first, callers = program.refresh_token, [Program(app) for _ in range(2)]

        both_at_once(*(lambda caller=caller: caller.refresh(first) for caller in callers))

        usable = [caller for caller in callers if caller.may_use(caller.token)]
        assert len(usable) == 1
        unused = [token for token in rows(RefreshToken) if token.used_at is None and token.revoked_at is None]
        assert len(unused) == 1
        (ended,) = (caller for caller in callers if caller not in usable)
        ended.refresh(first)
        assert ended.may_use(ended.token)
        assert len(rows(UserSession, user_id=user.id, revoked_at=None)) == 1

    def test_a_refresh_that_waited_for_a_sign_out_gets_no_tokens(
        self, app: Flask, program: Program, user: User, database: WorkerDatabase
    ) -> None:
        refresher = Program(app)
        with app_connection(database, user.organization_id) as connection:
            connection.execute("SELECT FROM users WHERE id = %s FOR NO KEY UPDATE", [user.id])
            with meanwhile(lambda: refused(refresher.refresh(program.refresh_token, status=None)), database):
                program.post("/auth/logout", status=204)
                connection.commit()

        assert refresher.refresh_token == ""
        assert_ended(program)

    @pytest.mark.parametrize("times", range(3))
    def test_after_a_sign_out_no_token_is_usable(self, app: Flask, program: Program, times: int) -> None:
        refresher, ended = Program(app), []

        both_at_once(
            lambda: ended.append(program.post("/auth/logout", status=None).status),
            lambda: refresher.refresh(program.refresh_token, status=None),
        )
        if ended == [401]:  # the refresh came first and replaced the access token, so its holder signs out
            refresher.post("/auth/logout", status=204)

        assert_ended(program, refresher)

    @pytest.mark.parametrize("times", range(3))
    def test_after_a_suspension_no_token_is_usable(
        self, app: Flask, program: Program, make: Factories, organization: Organization, user: User, times: int
    ) -> None:
        browser, refresher = Client(app).sign_in(make.user(organization, role=Role.OWNER)), Program(app)
        path = f"/users/{user.id}/suspend"
        form = {**browser.get(path).fields(path), "reason": "Lost their phone"}

        both_at_once(lambda: browser.post(path, form), lambda: refresher.refresh(program.refresh_token, status=None))

        assert_ended(program, refresher)


def refused(answer: Answer) -> None:
    """Assert that a refresh was refused."""
    assert answer.code == "TOKEN_INVALID"


def assert_ended(*clients: Program) -> None:
    for client in clients:
        assert not client.may_use(client.token)
        if client.refresh_token:
            assert client.refresh(status=401).code == "TOKEN_INVALID"


def both_at_once(*requests: Callable[[], Any]) -> None:
    """Send the requests from threads that wait for each other before they start."""
    ready = threading.Barrier(len(requests), timeout=10)

    def send(request: Callable[[], Any]) -> None:
        ready.wait()
        request()

    threads = [threading.Thread(target=send, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert not any(thread.is_alive() for thread in threads)


def admin_ends_all(browser: Client, user: User) -> None:
    browser.post(f"/users/{user.id}/sessions/end-all")


def admin_ends_one(browser: Client, user: User) -> None:
    page = browser.get(f"/users/{user.id}/sessions")
    browser.post(page.all(".//tbody/tr//form")[0].get("action", ""))


def admin_changes_the_role(browser: Client, user: User) -> None:
    with at_work(browser.app, user.organization_id):
        change_role(stored(user), Role.SALES_REP)


def person_gets_a_new_password(browser: Client, user: User) -> None:
    with at_work(browser.app, user.organization_id):
        set_password(stored(user), "seven quiet lamps at dusk")


def person_leaves(browser: Client, user: User) -> None:
    with at_work(browser.app, user.organization_id):
        end_access([stored(user)])


def organization_is_deleted(browser: Client, user: User) -> None:
    with at_work(browser.app, user.organization_id):
        end_access_of_all(user.organization_id)


def second_factor_is_set_up(browser: Client, user: User) -> None:
    set_up(Client(browser.app).sign_in(user))


def person_ends_the_others(browser: Client, user: User) -> None:
    Client(browser.app).sign_in(user).post("/account/sessions/end-others")


def stored(user: User) -> User:
    """Return the row of a user in the current transaction."""
    return db.session.get_one(User, (user.organization_id, user.id))


@pytest.mark.parametrize("expired", [False, True], ids=["usable", "with an expired access token"])
@pytest.mark.parametrize(
    "end",
    [
        admin_ends_all,
        admin_ends_one,
        admin_changes_the_role,
        person_gets_a_new_password,
        person_leaves,
        organization_is_deleted,
        second_factor_is_set_up,
        person_ends_the_others,
    ],
)
def test_whatever_ends_a_session_ends_its_refresh_token(
    app: Flask,
    program: Program,
    make: Factories,
    organization: Organization,
    user: User,
    session_of: Callable[[User], UserSession],
    change: Change,
    token_row: Callable[[str], RefreshToken],
    end: Callable[[Client, User], None],
    expired: bool,
) -> None:
    colleague = Program(app)
    colleague.sign_in(make.user(make.organization()))
    browser = Client(app).sign_in(make.user(organization, role=Role.OWNER))
    if expired:
        change(session_of(user), expires_at=datetime.now(UTC))

    end(browser, user)

    assert token_row(program.refresh_token).revoked_at is not None
    assert program.refresh(status=401).code == "TOKEN_INVALID"
    colleague.refresh()


def test_ending_all_other_sessions_leaves_the_token_of_this_one(app: Flask, program: Program, user: User) -> None:
    other = Program(app)
    other.sign_in(user)
    for session in program.get("/auth/sessions").data:
        if not session["isCurrent"]:
            program.send("DELETE", f"/auth/sessions/{session['id']}", status=204)

    program.refresh()
    other.refresh(status=401)


def test_tokens_are_deleted_30_days_after_their_end(
    app: Flask, program: Program, user: User, token_row: Callable[[str], RefreshToken], change: Change, rows: Rows
) -> None:
    first = program.refresh_token
    program.refresh()
    change(token_row(first), expires_at=datetime.now(UTC) - timedelta(days=31))
    change(token_row(program.refresh_token), expires_at=datetime.now(UTC) - timedelta(days=29))

    with jobs_role(), at_work(app, user.organization_id):
        delete_expired(datetime.now(UTC))

    assert [row.id for row in rows(RefreshToken)] == [token_row(program.refresh_token).id]
