"""Every page of the app in a real browser: both themes, two widths and the narrowest, with axe.

The pages are found by walking the routes, so one that comes later is looked at unchanged.
"""

import pytest
from flask import Flask
from playwright.sync_api import expect

from app.models import Role
from tests.browser.conftest import OpenTab
from tests.support.browser import AXE, faults_of_looks, scrolls_sideways
from tests.support.company import Company, page_addresses

NARROWEST = 320
#: The pages are walked in so many parts, which can run beside each other.
PARTS = 6


@pytest.mark.browser
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("role", [Role.CSR, Role.OWNER])
def test_every_page_is_accessible_and_fits(
    app: Flask, company: Company, open_tab: OpenTab, role: Role, part: int
) -> None:
    found = page_addresses(app, company, role)
    tab = open_tab(role)
    tab.add_init_script(AXE)  # quicker than handing it to each page
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: said.append(str(error)))

    faults, looked_at = {}, set()
    for url in found[part * len(found) // PARTS : (part + 1) * len(found) // PARTS]:
        said.clear()
        response = tab.goto(url)
        status = response.status if response else None
        wrong = [] if status == 200 else [f"answered {status}"]
        expect(tab.locator("[hx-trigger=load]")).to_have_count(0)  # what comes after the page
        if tab.url not in looked_at:  # some lead on to others
            wrong += faults_of_looks(tab)
            tab.set_viewport_size({"width": NARROWEST, "height": 900})
            wrong += [f"{NARROWEST}: scrolls sideways"] if scrolls_sideways(tab) else []
            looked_at.add(tab.url)
        if wrong := [*wrong, *said]:
            faults[url] = wrong

    assert {"/calls", "/csr", "/account", "/leads", "/tasks", "/missed-calls", "/appointments"} <= set(found)
    assert faults == {}
