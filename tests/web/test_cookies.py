"""Names of the app's cookies, which have a prefix with TLS so that no other host can set them."""

import re
import tomllib
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.config import PROJECT_ROOT
from app.extensions import db
from app.factory import create_app
from app.people.sign_in.known_device_service import DEVICE_COOKIE
from app.security.cookies import NAMES_OF_BEFORE_END_WITH, read_cookie
from app.security.identity import SESSION_COOKIE
from tests.support.client import session_token
from tests.support.factories import PASSWORD, Factories
from tests.web.callers import PAGE

HOME = "https://localhost"
FLASKS = "switchboard"


@pytest.fixture
def production(app_with: Callable[..., Flask]) -> Flask:
    return app_with(environment="production")


@pytest.fixture
def browser(production: Flask) -> FlaskClient:
    """A test client of the app in production, where cookies require TLS."""
    return production.test_client()


def csrf_token_of(page: str) -> str:
    """Return the CSRF token of the forms on a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def given(browser: FlaskClient, path: str, **form: str) -> dict[str, str]:
    """Return the cookies that the response to a form sets, by name, as values with their attributes.

    The value of a deleted cookie is an empty string.
    """
    token = browser.get("/probe/token", base_url=HOME).text
    answer = browser.post(path, data={"csrf_token": token, **form}, base_url=HOME, headers={**PAGE, "Referer": HOME})
    assert answer.status_code == 303, answer.text[:1000]
    set_cookies = (header.partition("=") for header in answer.headers.getlist("Set-Cookie"))
    return {name: "" if value.startswith(";") else value for name, _equals, value in set_cookies}


def test_where_tls_is_every_cookie_is_of_this_host_alone(browser: FlaskClient, make: Factories) -> None:
    user = make.user(make.organization())

    cookies = given(browser, "/login", email=user.email, password=PASSWORD)
    cookies |= given(browser, "/account/theme", theme="dark") | given(browser, "/account/language", language="ru")

    wanted = {SESSION_COOKIE, DEVICE_COOKIE, FLASKS, "theme", "language"}
    assert cookies.keys() == {f"__Host-{name}" for name in wanted}
    for name, value in cookies.items():
        if value:
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(value.split("; ")), name
        assert "Domain" not in value


def test_without_tls_names_are_plain(app: Flask) -> None:
    answer = app.test_client().get("/login")

    assert answer.headers["Set-Cookie"].startswith(f"{FLASKS}=")


class TestNamesOfBefore:
    def test_they_end_with_this_release(self) -> None:
        project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())["project"]

        # In the next release: remove NAMES_OF_BEFORE, the code in _SessionCookie that uses it, and these tests.
        assert project["version"] == NAMES_OF_BEFORE_END_WITH

    def test_what_never_had_one_is_read_by_its_own_name_only(self, production: Flask) -> None:
        with production.test_request_context(headers={"Cookie": f"{DEVICE_COOKIE}=of.before; theme=dark"}):
            assert (read_cookie(DEVICE_COOKIE), read_cookie("theme")) == (None, "dark")

    def test_a_session_goes_on_until_its_end(self, production: Flask, make: Factories) -> None:
        app = create_app(production.config["SETTINGS"])  # without the probes, whose users come from a header
        browser = app.test_client()
        browser.set_cookie(SESSION_COOKIE, session_token(app, make.user(make.organization())), secure=True)

        assert browser.get("/account", base_url=HOME).status_code == 200
        token = csrf_token_of(browser.get("/account", base_url=HOME).text)
        browser.post("/logout", data={"csrf_token": token}, base_url=HOME, headers={"Referer": HOME})

        assert browser.get_cookie(SESSION_COOKIE) is None
        assert browser.get("/account", base_url=HOME, headers=PAGE).status_code == 303
        with app.app_context():
            db.engine.dispose()

    def test_a_form_that_was_open_can_still_be_sent(self, app: Flask, browser: FlaskClient) -> None:
        before = app.test_client()
        token = before.get("/probe/token").text
        cookie = before.get_cookie(FLASKS)
        assert cookie is not None
        browser.set_cookie(FLASKS, cookie.value, secure=True)

        headers = {"X-CSRFToken": token, "Referer": HOME}
        answer = browser.post("/probe/form", data={"name": "Maya"}, base_url=HOME, headers=headers)

        assert (answer.status_code, answer.text) == (200, "Maya")

    def test_what_is_saved_anew_has_the_new_name_only(self, app: Flask, browser: FlaskClient, make: Factories) -> None:
        user = make.user(make.organization())
        before = app.test_client()
        token = before.get("/probe/token").text
        cookie = before.get_cookie(FLASKS)
        assert cookie is not None
        browser.set_cookie(FLASKS, cookie.value, secure=True)
        browser.set_cookie(SESSION_COOKIE, "of.before", secure=True)

        form = {"csrf_token": token, "email": user.email, "password": PASSWORD}
        browser.post("/login", data=form, base_url=HOME, headers={"Referer": HOME})

        assert browser.get_cookie(FLASKS) is None
        assert browser.get_cookie(SESSION_COOKIE) is None
        assert browser.get_cookie(f"__Host-{SESSION_COOKIE}") is not None

    def test_the_new_name_wins(self, browser: FlaskClient) -> None:
        browser.set_cookie("language", "ru", secure=True)
        assert 'lang="ru"' in browser.get("/login", base_url=HOME, headers=PAGE).text

        browser.set_cookie("__Host-language", "uz", secure=True)
        assert 'lang="uz"' in browser.get("/login", base_url=HOME, headers=PAGE).text
