"""The focus after each action of a call, of its coaching and of a booking, by keyboard alone."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from app.models import Call, MissedCallEntry, Role
from tests.browser.conftest import OpenTab
from tests.browser.test_focus_work import press, said
from tests.browser.test_queue import no_dialling
from tests.support.browser import wait_for_scripts
from tests.support.company import Company
from tests.support.factories import Factories

pytestmark = pytest.mark.browser

#: Key and message of each result of a call.
RESULTS = {
    "1": "Reached",
    "2": "No answer. The caller is back in the queue for a later attempt.",
    "3": "Voicemail",
    "4": "Wrong number",
}


@pytest.fixture
def entry(make: Factories, company: Company) -> MissedCallEntry:
    """A caller who was missed just now."""
    contact = make.contact(company.organization, first_name="Ruth", last_name="Delgado")
    call = make.call(
        company.organization,
        status="missed",
        started_at=datetime.now(UTC) - timedelta(minutes=5),
        contact_card_id=contact.id,
        caller_number=contact.primary_phone,
    )
    return make.missed_entry(company.organization, call=call)


@pytest.fixture
def talked(make: Factories, company: Company) -> Call:
    """An answered call of the CSR with a transcript."""
    call = make.call(company.organization, csr=company.people[Role.CSR], started_at=datetime.now(UTC))
    make.transcript(call)
    return call


def opener(tab: Page, entry: MissedCallEntry) -> Locator:
    """Return the link that opens an entry in the queue."""
    return tab.locator(f"#entry-{entry.id} [data-opens]")


def first_field(tab: Page) -> Locator:
    """Return the first visible field of the page."""
    return tab.locator("main :is(input:not([type=hidden]), select, textarea)").first


def fill_in(tab: Page) -> None:
    """Fill in the booking form by keyboard, and choose the first free time."""
    for name, value in (("place", "12 Elm St"), ("service", "Furnace repair")):
        tab.locator(f"[name={name}]").focus()
        tab.keyboard.type(value)
    press(tab.locator("input[name=slot]").first, "Space")


def test_calling_from_the_queue(open_tab: OpenTab, entry: MissedCallEntry) -> None:
    tab = open_tab(Role.CSR)
    no_dialling(tab)
    tab.goto("/missed-calls")

    press(tab.locator(f"#entry-{entry.id} tr:first-child").get_by_role("button", name=re.compile("^Call")))
    expect(tab.locator("[data-went]")).to_contain_text("Ruth Delgado")
    expect(tab.locator(f"#entry-{entry.id} :focus")).to_have_count(1)


@pytest.mark.parametrize("key", RESULTS)
def test_the_result_of_a_call(open_tab: OpenTab, entry: MissedCallEntry, key: str) -> None:
    tab = open_tab(Role.CSR)
    no_dialling(tab)
    tab.goto("/missed-calls")
    press(tab.locator(f"#entry-{entry.id} tr:first-child").get_by_role("button", name=re.compile("^Call")))
    expect(tab.locator("[data-went]")).to_contain_text("Ruth Delgado")

    wait_for_scripts(tab)
    tab.keyboard.press(key)
    said(tab, RESULTS[key])
    expect(tab.locator("form.went-choices")).to_have_count(0)
    expect(tab.locator(f"#entry-{entry.id} :focus")).to_have_count(1)


def test_saving_the_outcome_of_a_call(open_tab: OpenTab, talked: Call) -> None:
    tab = open_tab(Role.CSR)
    tab.goto(f"/calls/{talked.id}")
    save = tab.get_by_role("button", name="Save outcome")

    tab.locator("#call-result select").first.focus()
    tab.keyboard.press("ArrowDown")
    with tab.expect_response(re.compile("/outcome")):
        press(save)
    expect(tab.locator("#call-result [aria-busy]")).to_have_count(0)
    expect(save).to_be_focused()


def test_adding_a_coaching_note(open_tab: OpenTab, talked: Call) -> None:
    tab = open_tab(Role.MANAGER)
    tab.goto(f"/calls/{talked.id}")
    field = tab.locator("#coaching-new textarea")

    press(tab.locator(".coach-turn").first)
    expect(field).to_be_focused()
    tab.keyboard.type("Offer two times first.")
    press(tab.get_by_role("button", name="Add coaching note"))
    expect(tab.locator(".coaching-note")).to_contain_text("Offer two times first.")
    expect(field).to_have_value("")
    expect(tab.get_by_role("button", name="Add coaching note")).to_be_focused()


def test_booking_from_the_queue(open_tab: OpenTab, entry: MissedCallEntry) -> None:
    tab = open_tab(Role.CSR)
    tab.goto(f"/missed-calls?tab=to_do&open={entry.id}")

    press(tab.locator(f"#open-{entry.id}").get_by_role("link", name="Book"))
    expect(first_field(tab)).to_be_focused()
    fill_in(tab)
    press(tab.get_by_role("button", name=re.compile(r"^Book \w")))
    said(tab, "Appointment booked.")
    expect(tab.get_by_role("heading", level=1)).to_be_focused()


def test_a_conflict_while_booking(open_tab: OpenTab, make: Factories, company: Company, entry: MissedCallEntry) -> None:
    tab = open_tab(Role.CSR)
    tab.goto(f"/appointments/new?entry={entry.id}")
    fill_in(tab)
    rep_id, start = str(tab.locator("input[name=slot]:checked").get_attribute("value")).split("/")
    start_at = datetime.fromisoformat(start)
    make.appointment(
        company.organization,
        sales_rep_id=UUID(rep_id),
        scheduled_start_at=start_at,
        scheduled_end_at=start_at + timedelta(hours=2),
    )

    press(tab.get_by_role("button", name=re.compile(r"^Book \w")))
    expect(tab.locator("#clash")).to_be_visible()
    expect(tab.get_by_role("button", name=re.compile("^Book")).last).to_be_focused()
    expect(tab.locator("[name=service]")).to_have_value("Furnace repair")
    expect(tab.locator("[name=place]")).to_have_value("12 Elm St")


@pytest.mark.turn(4)
def test_every_panel_opens_at_its_first_field(open_tab: OpenTab, talked: Call, company: Company) -> None:
    tab = open_tab(Role.MANAGER)
    for page in (f"/calls/{talked.id}", f"/contacts/{company.rows['contact'].id}"):
        tab.goto(page)
        for name in tab.locator("main [data-panel]").evaluate_all("all => [...new Set(all.map(a => a.dataset.panel))]"):
            press(tab.locator(f"main [data-panel={name}]").first)
            field = tab.locator(".side-panel-body :is(input, select, textarea):focus")
            expect(field, f"{page} {name}").to_have_count(1)
            tab.reload()
            expect(field, f"{page} {name}").to_have_count(1)
