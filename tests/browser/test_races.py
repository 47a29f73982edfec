"""A second click while the first is still being processed: page and address match the last click.

Every response is held until the test releases it. The worst case of a slow network is that the latest response arrives
first.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect
from playwright.sync_api import Error as PlaywrightError

from app.models import Call, Organization, Role, User
from app.security.identity import SESSION_COOKIE
from tests.support.client import session_token
from tests.support.factories import DAY, Factories

pytestmark = pytest.mark.browser

#: Time to wait for something that should not happen: a late response that is swapped in after all.
LATE_MS = 250

Click = Callable[[Page], None]


class Line:
    """A slow connection: requests wait in `held` until they are released."""

    def __init__(self, tab: Page) -> None:
        self._tab = tab
        self._is_slow = False
        self.held: list[Route] = []
        tab.route(re.compile(r"/(calls|jobs)"), self._hold)

    def _hold(self, route: Route) -> None:
        if self._is_slow:
            self.held.append(route)
        else:
            route.continue_()

    def hold_from_now_on(self) -> None:
        """Hold all requests until they are released."""
        self._is_slow = True

    def wait_for(self, count: int) -> None:
        """Wait until this many requests are held."""
        for _ in range(1000):
            if len(self.held) >= count:
                return
            self._tab.wait_for_timeout(20)
        pytest.fail(f"{len(self.held)} requests were made, not {count}")

    def let_through(self, latest_first: bool = True) -> None:
        """Release the held requests one by one, by default the latest first, and hold no more requests."""
        self._is_slow = False
        for route in self.held[::-1] if latest_first else self.held:
            with suppress(PlaywrightError):  # canceled by the page
                route.continue_()
            self._tab.wait_for_timeout(LATE_MS)


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    """The CSR who uses the tab."""
    return make.user(organization, name="Maya Torres")


@pytest.fixture
def calls(make: Factories, organization: Organization, csr: User) -> list[Call]:
    """Two pages of calls: 52, of which one was missed and two failed."""
    with make.batch():
        return [
            make.call(organization, csr=csr, status=status, started_at=DAY - timedelta(minutes=minutes))
            for minutes, status in enumerate(["missed", "failed", "failed", *["completed"] * 49])
        ]


@pytest.fixture
def tab(app: Flask, _browser: Browser, live_address: str, csr: User) -> Iterator[Page]:
    """A tab of the CSR."""
    with _browser.new_context(base_url=live_address, viewport={"width": 1440, "height": 900}) as context:
        context.add_cookies([{"name": SESSION_COOKIE, "value": session_token(app, csr), "url": live_address}])
        yield context.new_page()


@pytest.fixture
def line(tab: Page) -> Line:
    return Line(tab)


CHOOSE = """([status, way]) => {
  const choose = () => {
    const select = document.querySelector("select[name=status]");
    select.focus();
    select.value = status;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const onTheWay = () => setTimeout(choose, 250);
  if (way === "click") return addEventListener("click", onTheWay, { once: true, capture: true });
  if (way === "back") { history.back(); return onTheWay(); }
  choose();
}"""


def choose(status: str, on_the_way: str = "") -> Click:
    """Return a function that chooses a status in the filter by script.

    With `on_the_way`, the choice is made while a navigation is in progress, when Playwright has no access to the page:
    after the next "click", or after going "back".
    """

    def choose_it(tab: Page) -> None:
        tab.evaluate(CHOOSE, [status, on_the_way])

    return choose_it


def link(name: str) -> Click:
    return lambda tab: tab.get_by_role("link", name=name, exact=True).click(no_wait_after=True)


def search(text: str) -> Click:
    def type_it(tab: Page) -> None:
        tab.locator("main .filters-search input[name=q]").fill(text)
        tab.keyboard.press("Enter")

    return type_it


def sort(tab: Page) -> None:
    tab.locator("thead a.sort").first.click(no_wait_after=True)


def back(tab: Page) -> None:
    tab.evaluate("history.back()")


def pause(tab: Page) -> None:
    tab.wait_for_timeout(LATE_MS)


def call_of_first_row(tab: Page) -> None:
    tab.locator("tbody th a").first.click(no_wait_after=True)


def bulk_of_first_row(tab: Page) -> None:
    tab.locator("tbody input[type=checkbox]").first.check()
    tab.locator("button[value=set_outcome]").click(no_wait_after=True)


@dataclass(frozen=True)
class Race:
    """Two clicks on the list of calls at `begins`, and the resulting page."""

    first: Click
    second: Click
    address: str
    heading: str
    begins: str = "/calls"
    #: Number of requests before the first response: a save waits for the previous one.
    requests: int = 2


RACES = {
    "filter, filter": Race(choose("failed"), choose("missed"), r"/calls\?status=missed$", "1 call"),
    "filter, search": Race(choose("failed"), search("nobody"), r"/calls\?.*q=nobody", "0 calls"),
    "filter, page": Race(choose("missed"), link("Older"), r"/calls\?cursor=", "52 calls"),
    "page, filter": Race(link("Older"), choose("missed"), r"/calls\?status=missed$", "1 call"),
    "page, page": Race(link("Older"), link("Older"), r"/calls\?cursor=", "52 calls"),
    "page, sort": Race(link("Older"), sort, r"/calls\?sort=", "52 calls"),
    "sort, filter": Race(sort, choose("failed"), r"status=failed", "2 calls"),
    "sort, period": Race(sort, link("Today"), r"/calls\?period=", "0 calls"),
    "filter, bulk": Race(choose("missed"), bulk_of_first_row, r"/bulk/new\?.*row=", "", requests=1),
    "filter, call": Race(choose("missed"), call_of_first_row, r"/calls/[0-9a-f-]{36}$", ""),
}


@pytest.mark.parametrize("race", RACES.values(), ids=RACES.keys())
def test_page_and_address_end_on_the_last_click(tab: Page, line: Line, calls: list[Call], race: Race) -> None:
    tab.goto(race.begins)
    line.hold_from_now_on()

    race.first(tab)
    line.wait_for(1)
    race.second(tab)
    line.wait_for(race.requests)
    line.let_through()

    expect(tab).to_have_url(re.compile(race.address))
    if race.heading:
        expect(tab.get_by_role("heading", name=race.heading, exact=True)).to_be_visible()
    expect(tab.locator(".loading-bar")).to_have_count(0)
    tab.wait_for_timeout(LATE_MS)
    expect(tab).to_have_url(re.compile(race.address))


def test_a_click_on_the_way_to_another_page_is_the_last_one(tab: Page, line: Line, calls: list[Call]) -> None:
    tab.goto("/calls")
    line.hold_from_now_on()
    choose("missed", on_the_way="click")(tab)

    call_of_first_row(tab)
    line.wait_for(2)
    line.let_through()

    expect(tab.get_by_role("heading", name="1 call", exact=True)).to_be_visible()
    expect(tab).to_have_url("/calls?status=missed")


@pytest.mark.parametrize(
    ("clicks", "heading", "address"),
    [
        ((choose("missed"), pause, back), "52 calls", "/calls"),
        ((choose("missed", on_the_way="back"),), "1 call", "/calls?status=missed"),
    ],
    ids=["filter, Back", "Back, filter"],
)
def test_back_is_a_click_like_any_other(
    tab: Page, line: Line, calls: list[Call], clicks: Sequence[Click], heading: str, address: str
) -> None:
    tab.goto("/calls")
    choose("failed")(tab)
    expect(tab.get_by_role("heading", name="2 calls", exact=True)).to_be_visible()
    line.hold_from_now_on()

    for click in clicks:
        click(tab)
    line.wait_for(2)
    line.let_through()

    expect(tab.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(tab).to_have_url(address)


@pytest.mark.parametrize("status", ["waiting", "failed"])
def test_what_refreshes_itself_makes_way_for_a_click(
    app: Flask, tab: Page, line: Line, make: Factories, organization: Organization, live_address: str, status: str
) -> None:
    token = session_token(app, make.user(organization, role=Role.OWNER))
    tab.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": live_address}])
    make.job(organization, status="waiting", tries=0)
    make.job(organization)
    tab.clock.install()
    tab.goto("/jobs")
    line.hold_from_now_on()

    tab.clock.fast_forward("00:03")
    line.wait_for(1)
    choose(status)(tab)
    line.wait_for(2)
    line.let_through()

    expect(tab).to_have_url(f"/jobs?status={status}")
    expect(tab.locator("#jobs-now tbody tr")).to_have_count(1)
    tab.clock.fast_forward("00:03")
    expect(tab).to_have_url(f"/jobs?status={status}")
    expect(tab.locator("#jobs-now tbody tr")).to_have_count(1)


def test_saves_go_one_after_another_and_both_are_shown(tab: Page, line: Line, calls: list[Call]) -> None:
    tab.goto(f"/calls/{calls[5].id}")
    line.hold_from_now_on()

    tab.get_by_label("Add a note").fill("Has a gas line.")
    tab.get_by_role("button", name="Add note").click()
    line.wait_for(1)
    tab.get_by_label("Booking status").select_option("booked")
    tab.get_by_role("button", name="Save booking status").click()
    tab.wait_for_timeout(LATE_MS)
    assert len(line.held) == 1
    line.let_through()

    timeline = tab.locator("#call-timeline")
    expect(timeline).to_contain_text("Booking status set by Maya Torres")
    expect(timeline).to_contain_text("Has a gas line.")
    expect(tab.locator("#call-badges")).to_have_text("Booked")


def test_what_is_typed_meanwhile_stays(tab: Page, line: Line, calls: list[Call]) -> None:
    tab.goto("/calls")
    line.hold_from_now_on()

    field = tab.locator("main .filters-search input[name=q]")
    field.press_sequentially("may")
    tab.keyboard.press("Enter")
    line.wait_for(1)
    field.press_sequentially("a t")
    line.let_through()

    expect(tab).to_have_url("/calls?q=may")
    expect(field).to_have_value("maya t")
    expect(field).to_be_focused()
