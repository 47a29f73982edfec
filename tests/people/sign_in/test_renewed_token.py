"""Renewal of the session's secret when it gains privileges, which makes a copied cookie useless."""

from collections.abc import Callable
from datetime import UTC, datetime

import pyotp

from app.models import User, UserSession
from app.security.identity import SESSION_COOKIE
from tests.support.client import Client
from tests.support.factories import PASSWORD
from tests.support.pages import text_of

NEW = "a quiet lake at dusk"
SECOND_FACTOR = "/account/second-factor"


def change_password(client: Client) -> None:
    """Change the password with the form of the account page."""
    client.post("/account/password", {"current": PASSWORD, "password": NEW, "again": NEW})


def set_up_second_factor(client: Client) -> None:
    """Set up two-factor authentication with a code of an authenticator app."""
    page = client.get(SECOND_FACTOR)
    app = pyotp.TOTP(text_of(page.one(".//*[@data-secret]")))
    form = {**page.fields(SECOND_FACTOR), "code": app.at(datetime.now(UTC)), "password": PASSWORD}
    client.post(SECOND_FACTOR, form, status=200)


def is_out(thief: Client, cookie: str) -> bool:
    """Return whether a request with the stolen cookie is redirected to the sign-in page."""
    answer = thief.get("/account", status=303, headers={"Cookie": f"{SESSION_COOKIE}={cookie}"})
    return str(answer.headers["Location"]).startswith("/login")


def test_a_new_password(client: Client, new_client: Callable[[], Client], user: User) -> None:
    before = client.sign_in_by_form(user).cookie(SESSION_COOKIE)

    change_password(client)

    assert is_out(new_client(), before)
    client.get("/account")


def test_a_second_factor(client: Client, new_client: Callable[[], Client], user: User) -> None:
    before = client.sign_in_by_form(user).cookie(SESSION_COOKIE)

    set_up_second_factor(client)

    assert is_out(new_client(), before)
    client.get("/account")


def test_it_stays_the_same_session(client: Client, user: User, session_of: Callable[[User], UserSession]) -> None:
    client.sign_in_by_form(user)
    before = session_of(user)

    change_password(client)

    after = session_of(user)
    assert (after.id, after.expires_at) == (before.id, before.expires_at)
    assert after.token_hash != before.token_hash
