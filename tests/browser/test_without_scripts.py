"""Work without JavaScript: links and forms suffice for the day's work."""

import re

import pytest
from playwright.sync_api import expect

from app.models import Role
from tests.browser.conftest import OpenTab
from tests.support.company import Company
from tests.support.factories import Factories

pytestmark = pytest.mark.browser

#: More calls than fit on a page.
MANY = 60


def test_a_list_is_narrowed_sorted_and_leafed_through(company: Company, make: Factories, open_tab: OpenTab) -> None:
    with make.batch():
        for _number in range(MANY):
            make.call(company.organization, csr=company.people[Role.CSR], status="failed")
    tab = open_tab(Role.ADMIN, javascript=False)
    tab.goto("/calls")

    tab.locator(".filters select[name=status]").select_option("failed")
    tab.get_by_role("button", name="Apply", exact=True).click()
    expect(tab.get_by_role("heading", name=f"{MANY} calls")).to_be_visible()
    tab.get_by_role("link", name="Started").click()
    tab.get_by_role("link", name="Older").click()
    expect(tab.locator("main tbody tr")).to_have_count(MANY - 50)
    assert "status=failed" in tab.url
    tab.get_by_role("link", name="Clear all").click()
    expect(tab.get_by_role("heading", name=f"{MANY + 2} calls")).to_be_visible()


def test_rows_are_changed_together(company: Company, open_tab: OpenTab) -> None:
    tab = open_tab(Role.ADMIN, javascript=False)
    tab.goto("/calls")

    tab.locator("main tbody input[name=row]").first.check()
    tab.get_by_role("button", name="Set outcome…").click()
    tab.locator("main select[name=outcome]").select_option("spam")
    tab.get_by_role("button", name="Set outcome of 1").click()

    expect(tab).to_have_url(re.compile(r"/calls$"))
    expect(tab.locator("#toasts")).to_contain_text("Outcome changed for 1 call.")
    tab.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(tab.locator("#toasts")).to_contain_text("1 change undone.")


def test_a_note_is_written_changed_deleted_and_back_again(company: Company, open_tab: OpenTab) -> None:
    tab = open_tab(Role.CSR, javascript=False)
    tab.goto(f"/calls/{company.rows['call'].id}")

    tab.locator("textarea[name=body]").fill("Wants a call on Monday")
    tab.get_by_role("button", name="Add note").click()
    tab.get_by_role("link", name="Edit").first.click()
    tab.locator("textarea[name=body]").fill("Wants a call on Tuesday")
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_text("Wants a call on Tuesday", exact=True)).to_be_visible()
    tab.get_by_role("button", name="Delete").first.click()
    expect(tab.get_by_text("Wants a call on Tuesday", exact=True)).to_have_count(0)
    tab.get_by_role("button", name="Undo").click()
    expect(tab.get_by_text("Wants a call on Tuesday", exact=True)).to_be_visible()
