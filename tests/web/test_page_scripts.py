"""Script enhancements of pages that also work without scripts.

They are tested on the style guide in a real browser.
"""

import re

import pytest
from playwright.sync_api import Dialog, Route, ViewportSize, expect
from playwright.sync_api import Page as BrowserPage

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser_page: BrowserPage) -> BrowserPage:
    """The style guide in a browser."""
    browser_page.goto("/styleguide")
    return browser_page


def test_the_theme_changes_without_a_page_load(page: BrowserPage) -> None:
    page.get_by_role("button", name="Switch to dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Switch to light theme")).to_be_focused()


def test_escape_closes_a_definition_and_gives_the_focus_back(page: BrowserPage) -> None:
    info = page.locator("details.info").first
    info.locator("summary").click()
    expect(info.locator(".pop")).to_be_visible()
    page.keyboard.press("Escape")
    expect(info.locator(".pop")).to_be_hidden()
    expect(info.locator("summary")).to_be_focused()


def test_a_click_elsewhere_closes_a_menu(page: BrowserPage) -> None:
    menu = page.locator("main details.menu").first
    menu.locator("summary").click()
    expect(menu.locator(".menu-list")).to_be_visible()
    page.get_by_role("heading", name="Style guide").click()
    expect(menu.locator(".menu-list")).to_be_hidden()


def test_a_dialog_begins_at_what_is_to_be_decided(page: BrowserPage) -> None:
    opener = page.get_by_role("link", name="Restore…")
    opener.click()
    dialog = page.get_by_role("dialog", name="Restore team")
    expect(dialog.get_by_label("Team name")).to_be_focused()
    dialog.get_by_role("button", name="Cancel").click()
    expect(opener).to_be_focused()


def test_the_keys_j_and_k_walk_through_the_rows(page: BrowserPage) -> None:
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Unknown caller")).to_be_focused()
    page.keyboard.press("k")
    expect(page.get_by_role("link", name="Ruth Delgado")).to_be_focused()


def test_a_slash_goes_to_the_search_and_is_typed_inside_it(page: BrowserPage) -> None:
    search = page.get_by_role("searchbox", name="Search calls")
    page.keyboard.press("/")
    expect(search).to_be_focused()
    page.keyboard.type("a/b?")
    expect(search).to_have_value("a/b?")
    expect(page.locator("#shortcuts")).to_be_hidden()


def test_g_and_a_letter_go_to_a_place(page: BrowserPage) -> None:
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url(re.compile("/(missed-calls|login)"))


def test_single_keys_are_off_for_who_turned_them_off(page: BrowserPage) -> None:
    page.evaluate("document.documentElement.dataset.shortcuts = 'off'")
    for key in ("?", "/", "j", "g", "m"):
        page.keyboard.press(key)
    expect(page.locator("#shortcuts")).to_be_hidden()
    assert page.url.endswith("/styleguide")


def test_a_part_that_fails_keeps_its_rows_and_offers_another_try(page: BrowserPage) -> None:
    page.get_by_role("button", name="Load what fails").click()
    failure = page.locator("main [data-fragment-error]")
    expect(failure).to_contain_text("Request ID")
    expect(page.locator("#old-rows")).to_have_text("Old rows")
    failure.get_by_role("button", name="Try again").click()
    expect(failure).to_have_count(1)


def test_without_a_connection_the_page_says_so_and_recovers(page: BrowserPage) -> None:
    page.context.set_offline(True)
    page.get_by_role("button", name="Load what is slow").click()
    failure = page.locator("main [data-fragment-error]")
    expect(failure).to_contain_text("Check your connection")
    page.context.set_offline(False)
    failure.get_by_role("button", name="Try again").click()
    expect(page.locator("#old-rows")).to_have_text("New rows")
    expect(failure).to_have_count(0)


def test_a_slow_part_shows_progress_and_its_result_is_read_out(page: BrowserPage) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/styleguide/slow", hold)
    page.get_by_role("button", name="Load what is slow").click()
    expect(page.locator(".loading-bar")).to_be_attached()
    expect(page.locator("#old-rows")).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    expect(page.locator("#old-rows")).to_have_text("New rows")
    expect(page.locator(".loading-bar")).to_have_count(0)
    expect(page.locator("#announcer")).to_have_text("The rows are new.")


