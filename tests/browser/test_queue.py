"""The missed-call queue in a real browser: by mouse, by keyboard alone and by touch."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from app.models import Language, MissedCallEntry, Role
from tests.browser.conftest import OpenTab
from tests.support.browser import (
    Theme,
    address_of,
    faults,
    faults_at_width,
    faults_in_themes,
    wait_for_scripts,
    without_transitions,
)
from tests.support.company import Company
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.turns import Turn

NEWS = re.compile("/missed-calls/news")
HOW = re.compile("how did it go")
#: Shows a whole page. Axe reports controls partly under a bar as too small, which depends on the scroll position.
TALL = 2400
#: Widths and themes in which axe checks the queue, in the order of their turns.
LOOKS: tuple[tuple[int, Theme], ...] = ((1440, "light"), (390, "dark"), (320, "light"))


@pytest.fixture
def entries(make: Factories, company: Company) -> list[MissedCallEntry]:
    """Entries of two people who were missed just now, ordered by due time."""

    def wait(name: str, minutes: int) -> MissedCallEntry:
        contact = make.contact(company.organization, first_name=name, last_name="Delgado")
        missed = datetime.now(UTC) - timedelta(minutes=minutes)
        call = make.call(
            company.organization,
            status="missed",
            topic="Furnace repair",
            started_at=missed,
            contact_card_id=contact.id,
            caller_number=contact.primary_phone,
        )
        due = datetime.now(UTC) + timedelta(minutes=20 - minutes)
        return make.missed_entry(
            company.organization, call=call, contact_card_id=contact.id, first_missed_at=missed, sla_due_at=due
        )

    return [wait("Ruth", 15), wait("Harold", 5)]


def no_dialling(tab: Page) -> None:
    """Keep phone links from being followed, as a headless browser has no phone."""
    tab.add_init_script("addEventListener('click', e => e.target.closest?.('a[href^=\"tel:\"]') && e.preventDefault())")


def middle(control: Locator) -> tuple[float, float]:
    """Return where a mouse clicks on a control, which a locator would scroll into view first."""
    box = control.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.browser
@pytest.mark.parametrize("language", list(Language))
def test_a_phone_shows_who_is_called_and_the_button(
    open_tab: OpenTab, make: Factories, company: Company, entries: list[MissedCallEntry], language: Language
) -> None:
    due = datetime.now(UTC) - timedelta(days=3)
    make.missed_entry(company.organization, attempts=1, next_attempt_at=due, first_missed_at=due - timedelta(hours=2))
    tab = open_tab(make.user(company.organization, role=Role.MANAGER, language=language), width=390)
    for width in (390, 320):
        tab.set_viewport_size({"width": width, "height": 900})
        for page in ("/missed-calls", "/my-day"):
            tab.goto(page)
            buttons = tab.locator(".tbl:has(.due) .act .btn:has(svg)")
            expect(buttons.and_(tab.get_by_label(re.compile("Ruth Delgado"))).last).to_be_visible()
            out = buttons.evaluate_all(
                "all => all.map(one => one.getBoundingClientRect().right"
                " - one.closest('.panel').getBoundingClientRect().right)"
            )
            assert len(out) > 2, page
            assert max(out) <= 0, (page, width)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_the_first_call_is_one_click_and_a_booking_four_more(
    open_tab: OpenTab, entries: list[MissedCallEntry], width: int
) -> None:
    tab = open_tab(Role.CSR, width=width)
    no_dialling(tab)
    tab.goto("/")
    opened = tab.locator(f"#open-{entries[0].id}")

    tab.locator("main").get_by_role("button", name=re.compile("Call Ruth")).click()
    expect(tab.get_by_role("heading", name="Ruth Delgado: how did it go?")).to_be_visible()
    tab.get_by_role("button", name="Reached").click()
    expect(tab.get_by_text(HOW)).to_have_count(0)
    opened.get_by_role("link", name="Book").click()
    tab.locator("label.slot").first.click()
    tab.get_by_role("button", name=re.compile("^Book")).last.click()

    expect(tab.get_by_text("Appointment booked.")).to_be_visible()


@pytest.mark.browser
def test_by_keyboard_alone(open_tab: OpenTab, entries: list[MissedCallEntry]) -> None:
    tab = open_tab(Role.CSR)
    no_dialling(tab)
    tab.goto("/missed-calls")

    tab.keyboard.press("j")
    tab.keyboard.press("Enter")
    expect(tab.locator(f"#open-{entries[0].id}")).to_be_visible()
    tab.keyboard.press("c")
    expect(tab.get_by_text(HOW)).to_be_visible()
    wait_for_scripts(tab)
    tab.keyboard.press("r")
    expect(tab.get_by_role("button", name="Reached")).to_be_focused()
    tab.keyboard.press("2")
    expect(tab.get_by_text("No answer. The caller is back in the queue for a later attempt.")).to_be_visible()
    tab.goto(f"/missed-calls?tab=to_do&open={entries[1].id}")
    tab.keyboard.press("b")
    expect(tab).to_have_url(re.compile(f"/appointments/new.entry={entries[1].id}"))


@pytest.mark.browser
def test_a_result_by_key_or_mouse_leaves_the_page_where_it_is(
    open_tab: OpenTab, entries: list[MissedCallEntry]
) -> None:
    tab = open_tab(Role.CSR)
    tab.set_viewport_size({"width": 1440, "height": 420})
    no_dialling(tab)
    tab.goto("/missed-calls")
    result = tab.get_by_role("button", name="No answer")
    ways: dict[str, Callable[[], None]] = {
        "Ruth": lambda: tab.keyboard.press("2"),
        "Harold": lambda: tab.mouse.click(*middle(result)),
    }

    for name, give_result in ways.items():
        tab.get_by_role("button", name=f"Call {name}").first.click()
        expect(result).to_be_visible()
        wait_for_scripts(tab)
        before = tab.evaluate("scrollY")
        give_result()
        expect(result).to_have_count(0)

        assert tab.evaluate("scrollY") == before, name


@pytest.mark.browser
def test_a_loaded_page_opens_an_entry_in_place_with_one_request(
    open_tab: OpenTab, entries: list[MissedCallEntry]
) -> None:
    tab = open_tab(Role.CSR)
    tab.add_init_script("addEventListener('load', () => document.querySelector('[data-opens]').click(), {once: true})")
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url) if f"/{entries[0].id}?" in request.url else None)

    tab.goto("/missed-calls")

    expect(tab.locator(f"#open-{entries[0].id}")).to_be_visible()
    tab.wait_for_load_state("networkidle")
    assert len(asked) == 1
    assert "/missed-calls?" in tab.url


@pytest.mark.browser
def test_an_entry_opens_in_place_back_closes_it_and_a_reload_keeps_it(
    open_tab: OpenTab, entries: list[MissedCallEntry]
) -> None:
    tab = open_tab(Role.CSR)
    tab.goto("/missed-calls")
    first, second = (tab.locator(f"#open-{entry.id}") for entry in entries)

    tab.get_by_role("link", name="Ruth Delgado").click()
    expect(first).to_be_visible()
    tab.get_by_role("link", name="Harold Delgado").first.click()
    expect(second).to_be_visible()
    expect(first).to_have_count(0)
    tab.reload()
    expect(second).to_be_visible()
    tab.go_back()
    expect(first).to_be_visible()
    wait_for_scripts(tab)
    tab.go_back()
    expect(first).to_have_count(0)
    expect(tab).to_have_url(re.compile("/missed-calls$"))


@pytest.mark.browser
def test_a_row_changes_where_it_stands_but_not_under_the_focus(
    open_tab: OpenTab, entries: list[MissedCallEntry]
) -> None:
    tab = open_tab(Role.CSR)
    tab.goto("/missed-calls")
    tab.get_by_role("link", name="Ruth Delgado").focus()
    tab.mouse.move(0, 0)
    other = open_tab(Role.MANAGER)
    for entry in entries:
        other.goto(f"/missed-calls/{entry.id}")
        other.get_by_role("button", name="Claim", exact=True).click()

    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(tab.locator(f"#entry-{entries[1].id}")).to_contain_text("until")
    expect(tab.locator(f"#entry-{entries[0].id}")).not_to_contain_text("until")
    expect(tab.get_by_role("link", name="Ruth Delgado")).to_be_focused()


@pytest.mark.browser
def test_whoever_waits_on_a_later_page_stays_there_until_they_are_gone(
    make: Factories, company: Company, open_tab: OpenTab, entries: list[MissedCallEntry]
) -> None:
    for minute in range(50):
        missed = datetime.now(UTC) - timedelta(seconds=minute)
        call = make.call(company.organization, status="missed", started_at=missed)
        make.missed_entry(company.organization, call=call, first_missed_at=missed)
    tab = open_tab(Role.CSR)
    tab.goto("/missed-calls?tab=to_do&sort=-missedAt")
    tab.get_by_role("link", name="Older").click()
    rows = [tab.locator(f"#entry-{entry.id}") for entry in entries]
    expect(rows[1]).to_be_visible()
    other = open_tab(Role.MANAGER)
    other.goto(f"/missed-calls/{entries[0].id}")
    other.get_by_role("region", name="Dismiss", exact=True).get_by_label("Reason").fill("Has moved away")
    other.get_by_role("button", name="Dismiss", exact=True).click()
    expect(other.get_by_text("Dismissed").first).to_be_visible()

    tab.mouse.move(0, 0)
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(rows[0]).to_contain_text("No longer in the queue")
    expect(tab.get_by_text("No longer in the queue")).to_have_count(1)
    expect(rows[1].get_by_role("button", name=re.compile("^Call"))).to_be_visible()


@pytest.mark.browser
def test_a_lost_connection_is_said_and_goes_by_itself(open_tab: OpenTab, entries: list[MissedCallEntry]) -> None:
    tab = open_tab(Role.CSR)
    tab.goto("/missed-calls")
    expect(tab.locator(".fresh-live")).to_be_visible()
    tab.route("**/missed-calls/news*", lambda route: route.abort())
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(tab.get_by_text("Not live")).to_be_visible()
    expect(tab.locator(".fresh-live")).to_be_hidden()
    tab.unroute("**/missed-calls/news*")
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(tab.get_by_text("Not live")).to_have_count(0)
    expect(tab.locator(".fresh-live")).to_be_visible()


@pytest.mark.browser
def test_open_and_on_a_call_it_is_accessible_at_any_width(open_tab: OpenTab, entries: list[MissedCallEntry]) -> None:
    tab = open_tab(Role.CSR, width=320)
    no_dialling(tab)
    tab.goto(f"/missed-calls?tab=to_do&open={entries[0].id}")
    tab.locator(f"#open-{entries[0].id}").get_by_role("button", name=re.compile("Call Ruth")).click()
    expect(tab.get_by_text(HOW)).to_be_visible()

    assert faults_of_queue(tab) == []
    tab.goto("/missed-calls/funnel")
    assert faults_of_queue(tab) == []
    for width in (390, 320):
        tab.set_viewport_size({"width": width, "height": 900})
        tab.evaluate("scrollTo(0, document.body.scrollHeight)")
        foot = tab.locator("main > :last-child").bounding_box()
        bar = tab.locator(".went").bounding_box()
        assert foot is not None
        assert bar is not None
        assert foot["y"] + foot["height"] <= bar["y"], "the last row can be reached"
        sizes = [button.bounding_box() for button in tab.locator(".went-choices button").all()]
        assert all(size is not None and size["height"] >= 48 for size in sizes)


def faults_of_queue(tab: Page) -> list[str]:
    """Return the faults of the page at each width; axe checks the look whose turn it is."""
    without_transitions(tab)
    turn = Turn.of(LOOKS, address_of(tab))
    result = []
    for width, _theme in LOOKS:
        tab.set_viewport_size({"width": width, "height": TALL})
        result += faults_at_width(tab, width, turn)
    return result


@pytest.mark.browser
def test_what_is_done_with_an_open_entry_leaves_the_page_where_it_is(
    open_tab: OpenTab, behind: Behind, company: Company, entries: list[MissedCallEntry]
) -> None:
    open_day = f"{datetime.now(UTC) + timedelta(days=3):%A}".lower()
    behind.change(company.organization, business_hours={open_day: [["08:00", "18:00"]]})
    tab = open_tab(Role.CSR)
    tab.goto("/missed-calls?tab=to_do&open=" + str(entries[0].id))
    tab.evaluate("window.stays = true")
    opened = tab.locator(f"#open-{entries[0].id}")

    opened.get_by_text("Text…").click()
    opened.get_by_label("Text message").fill("Shall we call you at nine?")
    opened.get_by_role("button", name="Send text").click()
    expect(opened).to_contain_text("Text saved to the outbox.")
    opened.get_by_role("button", name="Mark as sent").click()
    expect(opened).to_contain_text(": Sent")
    opened.get_by_text("Dismiss…").click()
    opened.get_by_label("Reason").fill("Has moved away")
    opened.get_by_role("button", name="Dismiss", exact=True).click()
    expect(opened).to_contain_text("Caller dismissed.")
    opened.get_by_role("button", name="Undo").click()
    expect(opened.get_by_text("Dismiss…")).to_be_visible()
    # After the text, the next try is on the next day of business, which is not today: the row stays gone from here.
    with tab.expect_response(NEWS):
        tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(tab.locator("tbody.is-gone")).to_have_count(1)

    assert tab.evaluate("window.stays")
    assert faults(tab) == []


@pytest.mark.browser
def test_a_row_that_is_gone_can_be_read_and_is_back_at_once(open_tab: OpenTab, entries: list[MissedCallEntry]) -> None:
    tab = open_tab(Role.CSR)
    tab.add_init_script("setInterval = () => 0")  # the page requests the news after changes only
    tab.goto("/missed-calls?tab=to_do&open=" + str(entries[0].id))
    opened = tab.locator(f"#open-{entries[0].id}")
    opened.get_by_text("Dismiss…").click()
    opened.get_by_label("Reason").fill("Has moved away")
    opened.get_by_role("button", name="Dismiss", exact=True).click()
    expect(tab.locator("tbody.is-gone")).to_have_count(1)
    assert faults_in_themes(tab) == []

    # The response was sent before the undo, so it is outdated.
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    tab.route(NEWS, hold, times=1)
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    for _ in range(500):
        if held:
            break
        tab.wait_for_timeout(20)
    [route] = held
    answer = route.fetch()
    opened.get_by_role("button", name="Undo").click()
    expect(opened.get_by_text("Dismiss…")).to_be_visible()
    route.fulfill(response=answer)

    expect(tab.locator("tbody.is-gone")).to_have_count(0)


@pytest.mark.browser
def test_a_result_leaves_what_is_typed_beside_the_call(open_tab: OpenTab, entries: list[MissedCallEntry]) -> None:
    tab = open_tab(Role.MANAGER)
    no_dialling(tab)
    tab.goto(f"/calls/{entries[0].call_id}")
    tab.locator("main").get_by_role("button", name=re.compile("^Call")).first.click()
    expect(tab.get_by_text(HOW)).to_be_visible()
    tab.goto(f"/calls/{entries[0].call_id}?panel=note")
    tab.locator(".side-panel textarea").first.fill("Wants a price first")
    tab.get_by_role("button", name="No answer").click()

    expect(tab.get_by_text("No answer. The caller is back in the queue for a later attempt.")).to_be_visible()
    expect(tab.get_by_text(HOW)).to_have_count(0)
    expect(tab.locator(".side-panel textarea").first).to_have_value("Wants a price first")
