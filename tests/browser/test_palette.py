"""The palette: any person and record can be found and opened from every page with the keyboard alone."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from app.models import ContactCard, Role
from tests.browser.conftest import OpenTab
from tests.support.browser import faults_of_looks
from tests.support.company import Company
from tests.support.factories import Factories


@pytest.fixture
def denise(make: Factories, company: Company) -> ContactCard:
    """A contact who called, next to one with a similar name."""
    them = make.contact(company.organization, first_name="Denise", last_name="Aguilar", city="Austin")
    make.contact(company.organization, first_name="Dennis", last_name="Marsh")
    make.call(company.organization, contact_card_id=them.id)
    return them


def open_palette(tab: Page) -> None:
    tab.keyboard.press("Control+k")
    expect(tab.get_by_role("dialog", name="Search everything")).to_be_visible()


def ask(tab: Page, words: str) -> None:
    """Type `words` and wait for their results, not for those of a prefix, which could look the same."""
    tab.keyboard.type(words)
    expect(tab.locator(f"#cmd-found [data-typed='{words}']")).to_be_attached()


def active(tab: Page) -> str:
    """Return the option that the field points to, as a screen reader would read it."""
    return str(
        tab.evaluate("document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.innerText")
    )


def test_somebody_is_found_and_opened_by_the_keyboard(open_tab: OpenTab, denise: ContactCard) -> None:
    tab = open_tab(Role.MANAGER)
    tab.goto("/tasks")
    open_palette(tab)
    ask(tab, "deni")
    expect(tab.get_by_role("option", name="Denise Aguilar").first).to_be_visible()
    expect(tab.locator("#cmd-status")).to_have_text("3 results")
    assert active(tab).startswith("Denise Aguilar")
    tab.keyboard.press("ArrowUp")
    expect(tab.locator("#cmd-field")).to_have_attribute("aria-activedescendant", "cmd-option-2")
    tab.keyboard.press("ArrowDown")
    assert active(tab).startswith("Denise Aguilar")
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**/contacts/{denise.id}")


def test_enter_waits_for_the_answer_to_what_was_typed(open_tab: OpenTab, denise: ContactCard) -> None:
    tab = open_tab(Role.MANAGER)
    tab.goto("/tasks")
    open_palette(tab)
    expect(tab.locator("#palette [role=option]").first).to_be_visible()
    tab.keyboard.type("denise aguilar")
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**/contacts/{denise.id}")


def test_enter_does_not_take_a_result_of_earlier_words(open_tab: OpenTab, denise: ContactCard) -> None:
    tab = open_tab(Role.MANAGER)
    tab.clock.install()
    tab.goto("/tasks")
    open_palette(tab)
    expect(tab.locator("#palette [role=option]").first).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    tab.route("**/search?q=dennis*", hold)
    with tab.expect_request("**/search?q=dennis*"):
        tab.keyboard.type("dennis")
    # With the clock paused, the next words aren't requested before the response to these has arrived.
    tab.clock.pause_at(datetime.now(UTC) + timedelta(seconds=5))
    tab.locator("#cmd-field").fill("denise aguilar")
    tab.keyboard.press("Enter")
    [route] = held
    route.continue_()
    expect(tab.locator("#cmd-found [data-typed=dennis]")).to_be_attached()
    tab.clock.resume()
    tab.wait_for_url(f"**/contacts/{denise.id}")


def test_one_that_is_opened_while_the_page_still_begins_is_answered(open_tab: OpenTab, denise: ContactCard) -> None:
    tab = open_tab(Role.MANAGER)
    # htmx initializes the page in a task of its own, which a key press can precede.
    tab.add_init_script(
        "const later = setTimeout; setTimeout = (task, wait = 1000, ...more) => later(task, wait, ...more)"
    )
    tab.goto("/tasks")
    open_palette(tab)
    expect(tab.locator("#palette [role=option]").first).to_be_visible()


def test_it_closes_to_where_one_was_and_offers_it_again(open_tab: OpenTab, denise: ContactCard) -> None:
    tab = open_tab(Role.MANAGER)
    tab.goto(f"/contacts/{denise.id}")
    tab.goto("/tasks")
    tab.keyboard.press("/")  # the list has a field of its own
    tab.get_by_role("button", name="Search everything").click()
    expect(tab.get_by_role("group", name="Recent").get_by_role("option")).to_have_text(["Denise Aguilar"])
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("button", name="Search everything")).to_be_focused()


def test_what_finds_nothing_says_what_to_try(open_tab: OpenTab, denise: ContactCard) -> None:
    tab = open_tab(Role.CSR)
    tab.goto("/calls")
    open_palette(tab)
    ask(tab, "qqqqqqqq")
    expect(tab.get_by_text("No results for “qqqqqqqq”")).to_be_visible()
    expect(tab.locator("#cmd-status")).to_have_text("0 results")
    assert tab.locator("#cmd-field").get_attribute("aria-expanded") == "false"


def test_it_is_without_faults(open_tab: OpenTab, denise: ContactCard) -> None:
    tab = open_tab(Role.MANAGER)
    tab.goto("/tasks")
    tab.get_by_role("button", name="Search everything").click()
    ask(tab, "denise")
    expect(tab.get_by_role("option", name="Denise Aguilar").first).to_be_visible()
    assert faults_of_looks(tab) == []
    tab.goto("/search?q=denise")
    assert faults_of_looks(tab) == []


def test_the_page_needs_no_script(open_tab: OpenTab, denise: ContactCard) -> None:
    tab = open_tab(Role.MANAGER, javascript=False)
    tab.goto("/tasks")
    tab.get_by_role("searchbox", name="Search everything").fill("denise")
    tab.keyboard.press("Enter")
    tab.get_by_role("link", name="Denise Aguilar").first.click()
    tab.wait_for_url(f"**/contacts/{denise.id}")