def test_a_form_is_sent_once(page: BrowserPage) -> None:
    sent = []

    def count(route: Route) -> None:
        sent.append(route.request.method)
        route.fulfill(status=204)

    page.route("**/styleguide", count)
    page.get_by_role("button", name="Post").click()
    page.locator("form.inline-form").first.evaluate("form => form.requestSubmit()")
    page.wait_for_timeout(200)
    assert sent == ["POST"]


def test_leaving_with_unsaved_changes_asks(page: BrowserPage) -> None:
    asked = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.get_by_label("Note").fill("typed")
    page.goto("/styleguide")
    assert asked == ["beforeunload"]


def test_the_player_goes_to_the_evidence_and_the_transcript_follows(page: BrowserPage) -> None:
    page.keyboard.press("]")
    current = page.locator(".turn[aria-current]")
    expect(current).to_contain_text("Is everyone warm enough")
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", "0:07 of 0:30")
    page.keyboard.press("]")
    expect(current).to_contain_text("five and fourteen thousand")
    page.keyboard.press("[")
    expect(current).to_contain_text("Is everyone warm enough")


def test_a_turn_plays_from_its_time(page: BrowserPage) -> None:
    page.get_by_role("link", name="Play from 0:18").click()
    expect(page.locator("[data-position]")).to_have_text("0:18")


def test_speed_is_said_in_words(page: BrowserPage) -> None:
    page.locator("[data-speed]").click()
    expect(page.get_by_role("button", name="Speed 1.25×")).to_be_visible()


def test_without_scripts_the_browsers_own_parts_do(browser_page: BrowserPage, live_address: str) -> None:
    browser = browser_page.context.browser
    assert browser is not None
    with browser.new_context(base_url=live_address, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/styleguide")
        expect(page.locator("audio")).to_be_visible()
        page.locator(".filters summary").first.click()
        expect(page.locator("select[name=status]")).to_be_visible()
        menu = page.locator("main details.menu").first
        menu.locator("summary").click()
        expect(menu.locator(".pop")).to_be_visible()
        expect(page.locator(".topbar").get_by_role("button", name="Keyboard shortcuts")).to_be_hidden()


def test_on_a_phone_the_drawer_opens_without_scripts(browser_page: BrowserPage, live_address: str) -> None:
    browser = browser_page.context.browser
    assert browser is not None
    phone = ViewportSize(width=390, height=844)
    with browser.new_context(base_url=live_address, java_script_enabled=False, viewport=phone) as context:
        page = context.new_page()
        page.goto("/styleguide")
        page.get_by_label("Menu", exact=True).first.click()
        expect(page.locator(".drawer-panel")).to_be_visible()
        page.mouse.click(380, 400)
        expect(page.locator(".drawer-panel")).to_be_hidden()


def test_nothing_but_a_table_scrolls_sideways(page: BrowserPage) -> None:
    for width in (320, 390, 768, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


class TestTickedRows:
    def test_how_many_are_ticked_is_said_and_none_cannot_be_changed(self, page: BrowserPage) -> None:
        bar = page.get_by_role("form", name="Change records in bulk")
        expect(bar).to_be_hidden()

        page.get_by_role("checkbox", name="Select Ruth Delgado").check()
        expect(bar.get_by_role("status")).to_have_text("1 selected")
        expect(bar.get_by_role("button", name="Complete 1", exact=True)).to_be_enabled()

        bar.get_by_role("checkbox", name="All 1,284 matching").check()
        expect(bar.get_by_role("button", name="Set outcome of 1,284…", exact=True)).to_be_enabled()

    def test_one_box_ticks_all_of_the_page(self, page: BrowserPage) -> None:
        everything = page.get_by_role("checkbox", name="Select all rows on this page")
        everything.check()
        expect(page.get_by_role("status").filter(has_text="3 selected")).to_be_visible()

        page.get_by_role("checkbox", name="Select Ruth Delgado").uncheck()
        expect(everything).not_to_be_checked()
        assert everything.evaluate("box => box.indeterminate")
