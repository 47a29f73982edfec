"""A session that ends while a page is open: what was typed is not lost, with scripts and without."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine, text

from app.models import Call, Organization, Role, User
from app.security.identity import SESSION_COOKIE
from tests.support.client import session_token
from tests.support.factories import PASSWORD, Factories

pytestmark = pytest.mark.browser

NewTab = Callable[..., Page]


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    """Whose session ends."""
    return make.user(organization, name="Maya Torres", email="maya@here.example")


@pytest.fixture
def admin(make: Factories, organization: Organization, owner: User) -> User:
    """Who writes articles."""
    return make.user(organization, role=Role.ADMIN, email="ann@here.example")


@pytest.fixture
def call(make: Factories, organization: Organization, csr: User) -> Call:
    """What is written about."""
    return make.call(organization, csr=csr)


@pytest.fixture
def new_tab(app: Flask, _browser: Browser, live_address: str) -> Iterator[NewTab]:
    """`new_tab(user, javascript=False)`: a tab of somebody who has signed in."""
    contexts: list[BrowserContext] = []

    def make_tab(user: User, *, javascript: bool = True) -> Page:
        context = _browser.new_context(base_url=live_address, java_script_enabled=javascript)
        contexts.append(context)
        context.add_cookies([{"name": SESSION_COOKIE, "value": session_token(app, user), "url": live_address}])
        return context.new_page()

    yield make_tab
    for context in contexts:
        context.close()


@pytest.fixture
def end_sessions(admin_engine: Engine) -> Callable[[], None]:
    """Ends every session, as an admin does."""

    def end() -> None:
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE user_sessions SET revoked_at = now(), revoked_reason = 'ended_by_admin'"))

    return end


def sign_in_within(tab: Page, user: User) -> None:
    """In the dialog over the page."""
    dialog = tab.get_by_role("dialog", name="Sign in to go on")
    expect(dialog).to_contain_text("ended by an admin")
    expect(dialog.get_by_label("Email")).to_be_focused()
    dialog.get_by_label("Email").fill(user.email)
    dialog.get_by_label("Password").fill("wrong")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.locator("[data-error-summary]")).to_be_focused()
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()


def test_a_swap_goes_on_after_signing_in_in_place(
    new_tab: NewTab, csr: User, call: Call, end_sessions: Callable[[], None]
) -> None:
    tab = new_tab(csr)
    tab.goto(f"/calls/{call.id}")
    tab.get_by_label("Add a note").fill("Has a gas line.")
    end_sessions()

    tab.get_by_role("button", name="Add note").click()
    sign_in_within(tab, csr)

    expect(tab.locator("#call-timeline")).to_contain_text("Has a gas line.")
    expect(tab).to_have_url(f"/calls/{call.id}")


def test_a_form_that_was_open_for_long_goes_on_after_signing_in_in_place(
    new_tab: NewTab, csr: User, end_sessions: Callable[[], None]
) -> None:
    tab = new_tab(csr)
    tab.clock.install()
    tab.goto("/account")
    tab.get_by_label("Comfortable").check()
    end_sessions()
    tab.clock.fast_forward("10:00")

    tab.locator("form[action='/account/preferences'] button[type=submit]").click()
    sign_in_within(tab, csr)

    expect(tab.locator("#toasts")).to_contain_text("Your settings are saved.")
    expect(tab.get_by_label("Comfortable")).to_be_checked()


def test_who_else_signs_in_gets_another_page(
    new_tab: NewTab, csr: User, admin: User, call: Call, end_sessions: Callable[[], None]
) -> None:
    tab = new_tab(csr)
    tab.goto(f"/calls/{call.id}")
    tab.get_by_label("Add a note").fill("Has a gas line.")
    end_sessions()

    tab.get_by_role("button", name="Add note").click()
    sign_in_within(tab, admin)

    tab.wait_for_url(lambda url: "/calls/" not in url)
    tab.goto(f"/calls/{call.id}")
    expect(tab.locator("main")).not_to_contain_text("Has a gas line.")


@pytest.mark.parametrize("javascript", [False, True])
def test_the_sign_in_page_carries_what_was_typed(
    new_tab: NewTab, csr: User, call: Call, end_sessions: Callable[[], None], javascript: bool
) -> None:
    tab = new_tab(csr, javascript=javascript)
    tab.goto("/account")
    tab.get_by_label("Comfortable").check()
    end_sessions()

    tab.locator("form[action='/account/preferences'] button[type=submit]").click()
    expect(tab.get_by_role("main")).to_contain_text("what you typed is kept")
    tab.get_by_label("Email").fill(csr.email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    if not javascript:
        tab.get_by_role("button", name="Back to the form").click()

    expect(tab.get_by_role("main")).to_contain_text("look it over and send it")
    expect(tab.get_by_label("Comfortable")).to_be_checked()
    expect(tab.locator("html")).not_to_have_attribute("data-density", "comfortable")


def test_a_link_leads_to_its_page_after_signing_in(
    new_tab: NewTab, csr: User, end_sessions: Callable[[], None]
) -> None:
    tab = new_tab(csr, javascript=False)
    tab.goto("/account")
    end_sessions()
    tab.goto("/calls?status=missed")

    expect(tab.get_by_role("main")).to_contain_text("ended by an admin")
    tab.get_by_label("Email").fill(csr.email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()

    expect(tab).to_have_url(re.compile(r"/calls\?status=missed$"))


def test_a_form_without_scripts_leaves_out_what_was_not_chosen(new_tab: NewTab, csr: User, call: Call) -> None:
    tab = new_tab(csr, javascript=False)
    tab.goto("/calls")
    tab.get_by_role("combobox", name="Status").select_option("missed")
    tab.get_by_role("button", name="Apply").click()

    expect(tab).to_have_url(re.compile(r"/calls\?status=missed$"))
