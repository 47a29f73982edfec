"""The one-time link to set a password."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.factory import create_app
from app.models import Organization, PasswordReset, User, UserSession
from app.people.users.access_service import issue_reset_link
from app.security.tokens import Token
from tests.support.client import Client
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.work import at_work

NEW = "a quiet lake at dusk"

Rows = Callable[..., list[Any]]


@pytest.fixture
def issue(app: Flask) -> Callable[[User], str]:
    """Function that issues a link to set a password and returns its path."""

    def make_link(user: User) -> str:
        with at_work(app, user.organization_id):
            token = issue_reset_link(db.session.get_one(User, (user.organization_id, user.id)))
        return f"/password/{token.text}"

    return make_link


@pytest.fixture
def link(issue: Callable[[User], str], user: User) -> str:
    """The path of a link for the user to set a password."""
    return issue(user)


def test_a_link_sets_the_password_once(client: Client, user: User, link: str, rows: Rows) -> None:
    assert user.email in client.get(link).text

    page = client.follow(client.post(link, {"password": NEW, "again": NEW}))

    assert "Your password is set." in page.text
    (changed,) = rows(User, id=user.id)
    assert changed.email_verified_at is not None
    assert changed.password_changed_at is not None
    client.sign_in_by_form(user, password=NEW)

    stranger = client.get(link, status=404)
    assert "This link no longer works" in stranger.text
    client.post(link, {"password": "another lake at dawn", "again": "another lake at dawn"}, status=404)


def test_a_link_sets_the_password_while_limits_are_off(
    database: WorkerDatabase, tmp_path: Path, link: str, rows: Rows, user: User
) -> None:
    unlimited = create_app(database.settings(tmp_path).model_copy(update={"rate_limits_enabled": False}))

    Client(unlimited).post(link, {"password": NEW, "again": NEW})
    with unlimited.app_context():
        db.engine.dispose()

    (changed,) = rows(User, id=user.id)
    assert changed.password_changed_at is not None


def test_sessions_end_with_the_old_password(
    client: Client, new_client: Callable[[], Client], user: User, link: str
) -> None:
    elsewhere = new_client().sign_in_by_form(user)

    client.post(link, {"password": NEW, "again": NEW})

    left = elsewhere.follow(elsewhere.get("/account", status=303))
    assert "because your password was changed" in left.text
    client.post("/login", {"email": user.email, "password": "correct horse battery staple"}, status=401)


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("", "", "Enter a password."),
        ("short", "short", "Use at least 12 characters."),
        ("password1234", "password1234", "This password is too common"),
        ("x" * 129, "x" * 129, "Use up to 128 characters."),
        (NEW, "a quiet lake at dawn", "The passwords don’t match."),
    ],
    ids=["none", "short", "common", "long", "mistyped"],
)
def test_a_password_that_cannot_be_used_leaves_the_link_usable(
    client: Client, link: str, password: str, again: str, sentence: str
) -> None:
    page = client.post(link, {"password": password, "again": again}, status=400)

    assert sentence in page.text
    assert not re.search(r'type="password"[^>]*value="[^"]', page.html)
    client.post(link, {"password": NEW, "again": NEW})


def test_a_link_expires(client: Client, user: User, link: str, rows: Rows, change: Callable[..., None]) -> None:
    (stored,) = rows(PasswordReset)
    assert stored.expires_at - stored.created_at <= timedelta(hours=24)

    change(stored, expires_at=datetime.now(UTC) - timedelta(seconds=1))

    client.get(link, status=404)
    client.post(link, {"password": NEW, "again": NEW}, status=404)


def test_a_link_is_dead_while_nobody_can_sign_in_with_the_account(
    client: Client, user: User, organization: Organization, link: str, change: Callable[..., None]
) -> None:
    for row, stop, go in ((user, "inactive", "active"), (organization, "suspended", "active")):
        change(row, status=stop)
        client.get(link, status=404)
        client.post(link, {"password": NEW, "again": NEW}, status=404)
        change(row, status=go)

    client.post(link, {"password": NEW, "again": NEW})


def test_a_browser_that_is_signed_in_elsewhere_uses_a_link(
    client: Client, make: Factories, user: User, link: str
) -> None:
    client.sign_in_by_form(make.user(make.organization()))

    client.post(link, {"password": NEW, "again": NEW})


def test_a_newer_link_replaces_the_older(client: Client, user: User, link: str, issue: Callable[[User], str]) -> None:
    newer = issue(user)

    client.get(link, status=404)
    client.get(newer)


def test_only_the_hash_of_a_link_is_kept(link: str, rows: Rows) -> None:
    (stored,) = rows(PasswordReset)

    token = Token.parse(link.removeprefix("/password/"))
    assert token is not None
    assert stored.token_hash == token.digest


@pytest.mark.parametrize("token", ["nonsense", "a" * 22 + "." + "b" * 43])
def test_a_made_up_link_opens_nothing(client: Client, token: str) -> None:
    client.get(f"/password/{token}", status=404)


def test_the_change_is_audited_under_the_persons_name(
    client: Client, link: str, trail: Callable[[], list[str]]
) -> None:
    before = trail()

    client.post(link, {"password": NEW, "again": NEW})

    assert sorted(trail()[len(before) :]) == ["password_reset.updated", "user.updated"]


def test_a_link_opens_no_account_of_another_organization(
    client: Client, user: User, link: str, make: Factories, rows: Rows
) -> None:
    namesake = make.user(make.organization(), email=user.email)

    client.post(link, {"password": NEW, "again": NEW})

    assert rows(User, id=namesake.id)[0].password_hash == namesake.password_hash
    assert rows(UserSession) == []
