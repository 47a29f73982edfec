"""A failed swap: rows and address stay as they are, and a retry is offered if it could help."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, Route, expect

from app.models import Call, Organization, User
from app.security.identity import SESSION_COOKIE
from tests.support.client import session_token
from tests.support.factories import DAY, Factories

pytestmark = pytest.mark.browser

OURS = {"X-Answered-By": "switchboard", "Content-Type": "text/html"}
FRAGMENT = "<div class='banner banner--bad' data-fragment-error><p class='banner-text' role='alert'>No.</p></div>"
#: A part of the page that polls every second.
POLLED = """() => {
  const part = document.createElement("div");
  part.id = "polled";
  part.setAttribute("hx-get", "/polled");
  part.setAttribute("hx-trigger", "every 1s");
  document.querySelector("main").append(part);
  htmx.process(part);
}"""
FOREIGN = "<!doctype html><html><head><title>Bad gateway</title></head><body><h1>nginx</h1></body></html>"


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    """The CSR who uses the tab."""
    return make.user(organization, name="Maya Torres")


@pytest.fixture
def call(make: Factories, organization: Organization, csr: User) -> Call:
    """The only row in the list."""
    return make.call(organization, csr=csr)


@pytest.fixture
def tab(app: Flask, _browser: Browser, live_address: str, csr: User, call: Call) -> Iterator[Page]:
    """A tab with the list of calls."""
    with _browser.new_context(base_url=live_address, viewport={"width": 1440, "height": 900}) as context:
        context.add_cookies([{"name": SESSION_COOKIE, "value": session_token(app, csr), "url": live_address}])
        page = context.new_page()
        page.goto("/calls")
        yield page


def answer_swaps(tab: Page, status: int, body: str, headers: dict[str, str] | None = None) -> None:
    """Respond to every filter request in place of the app."""

    def answer(route: Route) -> None:
        route.fulfill(status=status, body=body, headers=headers or {"Content-Type": "text/html"})

    tab.route(re.compile(r"/calls\?"), answer)


def choose(tab: Page) -> Locator:
    status = tab.get_by_role("combobox", name="Status")
    status.focus()
    status.select_option("missed")
    return status


def test_a_page_of_a_proxy_changes_nothing(tab: Page) -> None:
    for status in (502, 504, 413, 403, 200):
        tab.goto("/calls")
        answer_swaps(tab, status, FOREIGN)  # the newest handler is asked first

        used = choose(tab)

        failure = tab.locator("main [data-fragment-error]")
        expect(failure).to_contain_text(f"error {status}")
        expect(failure.get_by_role("button", name="Try again")).to_be_visible()
        expect(tab).to_have_url("/calls")
        expect(tab).to_have_title(re.compile("Calls"))
        expect(tab.get_by_role("heading", name="1 call", exact=True)).to_be_visible()
        expect(used).to_be_focused()
        expect(tab.locator("#announcer")).to_be_empty()


def test_trying_again_puts_the_focus_where_it_was(tab: Page) -> None:
    answer_swaps(tab, 502, FOREIGN)
    used = choose(tab)
    again = tab.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    tab.unroute(re.compile(r"/calls\?"))

    again.focus()
    again.press("Enter")

    expect(tab.get_by_role("heading", name="0 calls", exact=True)).to_be_visible()
    expect(tab).to_have_url("/calls?status=missed")
    expect(used).to_be_focused()
    expect(tab.locator("#announcer")).to_have_text("0 calls")


def test_what_one_may_not_do_is_not_tried_again(tab: Page) -> None:
    answer_swaps(tab, 403, FRAGMENT, OURS)
    choose(tab)

    expect(tab.locator("main [data-fragment-error]")).to_be_visible()
    expect(tab.get_by_role("button", name="Try again")).to_have_count(0)
    expect(tab).to_have_url("/calls")


def test_too_often_counts_down_and_then_offers_another_try(tab: Page) -> None:
    tab.clock.install()
    answer_swaps(tab, 429, FRAGMENT, {**OURS, "Retry-After": "65"})
    choose(tab)

    expect(tab.get_by_role("button", name=re.compile("Try again in 1:0"))).to_be_disabled()
    tab.clock.run_for(66_000)
    expect(tab.get_by_role("button", name="Try again", exact=True)).to_be_enabled()


def test_a_change_is_read_out_once(tab: Page) -> None:
    tab.evaluate("""() => {
      window.said = [];
      new MutationObserver(() => announcer.textContent && said.push(announcer.textContent))
        .observe(announcer, { childList: true, characterData: true, subtree: true });
    }""")
    choose(tab)
    expect(tab.get_by_role("heading", name="0 calls", exact=True)).to_be_visible()
    tab.wait_for_timeout(100)

    assert tab.evaluate("said") == ["0 calls"]


def test_a_part_that_asks_by_the_clock_says_nothing_of_too_many_and_asks_half_as_often(tab: Page) -> None:
    ticks: list[int] = []
    asked: list[int] = []

    def answer(route: Route) -> None:
        asked.append(len(ticks))
        status, body = (429, FRAGMENT) if len(ticks) < 15 else (200, "Here it is.")
        route.fulfill(status=status, body=body, headers={**OURS, "Retry-After": "2"})

    tab.route("**/polled", answer)
    tab.clock.install(time=DAY)
    tab.goto("/calls")
    tab.clock.pause_at(DAY + timedelta(hours=1))  # or the clock would also go on by itself
    tab.evaluate(POLLED)
    while len(ticks) < 17:
        ticks.append(1)
        tab.clock.run_for(1000)
        tab.wait_for_timeout(200)  # for the response, also on a busy machine

    assert asked == [1, 3, 7, 15, 16, 17]
    expect(tab.locator("main [data-fragment-error]")).to_have_count(0)
    expect(tab.locator("#polled")).to_have_text("Here it is.")
