"""Forms submitted after the session ended, whose input is restored only for the same user."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from wtforms import PasswordField
from wtforms.fields.core import UnboundField

from app.errors import TokenExpired
from app.models import Organization, Provider, User, UserSession
from app.organization.providers.forms import form_of
from app.people.sign_in.queries import Account
from app.people.sign_in.saved_form_service import (
    LIFETIME,
    FormNotSaved,
    SavedForm,
    SavedFormExpired,
    open_form,
    seal_form,
)
from app.security.identity import SESSION_COOKIE, EndedSession
from app.security.secret_fields import is_secret
from app.web.forms import Form
from tests.support.client import Client, session_token
from tests.support.factories import DAY, PASSWORD, Factories
from tests.support.pages import Page

Change = Callable[..., None]
SessionOf = Callable[[User], UserSession]
Rows = Callable[..., list[Any]]


@pytest.fixture
def too_late(client: Client, user: User, session_of: SessionOf, change: Change) -> Page:
    """The response to a form submitted after the session ended.

    The form changes the language from English to Russian.
    """
    form = client.sign_in_by_form(user).get("/account").fields("/account/preferences")
    change(session_of(user), revoked_at=DAY, revoked_reason="ended_by_admin")
    return client.post("/account/preferences", {**form, "language": "ru"}, status=401)


def signed_in_with(client: Client, user: User, page: Page) -> Page:
    """Return the response to the right password on a sign-in page that carries a kept form."""
    return client.post("/login", {**page.fields("/login"), "email": user.email, "password": PASSWORD}, status=200)


def test_the_sign_in_page_says_why_and_that_it_is_kept(too_late: Page) -> None:
    assert too_late.heading == "Sign in"
    assert "Your session was ended by an admin of your organization." in too_late.text
    assert "Sign in to continue. What you entered is saved." in too_late.text
    assert "language" not in too_late.fields("/login")["kept"]


def test_the_form_comes_back_as_it_was_and_is_sent_by_nobody(
    client: Client, user: User, too_late: Page, rows: Rows
) -> None:
    signed_in = signed_in_with(client, user, too_late)
    assert signed_in.heading == "You’re signed in again"

    shown = client.post("/account/preferences", signed_in.fields("/account/preferences"), status=400)

    assert "Check what you entered and submit it" in shown.text
    assert shown.fields("/account/preferences")["language"] == "ru"
    assert rows(User, id=user.id)[0].language == "en"
    client.post("/account/preferences", shown.fields("/account/preferences"))
    assert rows(User, id=user.id)[0].language == "ru"


def test_a_wrong_password_loses_nothing(client: Client, user: User, too_late: Page) -> None:
    again = client.post("/login", {**too_late.fields("/login"), "email": user.email, "password": "wrong"}, status=401)

    assert "What you entered is saved" in again.text
    assert again.fields("/login")["kept"] == too_late.fields("/login")["kept"]


def test_somebody_else_gets_nothing_of_it(
    client: Client, make: Factories, organization: Organization, too_late: Page
) -> None:
    colleague = make.user(organization, email="colleague@here.example")

    answer = client.post("/login", {**too_late.fields("/login"), "email": colleague.email, "password": PASSWORD})

    assert answer.headers["Location"] == "/my-day"


def test_one_who_has_signed_out_leaves_nothing_behind(
    client: Client, user: User, session_of: SessionOf, change: Change
) -> None:
    form = client.sign_in_by_form(user).get("/account").fields("/account/preferences")
    change(session_of(user), revoked_at=DAY, revoked_reason="signed_out")

    answer = client.post("/account/preferences", {**form, "language": "ru"})

    assert answer.headers["Location"].startswith("/login")


def test_a_second_tab_that_led_to_the_sign_in_page_changes_nothing_of_that(
    client: Client, user: User, session_of: SessionOf, change: Change
) -> None:
    form = client.sign_in_by_form(user).get("/account").fields("/account/preferences")
    change(session_of(user), revoked_at=DAY)
    client.follow(client.get("/account", status=303))

    assert client.post("/account/preferences", {**form, "language": "ru"}, status=401).fields("/login")["kept"]


def test_forms_of_other_tabs_stay_good_for_the_same_person_only(
    client: Client, make: Factories, organization: Organization, user: User, session_of: SessionOf, change: Change
) -> None:
    other_tab = client.sign_in_by_form(user).get("/account").fields("/account/preferences")
    change(session_of(user), revoked_at=DAY)
    client.follow(client.get("/account", status=303))
    client.sign_in_by_form(user)
    client.post("/account/preferences", {**other_tab, "language": "uz"})

    client.sign_in_by_form(make.user(organization))
    client.post("/account/preferences", {**other_tab, "language": "ru"}, status=403)


def test_a_button_is_pressed_by_nobody(
    app: Flask, client: Client, user: User, session_of: SessionOf, change: Change, rows: Rows
) -> None:
    client.sign_in_by_form(user).get("/account")
    change(session_of(user), revoked_at=DAY)
    here = {"Referer": "http://localhost/account"}
    too_late = client.post("/account/sessions/end-others", status=401, headers=here)
    signed_in = signed_in_with(client, user, too_late)
    session_token(app, user)  # in another browser

    answer = client.post("/account/sessions/end-others", signed_in.fields("/account/sessions/end-others"), headers=here)

    assert answer.headers["Location"] == "/account"
    assert "Press the button again" in client.follow(answer).text
    assert len(rows(UserSession, user_id=user.id, revoked_at=None)) == 2


def test_a_get_returns_to_what_was_asked_for(client: Client, user: User) -> None:
    led = client.get("/account?from=mail&page=2", status=303)

    assert led.headers["Location"] == f"/login?next={quote('/account?from=mail&page=2', safe='/?')}"
    assert "Sign in to view that page." in client.follow(led).text


def test_the_cookie_of_an_ended_session_opens_nothing(
    client: Client, user: User, session_of: SessionOf, change: Change
) -> None:
    client.sign_in_by_form(user)
    change(session_of(user), last_seen_at=datetime.now(UTC) - timedelta(days=8))

    page = client.follow(client.get("/account", status=303))

    assert not any(one.startswith(f"{SESSION_COOKIE}=;") for one in page.headers.getlist("Set-Cookie"))
    client.get("/account", status=303)


@pytest.fixture
def account(user: User) -> Account:
    return Account(user.organization_id, "Blue Ridge Air", user.id, None)


@pytest.fixture
def ended(user: User) -> EndedSession:
    return EndedSession(TokenExpired(), user.organization_id, user.id)


def test_it_is_bounded(app: Flask, account: Account, ended: EndedSession) -> None:
    with app.app_context():
        long = SavedForm("/knowledge", "/", [("body", "word " * 40_000)], had_file=False)
        assert open_form(seal_form(long, ended), account) == long
        with pytest.raises(FormNotSaved):
            seal_form(SavedForm("/knowledge", "/", [("body", "word " * 400_000)], had_file=False), ended)


def test_secrets_are_not_in_it(app: Flask, account: Account, ended: EndedSession) -> None:
    typed = [("name", "Maya"), ("password", "x"), ("auth_token", "y"), ("csrf_token", "z"), ("zip_code", "30303")]
    with app.app_context():
        kept = open_form(seal_form(SavedForm("/users", "/", typed, had_file=False), ended), account)

    assert kept is not None
    assert kept.fields == [("name", "Maya"), ("zip_code", "30303")]


def test_what_is_too_old_is_gone(
    app: Flask, account: Account, ended: EndedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.people.sign_in.saved_form_service.LIFETIME", -LIFETIME)
    with app.app_context():
        sealed = seal_form(SavedForm("/calls", "/", [("note", "x")], had_file=False), ended)
        with pytest.raises(SavedFormExpired):
            open_form(sealed, account)


@pytest.mark.parametrize("made_up", ["", "x", "AAAA", "é", "A" * 60_000])
def test_what_we_did_not_seal_is_nothing(app: Flask, account: Account, made_up: str) -> None:
    with app.app_context():
        assert open_form(made_up, account) is None


def test_every_password_of_the_app_is_known_by_its_name(app: Flask) -> None:
    secrets = {
        name
        for form in (*_forms(Form), *map(form_of, Provider))
        for name in dir(form)
        if isinstance(field := getattr(form, name), UnboundField) and field.field_class is PasswordField
    }

    assert "own_password" in secrets
    assert {name for name in secrets if not is_secret(name)} == set()


def _forms(form: type[Form]) -> Iterator[type[Form]]:
    for one in form.__subclasses__():
        yield one
        yield from _forms(one)
