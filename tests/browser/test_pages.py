"""Every page of the app in a real browser: both themes, two widths and the narrowest, with axe and without JavaScript.

The pages are found by walking the routes, so one that comes later is looked at unchanged.
"""

import pytest
from flask import Flask
from playwright.sync_api import Page

from app.models import Role
from app.security.guard import access_of, is_static
from tests.browser.conftest import OpenTab, Theme
from tests.support.browser import accessibility_faults
from tests.support.company import Company, address_of, may_use

#: Not pages but files, or the way out.
NO_PAGES = ("/api/", ".csv", ".css", "/audio", "/file", "/health", "/metrics", "/static", "/styleguide/")
NARROWEST = 320


def pages(app: Flask, company: Company, role: Role) -> list[str]:
    """Addresses of all pages that `role` may open."""
    found = []
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        if "GET" not in (rule.methods or ()) or is_static(rule.endpoint) or access is None:
            continue
        if any(part in rule.rule for part in NO_PAGES) or not may_use(access, role):
            continue
        if all(argument.removesuffix("_id") in company.rows for argument in rule.arguments):
            found.append(address_of(app, rule, company))
    return sorted(found)


def look(tab: Page, url: str) -> list[str]:
    """What is wrong with the page: answers of the server, errors of scripts, axe, sideways scrolling."""
    faults: list[str] = []
    tab.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: faults.append(str(error)))
    response = tab.goto(url)
    if response is None or response.status != 200:
        faults.append(f"answered {response.status if response else 'nothing'}")
    faults += accessibility_faults(tab)
    if tab.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append("scrolls sideways")
    return [f"{url}: {fault}" for fault in faults]


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("role", [Role.CSR, Role.OWNER])
def test_every_page_is_accessible_and_fits(
    app: Flask, company: Company, open_tab: OpenTab, role: Role, width: int, theme: Theme
) -> None:
    tab = open_tab(role, width=width, theme=theme)
    found = pages(app, company, role)

    assert {"/calls", "/csr", "/account", "/leads", "/tasks", "/missed-calls", "/appointments"} <= set(found)
    assert [fault for url in found for fault in look(tab, url)] == []


@pytest.mark.browser
def test_nothing_scrolls_sideways_on_the_narrowest_phone(app: Flask, company: Company, open_tab: OpenTab) -> None:
    tab = open_tab(Role.OWNER, width=NARROWEST)
    wide = []
    for url in pages(app, company, Role.OWNER):
        tab.goto(url)
        if tab.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(url)

    assert wide == []


@pytest.mark.browser
def test_every_page_works_without_javascript(app: Flask, company: Company, open_tab: OpenTab) -> None:
    tab = open_tab(Role.OWNER, javascript=False)

    for url in pages(app, company, Role.OWNER):
        tab.goto(url)
        assert tab.locator("h1").count() == 1, url
        dead = [link for link in tab.locator("a").all() if not link.get_attribute("href") and link.is_enabled()]
        assert all(link.get_attribute("aria-disabled") == "true" for link in dead), url
