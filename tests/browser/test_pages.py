"""Every page of an owner or a CSR in a real browser, at several widths, with axe in one of four looks.

The pages are found by walking the routes, so that a new one is included automatically. Axe runs if the structure of a
page, or of its surroundings, has not been checked before in this run, in the look whose turn it is.
"""

import re
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.models import Role
from tests.browser import narrow
from tests.browser.conftest import OpenTab
from tests.browser.looking import SCRIPT, New, asked
from tests.browser.narrow import narrow_faults
from tests.support.browser import AXE, LOOKS, WIDTHS, faults_at_width, faults_of_looks, hide, without_transitions
from tests.support.company import Company, page_addresses
from tests.support.turns import Turn

#: The pages are walked in this many parts, which can run in parallel.
PARTS = 6
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


class KnownShapes:
    """Structures of pages, shared by all workers of a run; the first worker to see one checks it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder

    def new_in(self, tab: Page, address: str) -> New:
        """Claim the structures of the page in a tab and of its surroundings; return which of them are new."""
        page, around = asked(tab, "shapes")
        return New(page=self._claim(address, page), around=self._claim("around", around))

    def _claim(self, *key: str) -> bool:
        try:
            (self._folder / sha256("\n".join(key).encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


@pytest.mark.browser
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("role", [Role.OWNER, Role.CSR])
def test_every_page_is_accessible_and_fits(
    app: Flask, company: Company, open_tab: OpenTab, run_folder: Path, role: Role, part: int
) -> None:
    found = page_addresses(app, company, role)
    known = KnownShapes(run_folder / "page-shapes")
    tab = open_tab(role)
    tab.add_init_script(AXE)  # quicker than injecting it into each page
    tab.add_init_script(SCRIPT)
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: said.append(str(error)))

    faults, looked_at = {}, set()
    for url in found[part * len(found) // PARTS : (part + 1) * len(found) // PARTS]:
        said.clear()
        hide(tab)
        tab.set_viewport_size({"width": WIDTHS[0], "height": 900})
        response = tab.goto(url)
        status = response.status if response else None
        wrong = [] if status == 200 else [f"answered {status}"]
        expect(tab.locator("[hx-trigger=load]")).to_have_count(0)  # parts that load after the page
        if tab.url not in looked_at:  # some redirect to others
            wrong += _faults(tab, known, _ID.sub("…", url))
            looked_at.add(tab.url)
        if wrong := [*wrong, *said]:
            faults[url] = wrong

    assert faults == {}


@pytest.mark.browser
def test_the_day_of_a_manager_and_of_their_csr_is_accessible(company: Company, open_tab: OpenTab) -> None:
    tab = open_tab(Role.MANAGER)
    faults = []
    for url in ("/my-day", f"/my-day?csr={company.people[Role.CSR].id}"):
        hide(tab)
        tab.set_viewport_size({"width": WIDTHS[0], "height": 900})
        tab.goto(url)
        faults += [f"{url}: {fault}" for fault in faults_of_looks(tab)]

    assert faults == []


def _faults(tab: Page, known: KnownShapes, address: str) -> list[str]:
    """List the faults of the page at all widths, beginning with the current one; axe checks only new structures."""
    new = known.new_in(tab, address)
    looks = Turn.of(LOOKS, address) if any(new) else []
    if looks:
        tab.evaluate("parts => crawl.leaveOut(...parts)", new)
        without_transitions(tab)
    faults = faults_at_width(tab, WIDTHS[0], looks)
    for width in narrow.WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        faults += narrow_faults(tab, width)
        if width in WIDTHS:
            faults += faults_at_width(tab, width, looks)
    return faults
