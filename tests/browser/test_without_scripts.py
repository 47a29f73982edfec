"""Pages without JavaScript: no control depends on it, and links and forms suffice for the day's work."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect

from app.models import Role
from tests.browser.conftest import OpenTab
from tests.support.company import Company, page_addresses
from tests.support.factories import Factories
from tests.support.forms_on_pages import rule_of
from tests.support.owner_pages import OwnerPages

pytestmark = pytest.mark.browser

#: More calls than fit on a page.
MANY = 60
#: Popovers and `<details>` are opened by the browser itself; one page lists all keys.
_WAITING = """() => {
  const buttons = "button[type=button]:not([popovertarget]), [data-dialog]";
  const needsScript = `${buttons}, kbd:not(.keys *), a:not([href], [aria-disabled])`;
  const waiting = [...document.querySelectorAll(needsScript)].filter(element => element.checkVisibility());
  const stuck = [...document.forms].filter(form => {
    const senders = [...form.elements].filter(element => element.type === "submit");
    const canBeReached = sender => (sender.closest("details:not([open])") ?? sender).checkVisibility();
    return form.checkVisibility() && !senders.some(canBeReached);
  });
  return [...waiting, ...stuck].map(element => element.outerHTML.slice(0, 120));
}"""


def test_no_control_waits_for_a_script(
    app: Flask, company: Company, open_tab: OpenTab, owner_pages: OwnerPages
) -> None:
    """Pages are opened whose controls, or the elements around these, differ from those of the pages before."""
    tab = open_tab(Role.OWNER, javascript=False)
    faults, known = {}, set[str]()
    for url in page_addresses(app, company, Role.OWNER):
        rule = rule_of(app, url, "GET")
        assert rule is not None
        page = owner_pages[rule.rule].page()
        shapes = set(_shapes_of_controls(page.root)) if page.is_whole and page.status == 200 else {url}
        if url == "/styleguide" or shapes <= known:  # its buttons do nothing
            continue
        known |= shapes
        tab.goto(url)
        if waiting := tab.evaluate(_WAITING):
            faults[url] = waiting

    assert faults == {}


def _shapes_of_controls(root: Any) -> Iterator[str]:
    """Yield the element of each control and form, with those that it is in: what its visibility depends on."""
    for element in root.iter("button", "input", "a", "kbd", "form"):
        path = (element, *element.iterancestors())
        shape = " < ".join(f"{part.tag} {part.get('class')} {part.get('type')} {sorted(part.attrib)}" for part in path)
        has_sender = any(button.get("type", "submit") == "submit" for button in element.iter("button"))
        yield f"{shape} {has_sender}"


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
