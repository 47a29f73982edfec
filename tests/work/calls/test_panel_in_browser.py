"""The panel next to a call in a real browser: its URL, the page below it, and the focus."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Dialog, Page, ViewportSize, expect

from app.models import Call, CallNote, User
from tests.support.browser import set_session
from tests.support.factories import Factories

pytestmark = pytest.mark.browser

PHONE = ViewportSize(width=390, height=844)
WIDE = ViewportSize(width=1440, height=900)


@pytest.fixture
def tab(browser_page: Page, app: Flask, live_address: str, csr: User, call: Call) -> Page:
    """A browser tab in which the CSR has opened the page of the call."""
    set_session(browser_page, app, live_address, csr)
    browser_page.set_viewport_size(WIDE)
    browser_page.goto(f"/calls/{call.id}")
    return browser_page


def open_note(tab: Page) -> None:
    tab.get_by_role("link", name="Note", exact=True).click()
    expect(tab.locator("#panel-note-body")).to_be_focused()


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
    expect(tab.locator(".side-panel")).to_contain_text("Enter some text.")


@pytest.fixture
def coached(make: Factories, call: Call, manager: User) -> list[CallNote]:
    """A coaching note at each of the two turns."""
    make.transcript(call)
    return [make.note(call, manager, kind="coaching", body=f"Say it at turn {turn}.", turn=turn) for turn in (0, 1)]


@pytest.fixture
def asked(browser_page: Page) -> list[str]:
    """Types of the dialogs that the browser has shown, each of which is dismissed."""
    found: list[str] = []

    def stay(dialog: Dialog) -> None:
        found.append(dialog.type)
        dialog.dismiss()

    browser_page.on("dialog", stay)
    return found


@pytest.mark.parametrize("way", ["close", "Escape", "other", "turn"])
def test_what_is_typed_in_it_goes_only_where_one_wants_that(
    tab: Page, coached: list[CallNote], asked: list[str], way: str
) -> None:
    tab.reload()
    if way == "Escape":
        tab.set_viewport_size(PHONE)
    open_note(tab)
    field = tab.locator("#panel-note-body")
    field.click()
    tab.keyboard.type("Half a sentence")
    if way == "Escape":
        tab.keyboard.press("Escape")
    elif way == "close":
        tab.get_by_role("link", name="Close panel").click()
    elif way == "other":
        tab.locator("a[data-panel]:not([data-panel=''], [data-panel=note], [data-panel=coaching])").first.click()
    else:
        tab.get_by_role("link", name="1 coaching note").last.click()
    tab.wait_for_timeout(300)

    assert asked == ["beforeunload"]
    expect(field).to_have_value("Half a sentence")
    field.fill("A whole sentence.")
    tab.locator("#panel-note").get_by_role("button", name="Add note").click()
    expect(tab.locator(".side-panel")).to_contain_text("Write another note")
    tab.get_by_role("link", name="Close panel").click()
    expect(tab.locator(".side-panel")).to_have_count(0)
    assert asked == ["beforeunload"], "what was sent is not lost"


def test_a_thread_of_coaching_leaves_the_others_as_they_are(
    tab: Page, call: Call, coached: list[CallNote], asked: list[str]
) -> None:
    tab.goto(f"/calls/{call.id}?panel=coaching")
    threads = [tab.locator(f"#coaching-{note.id}") for note in coached]
    threads[0].locator("textarea").click()
    tab.keyboard.type("Half a sentence")

    threads[1].get_by_role("button", name="Mark as done").click()
    expect(threads[1]).to_contain_text("Done")
    expect(threads[0].locator("textarea")).to_have_value("Half a sentence")
    threads[1].locator("textarea").fill("I will.")
    threads[1].get_by_role("button", name="Reply").click()
    expect(threads[1].locator(".coaching-answer")).to_contain_text("I will.")
    expect(threads[0].locator("textarea")).to_have_value("Half a sentence")
    assert asked == []


def test_a_new_note_of_coaching_leaves_a_half_written_answer_as_it_is(
    browser_page: Page,
    app: Flask,
    live_address: str,
    call: Call,
    coached: list[CallNote],
    manager: User,
    asked: list[str],
) -> None:
    set_session(browser_page, app, live_address, manager)
    browser_page.set_viewport_size(WIDE)
    browser_page.goto(f"/calls/{call.id}?panel=coaching")
    answer = browser_page.locator(f"#coaching-{coached[0].id} textarea")
    answer.click()
    browser_page.keyboard.type("Half a sentence")

    for body in ("Say the price last.", "And smile."):
        browser_page.get_by_role("textbox", name="Coaching note").fill(body)
        browser_page.get_by_role("button", name="Add coaching note").click()
        expect(browser_page.locator("#coaching .coaching-note").last).to_contain_text(body)
        expect(browser_page.get_by_role("textbox", name="Coaching note")).to_have_value("")
    expect(browser_page.locator("#coaching .coaching-note")).to_have_count(4)
    expect(answer).to_have_value("Half a sentence")
    assert asked == []


def test_another_turn_takes_the_focus_and_closing_gives_it_back_to_that_turn(
    tab: Page, coached: list[CallNote]
) -> None:
    tab.reload()
    links = tab.get_by_role("link", name="1 coaching note")
    for place in (0, 1):
        links.nth(place).click()
        expect(tab.locator(".side-panel")).to_contain_text(f"Say it at turn {place}.")
        expect(tab.locator(".side-panel [data-first-field] :focus, .side-panel form :focus")).to_have_count(1)
        expect(links.nth(place)).to_have_attribute("aria-current", "true")
        expect(tab.locator("a[data-panel][aria-current]")).to_have_count(1)

    tab.get_by_role("link", name="Close panel").click()
    expect(links.nth(1)).to_be_focused()
    expect(tab.locator("a[data-panel][aria-current]")).to_have_count(0)
