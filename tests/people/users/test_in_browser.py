"""Deactivation of a user in a real browser by keyboard alone, with a summary that follows the choices."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.models import Organization, User
from tests.people.users.pages import WHY
from tests.support.browser import THEMES, WIDTHS, Theme, faults, set_session
from tests.support.factories import Factories

OpenTab = Callable[[int, Theme], Page]


@pytest.fixture
def open_tab(_browser: Browser, app: Flask, live_address: str, admin: User) -> Iterator[OpenTab]:
    """Function that opens a tab in which the admin is signed in: `open_tab(390, "dark")`."""
    contexts = []

    def open_signed_in(width: int, theme: Theme) -> Page:
        size: Any = {"width": width, "height": 900}
        context = _browser.new_context(base_url=live_address, viewport=size, color_scheme=theme, bypass_csp=True)
        contexts.append(context)
        tab = context.new_page()
        set_session(tab, app, live_address, admin)
        return tab

    yield open_signed_in
    for context in contexts:
        context.close()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "theme"), list(zip(WIDTHS, THEMES, strict=True)))
def test_the_summary_follows_the_choices_and_is_what_happens(
    open_tab: OpenTab, make: Factories, organization: Organization, csr: User, other_csr: User, width: int, theme: Theme
) -> None:
    for _ in range(2):
        make.task(organization, assignee=csr)
    make.lead(organization, csr_id=csr.id)
    tab = open_tab(width, theme)
    tab.goto(f"/users/{csr.id}/delete")
    summary = tab.locator("#leaving-summary")
    expect(summary).to_contain_text("Choices to make")
    asked_at = tab.url

    tab.get_by_label("Reason").focus()
    tab.keyboard.type(WHY)
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    tab.keyboard.type(other_csr.name)

    expect(summary).not_to_contain_text("Choices to make")
    expect(summary.locator("dd")).to_have_text(["2 open tasks", "1 open lead credited"])
    expect(summary).to_contain_text("2 records will be reassigned.")
    expect(tab.get_by_label("2 open tasks")).to_be_focused()
    assert tab.url == asked_at
    assert faults(tab) == []
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("Undo also brings back the 2 reassigned records.")).to_be_visible()
