"""Navigation on every screen: controls within reach, visible parts, and focus."""

import pytest
from playwright.sync_api import Page, Route, expect

from app.models import Language, Role, StaffRole
from tests.browser.conftest import OpenTab
from tests.support.browser import accessibility_faults, scrolls_sideways
from tests.support.company import Company
from tests.support.factories import Factories

pytestmark = pytest.mark.browser


def in_view(tab: Page, selector: str) -> bool:
    box, size = tab.locator(selector).bounding_box(), tab.viewport_size
    assert box
    assert size
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"] and box["x"] + box["width"] <= size["width"]


def test_signing_out_is_in_reach_wherever_one_is(open_tab: OpenTab) -> None:
    tab = open_tab(Role.OWNER)
    for url in ("/calls", "/organization/api-keys", "/system/repair"):
        tab.goto(url)
        assert in_view(tab, ".side .me form button"), url
        assert in_view(tab, ".side .nav [aria-current]"), url
    tab.set_viewport_size({"width": 1440, "height": 420})
    assert in_view(tab, ".side .me form button")


def test_a_page_in_english_asks_for_one_font(open_tab: OpenTab) -> None:
    tab = open_tab(Role.OWNER)
    fonts: list[str] = []
    tab.on("request", lambda request: fonts.append(request.url) if ".woff2" in request.url else None)
    tab.goto("/calls")

    assert [font.rsplit("/", 1)[-1].partition("?")[0] for font in fonts] == ["inter-basic-wght-normal.woff2"]


def test_only_the_group_one_is_in_is_open(open_tab: OpenTab) -> None:
    tab = open_tab(Role.OWNER)
    tab.goto("/users")
    assert tab.locator(".side details[open] summary").all_inner_texts() == ["Company settings"]
    tab.goto("/calls")
    assert tab.locator(".side details[open]").count() == 0
    tab.locator(".side summary", has_text="Records").click()
    tab.locator(".side").get_by_role("link", name="Trash").click()
    expect(tab).to_have_url("/trash")


def test_the_tab_that_is_shown_is_in_view(open_tab: OpenTab) -> None:
    tab = open_tab(Role.OWNER, width=390)
    for url in ("/organization", "/organization/delete", "/organization/integrations"):
        tab.goto(url)
        assert in_view(tab, ".tabs [aria-current]"), url
        assert tab.evaluate("scrollY") == 0


def test_the_drawer_keeps_the_focus_and_gives_it_back(open_tab: OpenTab) -> None:
    tab = open_tab(Role.CSR, width=390)
    tab.goto("/calls")
    tab.locator(".drawer > summary").click()
    panel = tab.locator(".drawer-panel")
    expect(panel.locator("[aria-current]")).to_be_focused()
    assert accessibility_faults(tab) == []
    for key in ("Tab", "Shift+Tab"):
        for _press in range(20):
            tab.keyboard.press(key)
            assert panel.evaluate("panel => panel.contains(document.activeElement)")
    tab.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(tab.locator(".drawer > summary")).to_be_focused()


def test_hours_fit_on_a_phone(open_tab: OpenTab) -> None:
    beyond = """() => [...document.querySelectorAll(".hours-line > *")]
      .filter(one => one.getBoundingClientRect().right > innerWidth - 16).length"""
    tab = open_tab(Role.OWNER, width=390)
    for url in ("/organization/hours", "/organization/assistant"):
        tab.goto(url)
        for width in (390, 320):
            tab.set_viewport_size({"width": width, "height": 900})
            assert not scrolls_sideways(tab), (url, width)
            assert tab.evaluate(beyond) == 0, (url, width)


def _wait_for_fonts(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace("font-display: optional", "font-display: block"))


