"""Reports in a real browser: schedule, recipients and the unsubscribe link, on a desktop and on a phone."""

from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import expect

from app.insight.reports.notices import REPORT_READY
from app.messaging.notifications.unsubscribe_service import unsubscribe_address
from app.models import Role
from tests.browser.conftest import OpenTab
from tests.support.browser import faults_of_looks
from tests.support.company import Company


@pytest.mark.browser
def test_schedule_and_recipients_have_no_faults(open_tab: OpenTab) -> None:
    tab = open_tab(Role.ADMIN)
    tab.goto("/reports")
    tab.get_by_role("link", name="Schedule and recipients").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Schedule and recipients")

    assert faults_of_looks(tab) == []


@pytest.mark.browser
def test_ticks_are_saved_without_scripts(open_tab: OpenTab, company: Company) -> None:
    tab = open_tab(Role.ADMIN, width=390, javascript=False)
    tab.goto("/reports/settings")
    name = f"By email: {company.people[Role.MANAGER].name}"
    tab.get_by_role("checkbox", name=name).uncheck()
    tab.get_by_label("Hour").select_option("17")
    tab.get_by_role("button", name="Save").click()

    expect(tab.get_by_role("checkbox", name=name)).not_to_be_checked()
    expect(tab.get_by_label("Hour")).to_have_value("17")


@pytest.mark.browser
def test_the_page_that_ends_mails_has_no_faults(app: Flask, open_tab: OpenTab, company: Company) -> None:
    person = company.people[Role.EXEC]
    with app.app_context():
        path = urlsplit(unsubscribe_address(REPORT_READY, person.organization_id, person.id)).path
    tab = open_tab(Role.EXEC)
    tab.context.clear_cookies()
    tab.goto(path)
    assert faults_of_looks(tab) == []

    tab.get_by_role("button", name="Unsubscribe").click()

    expect(tab.get_by_role("button", name="Resubscribe")).to_be_visible()
    assert faults_of_looks(tab) == []
