"""Booking in a real browser: its times follow the chosen service, and it takes few clicks."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from app.models import ContactCard, Role, Task
from tests.browser.conftest import OpenTab
from tests.support.company import Company
from tests.support.direct_access import Behind
from tests.support.factories import Factories


@pytest.mark.browser
def test_the_times_follow_the_service_and_keep_the_one_that_is_clicked(
    open_tab: OpenTab, make: Factories, company: Company
) -> None:
    make.service_type(company.organization, name="Drain", minutes=30)
    make.service_type(company.organization, name="Furnace check", minutes=240)
    contact = make.contact(company.organization, first_name="Ruth", last_name="Delgado")
    day = (datetime.now(UTC) + timedelta(days=4)).date()
    tab = open_tab(Role.MANAGER)
    tab.goto(f"/appointments/new?contact={contact.id}&day={day}")
    first, second = (tab.locator("input[name=slot]").nth(number) for number in (0, 1))
    usual = str(first.get_attribute("data-words"))
    service = tab.get_by_label("Service", exact=True)

    tab.locator("label.slot").first.click()
    service.fill("drain")
    tab.keyboard.press("Tab")
    expect(first).not_to_have_attribute("data-words", usual)
    expect(tab.locator("[data-choice]")).to_contain_text(str(first.get_attribute("data-words")))

    service.fill("Furnace check")
    short = str(second.get_attribute("data-words"))
    tab.locator("label.slot").nth(1).click()
    expect(second).not_to_have_attribute("data-words", short)
    expect(second).to_be_checked()
    tab.get_by_role("button", name=re.compile(r"^Book \w")).click()

    expect(tab.get_by_text("Appointment booked.")).to_be_visible()


#: Counts what is pressed, across pages.
_COUNT = (
    "addEventListener('pointerup', () => sessionStorage.setItem('presses', 1 + Number(sessionStorage.presses ?? 0)))"
)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_a_row_of_the_queue_is_booked_in_four_clicks_and_a_reminder_takes_one(
    open_tab: OpenTab, make: Factories, company: Company, behind: Behind, width: int
) -> None:
    now = datetime.now(UTC)
    caller = make.contact(company.organization, first_name=None, last_name=None)
    missed = make.call(
        company.organization,
        status="missed",
        topic="Furnace repair",
        started_at=now - timedelta(minutes=5),
        contact_card_id=caller.id,
        caller_number=caller.primary_phone,
    )
    entry = make.missed_entry(company.organization, call=missed, contact_card_id=caller.id)
    tab = open_tab(Role.CSR, width=width)
    tab.add_init_script(_COUNT)
    tab.goto("/missed-calls")

    tab.locator(f"#entry-{entry.id} th a").first.click()
    tab.locator(f"#open-{entry.id}").get_by_role("link", name="Book").click()
    tab.get_by_label("Name", exact=True).fill("Brandon Warner")
    tab.locator("label.slot").first.click()
    tab.get_by_role("button", name=re.compile(r"^Book \w")).click()
    expect(tab.get_by_text("Appointment booked.")).to_be_visible()
    assert tab.evaluate("Number(sessionStorage.presses)") == 4

    tab.get_by_role("button", name="Add reminder").click()
    expect(tab.get_by_text("Reminder added to your tasks.")).to_be_visible()
    assert tab.evaluate("Number(sessionStorage.presses)") == 5

    assert behind.one(ContactCard, id=caller.id).full_name == "Brandon Warner"
    reminder = behind.rows(Task, organization_id=company.organization.id, category="reminder")
    assert [one.title for one in reminder] == ["Remind Brandon Warner of the appointment"]


@pytest.mark.browser
def test_enter_books_nothing_until_a_time_is_chosen(open_tab: OpenTab, make: Factories, company: Company) -> None:
    contact = make.contact(company.organization, first_name="Ruth", last_name="Delgado")
    tab = open_tab(Role.MANAGER)
    tab.goto(f"/appointments/new?contact={contact.id}")
    expect(tab.locator("input[name=slot]:checked")).to_have_count(0)

    tab.get_by_label("Service", exact=True).fill("Drain")
    tab.keyboard.press("Enter")

    expect(tab.locator("#slot-error")).to_have_text("Choose one of the available times.")
    expect(tab.get_by_label("Service", exact=True)).to_have_value("Drain")


@pytest.mark.browser
def test_a_typed_date_and_time_replaces_the_chosen_one_and_the_other_way_round(
    open_tab: OpenTab, make: Factories, company: Company
) -> None:
    rep = make.user(company.organization, Role.SALES_REP)
    start = (datetime.now(UTC) + timedelta(days=4)).replace(hour=15, minute=0, second=0, microsecond=0)
    visit = make.appointment(company.organization, sales_rep_id=rep.id, scheduled_start_at=start)
    tab = open_tab(Role.MANAGER)
    tab.goto(f"/appointments/{visit.id}/reschedule")
    foot = tab.locator("[data-choice]")
    current = tab.locator("input[name=slot]:checked")
    words = foot.inner_text()

    tab.locator("input[name=time]").fill("13:20")
    tab.keyboard.press("Tab")
    expect(foot).to_have_text("The date and time that you entered")
    tab.locator("label.slot").last.click()
    expect(foot).not_to_have_text("The date and time that you entered")
    expect(tab.locator("input[name=time]")).not_to_have_value("13:20")

    assert current.get_attribute("value") != "typed"
    assert foot.inner_text() != words
