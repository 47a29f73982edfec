"""Confirmation before an act that outlasts the session: what was typed survives it, with JavaScript and without."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from app.models import Invitation, Role, User
from tests.browser.conftest import OpenTab
from tests.support.browser import faults_of_looks
from tests.support.company import Company
from tests.support.direct_access import Behind
from tests.support.factories import PASSWORD

pytestmark = pytest.mark.browser

HEADINGS = {"en": "Confirm it’s you", "ru": "Подтвердите, что это вы", "uz": "Bu siz ekaningizni tasdiqlang"}

Unconfirmed = Callable[..., Page]


@pytest.fixture
def unconfirmed(open_tab: OpenTab, company: Company, behind: Behind, admin_engine: Engine) -> Unconfirmed:
    """Function that opens an admin's tab in a language, in a session that was confirmed an hour ago."""

    def open_in(language: str, *, javascript: bool = True) -> Page:
        behind.change(company.people[Role.ADMIN], language=language)
        tab = open_tab(Role.ADMIN, javascript=javascript)
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE user_sessions SET confirmed_at = confirmed_at - interval '1 hour'"))
        return tab

    return open_in


def confirm(tab: Page, language: str) -> None:
    """Answer the question with the password."""
    expect(tab.get_by_role("heading", level=1)).to_have_text(HEADINGS[language])
    expect(tab.locator("input[name=password]")).to_be_focused()
    tab.locator("input[name=password]").fill(PASSWORD)
    tab.locator("main button.btn--primary").click()


def test_an_address_is_changed_after_a_wrong_and_the_right_password(
    company: Company, behind: Behind, unconfirmed: Unconfirmed
) -> None:
    person, tab = company.people[Role.CSR], unconfirmed("ru")
    tab.goto(f"/users/{person.id}/edit")
    tab.locator("input[name=email]").fill("cora@new.example")
    tab.locator("input[name=name]").fill("Cora Carter")
    tab.locator("main button.btn--primary").click()

    expect(tab.locator(".banner")).to_be_visible()
    assert faults_of_looks(tab) == []
    tab.locator("input[name=password]").fill("wrong")
    tab.keyboard.press("Enter")
    expect(tab.locator("[data-error-summary]")).to_be_focused()
    assert behind.one(User, id=person.id).email == person.email
    tab.locator("input[name=password]").fill(PASSWORD)
    tab.keyboard.press("Enter")

    expect(tab).to_have_url(re.compile(rf"/users/{person.id}$"))
    expect(tab.get_by_role("heading", level=1)).to_have_text("Cora Carter")
    assert behind.one(User, id=person.id).email == "cora@new.example"


def test_a_role_is_changed_without_javascript(company: Company, behind: Behind, unconfirmed: Unconfirmed) -> None:
    person, tab = company.people[Role.CSR], unconfirmed("uz", javascript=False)

    tab.goto(f"/users/{person.id}/role?role=manager")
    confirm(tab, "uz")
    expect(tab).to_have_url(re.compile(rf"/users/{person.id}/role\?role=manager$"))
    tab.locator("main [name=reason]").fill("Leads the team")
    tab.locator("main form .row--end button").click()

    expect(tab).to_have_url(re.compile(rf"/users/{person.id}$"))
    assert behind.one(User, id=person.id).role == Role.MANAGER


def test_an_invitation_that_was_typed_is_sent_after_the_confirmation(behind: Behind, unconfirmed: Unconfirmed) -> None:
    tab = unconfirmed("en")
    tab.goto("/invitations")
    tab.locator("main input[name=email]").fill("nadia@new.example")
    tab.locator("main input[name=name]").fill("Nadia Novak")
    tab.locator("main form button.btn--primary").click()
    confirm(tab, "en")

    expect(tab.locator("#main")).to_contain_text("nadia@new.example")
    assert behind.one(Invitation, email="nadia@new.example").role == Role.CSR
