"""The booking form in a real browser: its times follow the chosen service."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from app.models import Role
from tests.browser.conftest import OpenTab
from tests.support.company import Company
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
    usual = str(first.get_attribute("data-time"))
    service = tab.get_by_label("Service", exact=True)

    service.fill("drain")
    tab.keyboard.press("Tab")
    expect(first).not_to_have_attribute("data-time", usual)
    expect(tab.locator("[data-choice]")).to_contain_text(str(first.get_attribute("data-time")))

    service.fill("Furnace check")
    short = str(second.get_attribute("data-time"))
    tab.locator("label.slot").nth(1).click()
    expect(second).not_to_have_attribute("data-time", short)
    expect(second).to_be_checked()
    tab.get_by_role("button", name=re.compile(r"^Book \w")).click()

    expect(tab.get_by_text("Appointment booked.")).to_be_visible()
