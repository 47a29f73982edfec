"""A person's own sessions in the JSON API, and programs in the lists of sessions on pages."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app.models import Organization, Role, User, UserSession
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import text_of
from tests.support.program import Program

Rows = Callable[..., list[Any]]


@pytest.fixture
def program(app: Flask, user: User) -> Program:
    program = Program(app)
    program.sign_in(user)
    return program


def ago(**time: int) -> datetime:
    return datetime.now(UTC) - timedelta(**time)


def test_ones_own_usable_sessions_are_listed(
    program: Program, make: Factories, user: User, organization: Organization
) -> None:
    browser = make.session_of(user, last_seen_at=ago(hours=11))
    expired_client = make.session_of(user, client_id="mobile", expires_at=ago(days=1), last_seen_at=ago(days=2))
    make.session_of(user, last_seen_at=ago(hours=13))
    make.session_of(user, client_id="old", expires_at=ago(days=1), created_at=ago(days=31))
    make.session_of(user, client_id="ended", revoked_at=ago(hours=1))
    make.session_of(make.user(organization), client_id="of a colleague".replace(" ", "-"))

    answer = program.get("/auth/sessions")

    assert [(one["clientId"], one["isCurrent"]) for one in answer.data] == [
        ("scheduler", True),
        (None, False),
        ("mobile", False),
    ]
    assert [one["id"] for one in answer.data[1:]] == [str(browser.id), str(expired_client.id)]
    assert answer.data[1]["ipAddress"] == "203.0.113.7"
    assert answer.response.headers["Cache-Control"] == "no-store"


def test_one_of_them_is_ended(program: Program, app: Flask, user: User) -> None:
    other = Program(app, client_id="other")
    other.sign_in(user)
    (listed,) = (one for one in program.get("/auth/sessions").data if one["clientId"] == "other")

    for _ in range(2):
        program.send("DELETE", f"/auth/sessions/{listed['id']}", status=204)

    assert other.get("/auth/me", status=401).code == "TOKEN_INVALID"
    other.refresh(status=401)
    program.get("/auth/me")


def test_other_sessions_are_not_found(
    program: Program, make: Factories, organization: Organization, rows: Rows
) -> None:
    colleague, stranger = make.session_of(make.user(organization)), make.session_of(make.user(make.organization()))

    for wanted in (colleague.id, stranger.id, uuid4(), "nonsense"):
        error = program.send("DELETE", f"/auth/sessions/{wanted}", status=404).error
        assert (error["code"], error["resourceType"], error["resourceId"]) == (
            "RESOURCE_NOT_FOUND",
            "session",
            str(wanted),
        )

    assert [one.revoked_at for one in rows(UserSession)] == [None] * 3


def test_signing_out_ends_the_session(program: Program, user: User, session_of: Callable[[User], UserSession]) -> None:
    answer = program.post("/auth/logout", status=204)

    assert answer.response.data == b""
    assert session_of(user).revoked_reason == "signed_out"
    assert program.post("/auth/logout", status=401).code == "TOKEN_INVALID"


def test_a_sign_out_takes_no_fields(program: Program) -> None:
    answer = program.post("/auth/logout", {"everywhere": True}, status=400)

    assert [one["field"] for one in answer.error["details"]] == ["everywhere"]


def test_pages_name_programs_until_their_refresh_token_ends(
    app: Flask, make: Factories, organization: Organization, user: User
) -> None:
    make.session_of(
        user, client_id="<mobile>", expires_at=ago(days=3), last_seen_at=ago(days=4), created_at=ago(days=29)
    )
    make.session_of(user, client_id="gone", expires_at=ago(days=3), last_seen_at=ago(days=4), created_at=ago(days=31))
    own = Client(app).sign_in(user).get("/account")
    admin = Client(app).sign_in(make.user(organization, role=Role.OWNER)).get(f"/users/{user.id}/sessions")

    for page in (own, admin):
        named = [text_of(head) for head in page.all(".//*[@id='sessions-table']//tbody/tr/th")]
        assert len(named) == 2
        assert [name.startswith("<mobile> Program") for name in named].count(True) == 1


def test_a_program_can_be_ended_on_the_account_page(app: Flask, program: Program, user: User) -> None:
    browser = Client(app).sign_in(user)
    (form,) = browser.get("/account").all(".//*[@id='sessions-table']//tbody/tr//form")

    browser.post(form.get("action", ""))

    program.refresh(status=401)