@pytest.mark.parametrize("language", ["ru", "uz"])
def test_other_languages_are_in_the_font_of_english(
    open_tab: OpenTab, make: Factories, company: Company, language: str
) -> None:
    tab = open_tab(make.user(company.organization, role=Role.OWNER, language=language))
    # An optional font that loads after the first paint is not used at all; on a busy machine that is a matter of luck.
    tab.route("**/*.css*", _wait_for_fonts)
    tab.goto("/organization")
    tab.evaluate("document.fonts.ready.then(() => true)")
    inspector = tab.context.new_cdp_session(tab)
    for domain in ("DOM", "CSS"):
        inspector.send(f"{domain}.enable")
    root = inspector.send("DOM.getDocument")["root"]["nodeId"]
    for place in (".side .nav [aria-current] .nav-label", "h1", ".lede", ".panel-head h2"):
        node = inspector.send("DOM.querySelector", {"nodeId": root, "selector": place})["nodeId"]
        used = inspector.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        assert {(font["familyName"], font["isCustomFont"]) for font in used} == {("Inter", True)}, place
    # The browser ignores an optional font that loads after the first paint, so it has to be preloaded.
    fonts = tab.locator("link[rel=preload][as=font]").evaluate_all("links => links.map(link => link.href)")
    assert any("cyrillic" in font for font in fonts) is (language == "ru")


def test_bars_can_be_seen_in_forced_colours(open_tab: OpenTab) -> None:
    tab = open_tab(Role.OWNER)
    tab.emulate_media(forced_colors="active")
    tab.goto("/styleguide")
    same = """() => [...document.querySelectorAll(":is(.bar, .columns, .fuse) :is(.series-1, .used)")]
      .filter(part => getComputedStyle(part).fill === getComputedStyle(document.body).backgroundColor).length"""
    assert tab.evaluate(same) == 0
    track = tab.evaluate("getComputedStyle(document.querySelector('.fuse .track')).fill")
    used = tab.evaluate("getComputedStyle(document.querySelector('.fuse .used')).fill")
    assert track != used
    assert used == tab.evaluate("""() => {
      const probe = document.body.appendChild(document.createElement("i"));
      probe.style.color = "Highlight";
      return getComputedStyle(probe).color;
    }""")


def test_the_platforms_people_begin_with_the_organizations(open_tab: OpenTab, make: Factories) -> None:
    tab = open_tab(make.staff(StaffRole.SUPPORT))
    tab.goto("/")
    expect(tab).to_have_url("/organizations")
    tab.goto("/account")
    tab.locator(".side a.org").click()
    expect(tab).to_have_url("/organizations")


@pytest.mark.parametrize("size", [(1440, 500), (390, 700)])
def test_the_last_button_of_a_page_can_be_pressed_beside_a_result(open_tab: OpenTab, size: tuple[int, int]) -> None:
    tab = open_tab(Role.MANAGER)
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    tab.goto("/tasks/new")
    tab.evaluate("document.getElementById('toasts').innerHTML = '<div class=toast data-toast><p>Saved.</p></div>'")
    tab.evaluate("scrollTo(0, document.documentElement.scrollHeight)")

    last = "[...document.querySelectorAll('main button[type=submit]')].at(-1)"
    hit = "box => document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)"

    assert tab.evaluate(f"{last}.contains(({hit})({last}.getBoundingClientRect()))")


@pytest.mark.parametrize("language", list(Language))
def test_the_top_bar_says_of_when_what_is_shown_is(
    open_tab: OpenTab, make: Factories, company: Company, language: Language
) -> None:
    """Responses update the time in the top bar, in the format that the server uses."""
    tab = open_tab(make.user(company.organization, role=Role.MANAGER, language=language))
    tab.goto("/calls")
    shown = tab.locator(".fresh time")
    expect(tab.locator(".fresh-live")).to_be_hidden()
    # A fixed time, so that the duration of the test doesn't matter.
    tab.route("**/calls?*", lambda route: _answered_at(route, "Thu, 01 Jan 2026 20:41:08 GMT"))
    tab.locator("thead th a").first.click()

    expect(shown).to_have_attribute("datetime", "2026-01-01T20:41:08.000Z")
    expect(shown).to_have_text("3:41 PM" if language == "en" else "15:41")


def _answered_at(route: Route, moment: str) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, headers={**answer.headers, "date": moment})
