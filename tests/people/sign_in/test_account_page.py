"""The page `/account`: the user's own sessions, and the appearance of pages."""

from collections.abc import Callable
from typing import Any

import pytest

from app.models import Density, Language, Organization, Role, Theme, User, UserSession
from tests.support.client import Client
from tests.support.factories import PASSWORD, Factories
from tests.support.pages import Page, text_of

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1"

Rows = Callable[..., list[Any]]
SessionOf = Callable[[User], UserSession]


def devices(page: Page) -> list[str]:
    """Return the text of the row header of each session."""
    return [text_of(row) for row in page.all(".//tbody/tr/th")]


def signed_in(browser: Client, user: User, user_agent: str) -> Client:
    """Sign in with a browser that sends this user agent, and return the browser."""
    browser.post("/login", {"email": user.email, "password": PASSWORD}, headers={"User-Agent": user_agent})
    browser.get("/account")
    return browser


@pytest.fixture
def phone(new_client: Callable[[], Client], user: User) -> Client:
    """A phone on which the user is also signed in."""
    return signed_in(new_client(), user, IPHONE)


@pytest.fixture
def office(new_client: Callable[[], Client], user: User) -> Client:
    """The browser in which the user is working."""
    return signed_in(new_client(), user, FIREFOX)


def test_one_sees_ones_own_sessions_with_device_and_address(
    phone: Client, office: Client, new_client: Callable[[], Client], make: Factories, organization: Organization
) -> None:
    new_client().sign_in(make.user(organization))

    page = office.get("/account")

    here, there = devices(page)
    assert here.startswith("Firefox on Windows This browser")
    assert there.startswith("Safari on iPhone")
    assert "127.0.0.1" in there


def test_an_admin_sees_ones_own_there_too(
    client: Client, phone: Client, make: Factories, organization: Organization
) -> None:
    admin = make.user(organization, role=Role.ADMIN)

    assert len(devices(client.sign_in(admin).get("/account"))) == 1


def test_one_session_is_ended_and_the_others_go_on(phone: Client, office: Client, user: User, rows: Rows) -> None:
    other = next(one for one in rows(UserSession, user_id=user.id) if "iPhone" in one.user_agent)

    page = office.follow(office.post(f"/account/sessions/{other.id}/end"))

    assert len(devices(page)) == 1
    assert "Session ended." in page.text
    assert "You ended this session from another browser." in phone.follow(phone.get("/account", status=303)).text


def test_nobody_ends_the_session_of_somebody_else(
    client: Client,
    new_client: Callable[[], Client],
    user: User,
    make: Factories,
    organization: Organization,
    session_of: SessionOf,
) -> None:
    colleague = make.user(organization, role=Role.ADMIN)
    client.sign_in(user)
    other = new_client().sign_in(colleague)

    client.post(f"/account/sessions/{session_of(colleague).id}/end", status=404)
    other.post(f"/account/sessions/{session_of(user).id}/end", status=404)

    assert session_of(colleague).revoked_at is None
    assert session_of(user).revoked_at is None


def test_all_others_are_ended_at_once(
    phone: Client, office: Client, new_client: Callable[[], Client], user: User
) -> None:
    third = signed_in(new_client(), user, FIREFOX)

    page = office.follow(office.post("/account/sessions/end-others"))

    assert "Signed out of 2 other sessions." in page.text
    assert len(devices(page)) == 1
    for ended in (phone, third):
        ended.get("/account", status=303)


def test_ending_is_audited_once_for_each_session(phone: Client, office: Client, trail: Callable[[], list[str]]) -> None:
    office.post("/account/sessions/end-others")

    assert trail().count("session.ended") == 1


def test_preferences_are_kept_and_shown(client: Client, user: User, rows: Rows) -> None:
    form = client.sign_in(user).get("/account").fields("/account/preferences")
    assert (form["language"], form["theme"], form["density"], form["shortcuts_enabled"]) == (
        "en",
        "system",
        "compact",
        "y",
    )
    del form["shortcuts_enabled"]

    client.post("/account/preferences", {**form, "theme": "dark", "density": "comfortable"})

    page = client.get("/account")
    assert {name: page.root.get(name) for name in ("data-theme", "data-density", "data-shortcuts")} == {
        "data-theme": "dark",
        "data-density": "comfortable",
        "data-shortcuts": "off",
    }
    (kept,) = rows(User, id=user.id)
    assert (kept.theme, kept.density, kept.shortcuts_enabled) == (Theme.DARK, Density.COMFORTABLE, False)
    assert kept.version == user.version, "somebody who has this person's page open can still save it"


def test_a_language_is_spoken_from_the_next_page_on(client: Client, user: User) -> None:
    form = client.sign_in(user).get("/account").fields("/account/preferences")

    client.post("/account/preferences", {**form, "language": "ru"})

    assert client.get("/account").root.get("lang") == "ru"
    client.post("/logout")
    assert client.get("/login").root.get("lang") == "ru", "the browser speaks it for strangers too"


def test_a_value_that_is_not_offered_changes_nothing(client: Client, user: User, rows: Rows) -> None:
    form = client.sign_in(user).get("/account").fields("/account/preferences")

    client.post("/account/preferences", {**form, "theme": "pink", "density": "comfortable"}, status=400)

    (kept,) = rows(User, id=user.id)
    assert (kept.theme, kept.density) == (None, None)


def test_a_stranger_chooses_theme_and_language_for_this_browser(client: Client) -> None:
    back = client.post("/account/theme", {"theme": "dark", "next": "/login?next=/account"})
    client.post("/account/language", {"language": Language.UZBEK, "next": "/login"})

    assert back.headers["Location"] == "/login?next=/account"
    page = client.get("/login")
    assert (page.root.get("data-theme"), page.root.get("lang")) == ("dark", "uz")

    client.post("/account/theme", {"theme": "system"})
    assert client.get("/login").root.get("data-theme") is None


@pytest.mark.parametrize("address", ["/account/theme", "/account/language"])
def test_a_stranger_cannot_choose_what_is_not_there(client: Client, address: str) -> None:
    client.post(address, {"theme": "pink", "language": "xx"}, status=400)


def test_the_theme_button_keeps_the_theme_of_the_person(client: Client, user: User, rows: Rows) -> None:
    client.sign_in(user)

    answer = client.post("/account/theme", {"theme": "light", "next": "https://evil.example/"})

    assert answer.headers["Location"] == "/"
    assert rows(User, id=user.id)[0].theme == Theme.LIGHT
    assert client.get("/account").root.get("data-theme") == "light"


def test_resetting_the_browser_clears_its_storage_and_keeps_the_session(client: Client, user: User) -> None:
    client.sign_in(user)

    answer = client.post("/account/reset-browser")

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.follow(answer).heading == "Account"
