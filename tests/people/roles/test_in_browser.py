"""The role pages in a real browser: accessible, no wider than the screen, and usable."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from app.models import Role, User
from app.security.permissions import Permission
from tests.support.browser import faults, set_session
from tests.support.factories import Factories


@pytest.fixture(params=[1440, 390])
def tab(
    request: pytest.FixtureRequest, _browser: Browser, app: Flask, live_address: str, admin: User
) -> Iterator[Page]:
    """A browser tab with one of the tested widths, in which the admin is signed in."""
    with _browser.new_context(base_url=live_address, bypass_csp=True) as context:
        tab = context.new_page()
        tab.set_viewport_size({"width": request.param, "height": 900})
        set_session(tab, app, live_address, admin)
        yield tab


@pytest.mark.browser
def test_what_a_role_would_mean_fits_and_is_accessible(tab: Page, make: Factories, manager: User) -> None:
    make.grant(manager, Permission.OUTBOX_READ)

    # Without a chosen role these pages are covered by the test of all pages.
    for address in ("/roles?role=csr", f"/users/{manager.id}/role?role=csr"):
        tab.goto(address)
        assert faults(tab) == [], address


@pytest.mark.browser
def test_the_head_of_the_matrix_stays_in_sight(tab: Page) -> None:
    tab.goto("/roles")

    tab.locator("#matrix-table").evaluate("table => { table.scrollTop = 900; table.scrollLeft = 200 }")

    where = [
        tab.locator(one).first.bounding_box()
        for one in ("#matrix-table", "#matrix-table thead th", "#matrix-table tbody a")
    ]
    region, head, first = (box or {"x": -1.0, "y": -1.0} for box in where)
    assert abs(head["y"] - region["y"]) < 2
    assert first["x"] >= region["x"]


@pytest.mark.browser
def test_a_role_is_changed_by_hand(tab: Page, manager: User) -> None:
    tab.goto(f"/users/{manager.id}/role")
    tab.get_by_role("navigation", name="New role").get_by_role("link", name="Exec").click()
    tab.get_by_label("Reason").fill("They lead the company from Monday on")
    tab.get_by_role("button", name="Change Mona Manager’s role to Exec").click()

    tab.get_by_text("Mona Manager’s role is now Exec.").wait_for()
    assert Role.EXEC.title() in tab.locator("main").inner_text()
