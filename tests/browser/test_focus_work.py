"""The focus after each action on tasks, leads, contacts and lists, by keyboard alone."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from app.models import Lead, Role, Task
from tests.browser.conftest import OpenTab
from tests.support.browser import wait_for_scripts
from tests.support.company import Company
from tests.support.factories import Factories

pytestmark = pytest.mark.browser


def press(control: Locator, key: str = "Enter") -> None:
    """Focus the control as Tab does, and press a key on it."""
    control.focus()
    control.press(key)


def said(tab: Page, sentence: str) -> None:
    """Wait for the message that the action has succeeded."""
    expect(tab.locator("#toasts")).to_contain_text(sentence)


@pytest.fixture
def work(make: Factories, company: Company) -> list[Task]:
    """Three tasks of the CSR, one due after the other."""
    now = datetime.now(UTC)
    titles = ("Measure the attic", "Order the filter", "Send the quote")
    return [
        make.task(
            company.organization,
            assignee=company.people[Role.CSR],
            title=title,
            due_at=now + timedelta(days=2, minutes=place),
        )
        for place, title in enumerate(titles)
    ]


@pytest.fixture
def lead(make: Factories, company: Company) -> Lead:
    """A new lead of Ruth Delgado."""
    contact = make.contact(company.organization, first_name="Ruth", last_name="Delgado")
    return make.lead(company.organization, contact=contact)


def ring(tab: Page, task: Task) -> Locator:
    """Return the button that completes a task in the list."""
    return tab.get_by_role("button", name=f"Complete: {task.title}")


def clock(tab: Page, task: Task) -> Locator:
    """Return the button that opens the snooze menu of a task in the list."""
    return tab.get_by_role("button", name=f"Snooze: {task.title}")


def test_finishing_a_task_and_undoing_it(open_tab: OpenTab, work: list[Task]) -> None:
    tab = open_tab(Role.CSR)
    tab.goto("/tasks")

    press(ring(tab, work[0]))
    said(tab, "Task completed.")
    expect(ring(tab, work[1])).to_be_focused()
    press(tab.locator("#toasts").get_by_role("button", name="Undo"))
    said(tab, "Task reopened.")
    expect(ring(tab, work[0])).to_be_focused()


def test_finishing_the_last_task_of_the_list(open_tab: OpenTab, work: list[Task]) -> None:
    tab = open_tab(Role.CSR)
    tab.goto("/tasks")

    press(ring(tab, work[2]))
    said(tab, "Task completed.")
    expect(ring(tab, work[1])).to_be_focused()


def test_what_is_typed_beside_a_button_stays(open_tab: OpenTab, work: list[Task]) -> None:
    tab = open_tab(Role.CSR)
    tab.goto("/tasks")
    line = tab.get_by_label("Add a task").get_by_role("textbox")

    line.focus()
    tab.keyboard.type("Order the")
    press(ring(tab, work[0]))
    said(tab, "Task completed.")
    expect(line).to_have_value("Order the")
    expect(ring(tab, work[1])).to_be_focused()


def test_adding_a_task_in_a_line(open_tab: OpenTab) -> None:
    tab = open_tab(Role.CSR)
    tab.goto("/tasks")
    line = tab.get_by_label("Add a task").get_by_role("textbox")

    line.focus()
    tab.keyboard.type("Order the filter")
    tab.keyboard.press("Enter")
    said(tab, "Order the filter")
    expect(line).to_be_focused()
    expect(line).to_have_value("")


def test_adding_a_task_on_its_page(open_tab: OpenTab) -> None:
    tab = open_tab(Role.CSR)
    tab.goto("/tasks")

    press(tab.get_by_role("link", name="New task"))
    expect(tab.locator("#title")).to_be_focused()
    tab.keyboard.type("Order the filter")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="Order the filter", level=1)).to_be_focused()


def test_snoozing_a_task_and_undoing_it(open_tab: OpenTab, work: list[Task]) -> None:
    tab = open_tab(Role.CSR)
    tab.goto("/tasks")

    press(clock(tab, work[0]))
    press(tab.get_by_role("button", name="Monday morning"))
    said(tab, "Task snoozed.")
    expect(clock(tab, work[1])).to_be_focused()
    press(tab.locator("#toasts").get_by_role("button", name="Undo"))
    said(tab, "Task is no longer snoozed.")
    expect(clock(tab, work[0])).to_be_focused()


def test_saving_a_view(open_tab: OpenTab) -> None:
    tab = open_tab(Role.CSR)
    tab.goto("/calls?q=furnace")
    views = tab.locator("main details.menu > summary").filter(has=tab.locator(".trunc"))

    press(views)
    tab.get_by_label("Name", exact=True).focus()
    tab.keyboard.type("Furnaces")
    tab.keyboard.press("Enter")
    said(tab, "The view “Furnaces” was saved.")
    expect(views).to_be_focused()
    expect(views).to_have_text("Furnaces")


def test_merging_two_contacts(open_tab: OpenTab, make: Factories, company: Company) -> None:
    kept, other = (make.contact(company.organization, last_name="Delgado") for _person in range(2))
    tab = open_tab(Role.MANAGER)
    tab.goto(f"/contacts/{kept.id}/merge/{other.id}")

    press(tab.get_by_role("button", name=re.compile("^Merge into")))
    expect(tab).to_have_url(re.compile(f"/contacts/{kept.id}$"))
    expect(tab.get_by_role("heading", level=1)).to_be_focused()


def test_adding_a_contact(open_tab: OpenTab) -> None:
    tab = open_tab(Role.CSR)
    tab.goto("/contacts/new")

    expect(tab.get_by_label("Number", exact=True)).to_be_focused()
    tab.keyboard.type("(828) 555-0142")
    tab.keyboard.press("Tab")
    press(tab.get_by_role("button", name="Add contact"))
    expect(tab).to_have_url(re.compile("/contacts/[0-9a-f-]{36}$"))
    expect(tab.get_by_role("heading", level=1)).to_be_focused()


def test_adding_a_contact_beside_a_call(open_tab: OpenTab, make: Factories, company: Company) -> None:
    call = make.call(company.organization, csr=company.people[Role.CSR])
    tab = open_tab(Role.CSR)
    tab.goto(f"/calls/{call.id}")

    press(tab.locator("main [data-panel=contact]"))
    expect(tab.locator(".side-panel").get_by_label("Number", exact=True)).to_be_focused()
    press(tab.get_by_role("button", name="Add contact"))
    expect(tab.locator(".side-panel :focus")).to_be_visible()


def test_restoring_a_deletion(open_tab: OpenTab, make: Factories, company: Company) -> None:
    batch = make.deletion(make.task(company.organization, title="Order the filter"))
    tab = open_tab(Role.OWNER)
    tab.goto(f"/trash/{batch.id}")

    press(tab.get_by_role("link", name="Restore").first)
    restore = tab.get_by_role("button", name=re.compile("^Restore ")).last
    expect(restore).to_be_visible()
    wait_for_scripts(tab)
    press(restore)
    said(tab, "Restored: 1 item.")
    expect(tab.get_by_role("heading", level=1)).to_be_focused()


def test_moving_a_lead_and_undoing_it(open_tab: OpenTab, lead: Lead) -> None:
    tab = open_tab(Role.MANAGER)
    tab.goto("/leads/board")
    menu = tab.locator(f"#lead-{lead.id} summary")

    press(tab.locator(f"#lead-{lead.id} a").first, "m")
    expect(tab.get_by_role("button", name="Move to Qualified")).to_be_focused()
    tab.keyboard.press("Enter")
    said(tab, "Moved to Qualified.")
    expect(menu).to_be_focused()
    press(tab.locator("#toasts").get_by_role("button", name="Undo"))
    said(tab, "Undone.")
    expect(menu).to_be_focused()


def test_following_up_on_a_call(open_tab: OpenTab, make: Factories, company: Company) -> None:
    csr = company.people[Role.CSR]
    for minutes in (10, 20, 30):
        contact = make.contact(company.organization)
        make.call(
            company.organization,
            csr=csr,
            contact_card_id=contact.id,
            started_at=datetime.now(UTC) - timedelta(minutes=minutes),
            lead_id=make.lead(company.organization, contact=contact, qualification_status="hot").id,
            booking_status="not_booked",
        )
    tab = open_tab(Role.MANAGER)
    tab.goto("/csr")
    buttons = tab.locator("#unbooked-table").get_by_role("button", name=re.compile("^Follow up"))
    second = str(buttons.nth(1).get_attribute("aria-label"))

    press(buttons.first)
    said(tab, "Follow-up task added")
    expect(tab.get_by_role("button", name=second)).to_be_focused()


def test_a_control_covered_by_its_label_takes_the_focus_where_it_is(open_tab: OpenTab, lead: Lead) -> None:
    tab = open_tab(Role.MANAGER, width=390)
    tab.goto("/leads/board")
    stage = tab.locator("[name=board-stage]").first
    tab.set_viewport_size({"width": 390, "height": 320})
    stage.evaluate("""control => {
      const bar = document.querySelector(".topbar").getBoundingClientRect();
      scrollBy(0, control.getBoundingClientRect().top - bar.bottom - 2);
    }""")
    before = tab.evaluate("scrollY")
    stage.evaluate("control => focusing.on(control)")

    expect(stage).to_be_focused()
    assert tab.evaluate("scrollY") == before
