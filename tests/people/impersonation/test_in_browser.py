"""Banners for viewing as a user and for visiting an organization, in a real browser.

They fit, are readable, and their buttons work.
"""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from app.models import Organization, StaffRole, User
from tests.support.browser import faults, set_session
from tests.support.factories import Factories

WIDTHS = (1440, 390, 320)


@pytest.fixture
def tab(_browser: Browser, live_address: str) -> Iterator[Page]:
    """A tab in the dark theme."""
    with _browser.new_context(base_url=live_address, color_scheme="dark", bypass_csp=True) as context:
        yield context.new_page()


def faults_of_banner(tab: Page, name: str, button: str) -> list[str]:
    """Return the faults of the page at each width; check that the banner and its button are usable."""
    banner = tab.get_by_role("complementary", name=name)
    found = []
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        banner.get_by_role("button", name=button).click(trial=True)
        found += [f"{width}: {fault}" for fault in ([] if banner.is_visible() else ["no banner"]) + faults(tab)]
    return found


@pytest.mark.browser
def test_the_banner_of_a_look_and_its_button(tab: Page, app: Flask, live_address: str, admin: User, csr: User) -> None:
    set_session(tab, app, live_address, admin)
    tab.goto(f"/users/{csr.id}/view-as")
    tab.get_by_label("Reason").fill("They say that a call is missing")
    tab.get_by_role("button", name="Start viewing").click()
    tab.wait_for_url("**/my-day")

    assert faults_of_banner(tab, "Viewing as someone else", "Stop viewing") == []

    tab.get_by_role("button", name="Stop viewing").click()
    tab.get_by_text("View-as ended.").wait_for()
    assert tab.get_by_role("complementary", name="Viewing as someone else").count() == 0


@pytest.mark.browser
def test_the_banner_of_a_visit_and_its_button(
    tab: Page, app: Flask, live_address: str, make: Factories, organization: Organization, owner: User
) -> None:
    set_session(tab, app, live_address, make.staff(StaffRole.ADMIN))
    tab.goto(f"/organizations/{organization.id}/enter")
    tab.get_by_label("Reason").fill("They have asked for help")
    tab.get_by_role("button", name="Enter").click()
    tab.wait_for_url(lambda url: "/enter" not in url)

    assert faults_of_banner(tab, "Platform access", "Leave") == []

    tab.get_by_role("button", name="Leave").click()
    tab.get_by_text("You’ve left the organization.").wait_for()
