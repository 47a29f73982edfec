"""A panel beside a call in a real browser: its address, what lies under it, and where the focus is."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from app.models import Call, User
from tests.support.browser import sign_in

pytestmark = pytest.mark.browser

PHONE = ViewportSize(width=390, height=844)
WIDE = ViewportSize(width=1440, height=900)


@pytest.fixture
def tab(browser_page: Page, csr: User, call: Call) -> Page:
    """The CSR's tab, at the call."""
    sign_in(browser_page, csr)
    browser_page.set_viewport_size(WIDE)
    browser_page.goto(f"/calls/{call.id}")
    return browser_page


def open_note(tab: Page) -> None:
    tab.get_by_role("link", name="Note", exact=True).click()
    expect(tab.get_by_role("heading", name="Note", exact=True)).to_be_focused()


def test_it_has_its_address_a_reload_keeps_it_and_back_closes_it(tab: Page, call: Call) -> None:
    open_note(tab)
    expect(tab).to_have_url(re.compile(rf"/calls/{call.id}\?panel=note$"))

    tab.reload()
    expect(tab.locator(".side-panel")).to_be_visible()

    tab.go_back()
    expect(tab.locator(".side-panel")).to_have_count(0)
    expect(tab.get_by_role("link", name="Note", exact=True)).to_be_focused()


def test_as_a_column_the_page_beside_it_stays_usable_and_keeps_what_is_typed(tab: Page, call: Call) -> None:
    field = tab.get_by_label("Add a note")
    field.fill("Half a sentence")
    open_note(tab)
    expect(field).to_have_value("Half a sentence")
    assert not tab.locator("main").evaluate("main => main.inert")

    tab.locator("#panel-note-body").fill("Asks for the price first.")
    tab.locator("#panel-note").get_by_role("button", name="Add note").click()

    expect(tab.locator("#call-timeline")).to_contain_text("Asks for the price first.")
    expect(tab.locator(".side-panel")).to_contain_text("Write another note")
    expect(field).to_have_value("Half a sentence")


def test_on_a_phone_it_is_the_screen_and_esc_leads_back_to_its_button(tab: Page) -> None:
    tab.set_viewport_size(PHONE)
    open_note(tab)
    assert tab.locator("main").evaluate("main => main.inert")
    box = tab.locator(".side-panel").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    assert tab.evaluate("document.documentElement.scrollWidth") == 390

    tab.keyboard.press("Escape")

    expect(tab.locator(".side-panel")).to_have_count(0)
    expect(tab.get_by_role("link", name="Note", exact=True)).to_be_focused()
    assert not tab.locator("main").evaluate("main => main.inert")


def test_what_is_refused_is_said_in_the_panel(tab: Page) -> None:
    open_note(tab)
    tab.locator("#panel-note-body").fill("   ")
    tab.locator("#panel-note").get_by_role("button", name="Add note").click()

    expect(tab.locator("#panel-note [data-error-summary]")).to_be_focused()
    expect(tab.locator(".side-panel")).to_contain_text("Write something first.")
