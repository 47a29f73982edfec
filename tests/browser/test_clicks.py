"""The number of clicks that frequent work takes; typing and reading don't count."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from app.models import MissedCallEntry, Role, Task
from tests.browser.clicks import Clicks
from tests.browser.conftest import OpenTab
from tests.browser.test_queue import no_dialling
from tests.browser.test_team import WEAKEST, make_team
from tests.support.browser import wait_for_scripts
from tests.support.company import Company
from tests.support.factories import PASSWORD, Factories

pytestmark = pytest.mark.browser


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
def task(make: Factories, company: Company) -> Task:
    """A task of the CSR that is due in two days."""
    due_at = datetime.now(UTC) + timedelta(days=2)
    csr = company.people[Role.CSR]
    return make.task(company.organization, assignee=csr, title="Order the filter", due_at=due_at)


def test_from_signing_in_to_the_first_call_back(open_tab: OpenTab, company: Company, entry: MissedCallEntry) -> None:
    tab, clicks = open_tab(Role.CSR), Clicks()
    tab.context.clear_cookies()
    no_dialling(tab)
    tab.goto("/login")
    tab.get_by_label("Email").fill(company.people[Role.CSR].email)
    tab.get_by_label("Password", exact=True).fill(PASSWORD)

    clicks.on(tab.get_by_role("button", name="Sign in"))
    clicks.on(tab.locator("main").get_by_role("button", name=re.compile("Call Ruth")).first)
    expect(tab.locator("[data-went]")).to_contain_text("Ruth Delgado")

    assert clicks.count == 2


@pytest.mark.parametrize("by", ["click", "key"])
def test_the_result_of_a_call(open_tab: OpenTab, entry: MissedCallEntry, by: str) -> None:
    tab, clicks = open_tab(Role.CSR), Clicks()
    no_dialling(tab)
    tab.goto("/missed-calls")
    tab.locator("main").get_by_role("button", name=re.compile("Call Ruth")).first.click()
    expect(tab.locator("[data-went]")).to_contain_text("Ruth Delgado")

    if by == "click":
        clicks.on(tab.get_by_role("button", name="No answer"))
    else:
        wait_for_scripts(tab)
        tab.keyboard.press("2")
    expect(tab.locator("#toasts")).to_contain_text("No answer.")

    assert clicks.count == (1 if by == "click" else 0)


def test_finishing_a_task(open_tab: OpenTab, task: Task) -> None:
    tab, clicks = open_tab(Role.CSR), Clicks()
    tab.goto("/tasks")

    clicks.on(tab.get_by_role("button", name=f"Complete: {task.title}"))
    expect(tab.locator("#toasts")).to_contain_text("Task completed.")

    assert clicks.count == 1


def test_snoozing_a_task(open_tab: OpenTab, task: Task) -> None:
    tab, clicks = open_tab(Role.CSR), Clicks()
    tab.goto("/tasks")

    clicks.on(tab.get_by_role("button", name=f"Snooze: {task.title}"))
    clicks.on(tab.get_by_role("button", name="Tomorrow morning"))
    expect(tab.locator("#toasts")).to_contain_text("Task snoozed.")

    assert clicks.count == 2


def test_moving_a_lead(open_tab: OpenTab, make: Factories, company: Company) -> None:
    lead = make.lead(company.organization)
    tab, clicks = open_tab(Role.MANAGER), Clicks()
    tab.goto("/leads/board")

    clicks.on(tab.locator(f"#lead-{lead.id} summary"))
    clicks.on(tab.get_by_role("button", name="Move to Qualified"))
    expect(tab.locator("#toasts")).to_contain_text("Moved to Qualified.")

    assert clicks.count == 2
    wait_for_scripts(tab)
    tab.drag_and_drop(f"#lead-{lead.id}", "[data-stage=hot], [data-stage=new]")
    expect(tab.locator("#toasts")).to_contain_text("Moved to New.")


def test_completing_two_tasks_together(open_tab: OpenTab, make: Factories, company: Company) -> None:
    csr = company.people[Role.CSR]
    tasks = [make.task(company.organization, assignee=csr, title=title) for title in ("Order the filter", "Call Ruth")]
    tab, clicks = open_tab(Role.CSR), Clicks()
    tab.goto("/tasks")

    for task in tasks:
        clicks.on(tab.get_by_role("checkbox", name=f"Select {task.title}"))
    clicks.on(tab.get_by_role("button", name="Complete 2", exact=True))
    expect(tab.locator("#toasts")).to_contain_text("2 tasks completed.")
    assert clicks.count == 3

    tab.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(tab.locator("#toasts")).to_contain_text("2 changes undone.")


def test_a_coaching_note_from_the_table_of_the_team(open_tab: OpenTab, make: Factories, company: Company) -> None:
    make_team(make, company)
    tab, clicks = open_tab(Role.MANAGER), Clicks()
    tab.goto("/csr")
    weakest = tab.locator("#team-table tbody tr", has_text=WEAKEST)

    clicks.on(weakest.locator("[data-metric='unbooked_appointments_of_person']"))
    clicks.on(tab.locator("tbody tr th a").first)
    clicks.on(tab.get_by_role("link", name="Coach at turn").first)
    expect(tab.locator("#coaching-new textarea")).to_be_focused()
    tab.keyboard.type("Offer two times first.")
    clicks.on(tab.get_by_role("button", name="Add coaching note"))
    expect(tab.locator(".coaching-note")).to_contain_text("Offer two times first.")

    assert clicks.count == 4


def test_finding_anybody_by_name(open_tab: OpenTab, make: Factories, company: Company) -> None:
    contact = make.contact(company.organization, first_name="Ruth", last_name="Delgado")
    make.call(company.organization, csr=company.people[Role.CSR], contact_card_id=contact.id)
    tab, clicks = open_tab(Role.CSR), Clicks()
    tab.goto("/tasks")

    clicks.on(tab.get_by_role("button", name="Search everything"))
    tab.keyboard.type("ruth delgado")
    expect(tab.locator("#cmd-found")).to_contain_text("Ruth Delgado")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile(f"/contacts/{contact.id}$"))

    assert clicks.count == 1
