"""The filters of a list in a real browser: folded behind one button, by keyboard, on phones and without scripts."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from app.models import Role
from tests.browser.conftest import OpenTab
from tests.browser.late_scripts import LateScripts
from tests.support.company import Company
from tests.support.factories import Factories

pytestmark = pytest.mark.browser

_OVERFLOWS = "() => document.documentElement.scrollWidth > innerWidth"


def button(tab: Page) -> Locator:
    return tab.locator(".filters > form > details > summary")


def focused_name(tab: Page) -> str | None:
    name: str | None = tab.evaluate("document.activeElement.getAttribute('name')")
    return name


def test_the_key_opens_the_filters_at_the_first_and_escape_gives_the_focus_back(open_tab: OpenTab) -> None:
    tab = open_tab(Role.MANAGER)
    tab.goto("/leads")
    fields = tab.locator("main select[name=qualification]")
    expect(button(tab)).to_have_attribute("aria-keyshortcuts", "f")
    expect(fields).to_be_hidden()

    tab.keyboard.press("f")
    expect(fields).to_be_focused()
    tab.keyboard.press("Escape")
    expect(fields).to_be_hidden()
    expect(button(tab)).to_be_focused()


def test_filters_are_chosen_one_after_the_other_and_counted_on_the_button(
    open_tab: OpenTab, company: Company, make: Factories
) -> None:
    make.lead(company.organization, contact=make.contact(company.organization), qualification_status="hot")
    tab = open_tab(Role.MANAGER)
    tab.goto("/leads")
    expect(button(tab)).to_have_text(re.compile(r"^Filter\s*f$"))

    tab.keyboard.press("f")
    tab.locator("main select[name=qualification]").select_option("hot")
    expect(button(tab)).to_contain_text("Filter (1)")
    expect(tab.locator("main select[name=qualification]")).to_be_focused()
    tab.locator("main select[name=stage]").select_option("new")
    expect(button(tab)).to_contain_text("Filter (2)")

    tab.locator("h1").click()
    expect(tab.locator("main select[name=stage]")).to_be_hidden()
    expect(tab.locator(".chip")).to_have_count(2)
    tab.get_by_role("link", name="Remove filter Stage").click()
    expect(button(tab)).to_contain_text("Filter (1)")


def test_a_filter_chosen_before_the_scripts_arrive_takes_effect(open_tab: OpenTab) -> None:
    tab = open_tab(Role.MANAGER)
    scripts = LateScripts(tab)
    tab.goto("/leads", wait_until="commit")

    button(tab).click()
    tab.locator("main select[name=qualification]").select_option("hot")
    scripts.release()

    expect(button(tab)).to_contain_text("Filter (1)")
    expect(tab).to_have_url(re.compile("qualification=hot"))


def test_the_search_beside_the_button_is_not_counted_on_it(open_tab: OpenTab) -> None:
    tab = open_tab(Role.MANAGER)
    tab.goto("/leads?q=nobody")

    expect(tab.locator(".chip")).to_have_count(1)
    expect(button(tab)).not_to_contain_text("(")


def test_lists_about_filtering_show_their_filters_and_the_key_goes_to_the_first(open_tab: OpenTab) -> None:
    tab = open_tab(Role.ADMIN)
    for address, first in {"/calls": "csr", "/audit": "actor"}.items():
        tab.goto(address)
        expect(button(tab)).to_be_hidden()
        fields = tab.locator(f".filters [name={first}]")
        expect(fields).to_be_visible()

        tab.keyboard.press("f")
        expect(fields).to_be_focused()
        assert tab.locator(".filters").evaluate("bar => bar.getBoundingClientRect().height") < 100, "two rows at most"


def test_on_phones_every_list_has_the_button_and_nothing_is_wider_than_the_page(open_tab: OpenTab) -> None:
    tab = open_tab(Role.ADMIN)
    for address in ("/calls", "/audit", "/leads", "/leads/board", "/tasks", "/appointments", "/trash"):
        tab.set_viewport_size({"width": 320, "height": 900})
        tab.goto(address)
        tab.keyboard.press("f")

        assert focused_name(tab), address
        assert not tab.evaluate(_OVERFLOWS), address
        tab.set_viewport_size({"width": 390, "height": 900})
        assert focused_name(tab), address
        assert not tab.evaluate(_OVERFLOWS), address


def test_without_scripts_the_browser_unfolds_them_and_a_button_applies_them(
    open_tab: OpenTab, company: Company, make: Factories
) -> None:
    make.lead(company.organization, contact=make.contact(company.organization), stage="qualified")
    tab = open_tab(Role.MANAGER, javascript=False)
    tab.goto("/leads")

    button(tab).click()
    tab.locator("main select[name=stage]").select_option("qualified")
    tab.get_by_role("button", name="Apply", exact=True).click()

    expect(tab.locator(".chip")).to_have_text(re.compile("Stage Qualified"))
    expect(button(tab)).to_contain_text("Filter (1)")


def test_each_stage_of_the_board_scrolls_by_itself_below_its_heading(
    open_tab: OpenTab, company: Company, make: Factories
) -> None:
    with make.batch():
        for _number in range(12):
            make.lead(company.organization, contact=make.contact(company.organization))
    tab = open_tab(Role.MANAGER)
    tab.goto("/leads/board")
    stage = tab.locator("[data-stage=new]")
    place = stage.locator("h2").bounding_box()

    last = stage.locator("[data-card]").last
    last.scroll_into_view_if_needed()

    expect(last).to_be_in_viewport()
    assert stage.locator("h2").bounding_box() == place
    assert stage.locator("ol").evaluate("list => list.scrollTop") > 0


def test_a_menu_at_the_edge_of_its_stage_scrolls_into_view(
    open_tab: OpenTab, company: Company, make: Factories
) -> None:
    with make.batch():
        for _number in range(12):
            make.lead(company.organization, contact=make.contact(company.organization))
    tab = open_tab(Role.MANAGER)
    tab.goto("/leads/board")
    card = tab.locator("[data-stage=new] [data-card]").last

    card.locator(".menu > summary").click()

    expect(card.locator(".menu > .pop")).to_be_in_viewport(ratio=1)
