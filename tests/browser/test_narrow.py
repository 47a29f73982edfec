"""Lists on a phone: what has no room as a column stands below the name of the row, and numbers stay whole."""

import pytest
from flask import Flask
from playwright.sync_api import Page

from app.models import Role, StaffRole
from tests.browser.conftest import OpenTab
from tests.support.browser import scrolls_sideways
from tests.support.company import Company, page_addresses
from tests.support.factories import Factories

pytestmark = pytest.mark.browser

#: Cells that have left without their value in the row's name; a bar repeats a figure, and what one can do is no value.
_LOST = """() => [...document.querySelectorAll("main .tbl tbody tr")].flatMap(row => {
  const words = element => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll(".av").forEach(avatar => avatar.remove());
    return copy.textContent.replace(/\\s+/g, "");
  };
  const lines = [...row.querySelectorAll(".folds > *")].filter(line => line.checkVisibility()).map(words);
  return [...row.cells]
    .filter(cell => !cell.checkVisibility() && !cell.matches(".act, .bar-cell"))
    .map(words)
    .filter(value => value && value !== "–" && !lines.some(line => line.endsWith(value)));
})"""
_BROKEN = r"""() => {
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), found = [];
  for (let node; (node = walker.nextNode()); ) {
    for (const match of node.data.matchAll(/\(\d{3}\) \d{3}-\d{4}|\+\d[\d -]{6,}\d/g)) {
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) found.push(match[0]);
    }
  }
  return found;
}"""


def faults(tab: Page) -> list[str]:
    return [
        *(f"lost: {one}" for one in tab.evaluate(_LOST)),
        *(f"broken: {one}" for one in tab.evaluate(_BROKEN)),
        *(["scrolls sideways"] if scrolls_sideways(tab) else []),
    ]


@pytest.mark.parametrize("role", [Role.OWNER, StaffRole.ADMIN])
def test_nothing_is_lost_on_a_phone(
    app: Flask, company: Company, make: Factories, open_tab: OpenTab, role: Role | StaffRole
) -> None:
    who = make.staff(role) if isinstance(role, StaffRole) else role
    urls = ["/organizations"] if isinstance(role, StaffRole) else page_addresses(app, company, role)
    tab = open_tab(who, width=390)
    found = {}
    for url in urls:
        tab.set_viewport_size({"width": 390, "height": 900})
        tab.goto(url)
        if not tab.locator("main .tbl").count() and "/calls/" not in url:
            continue
        wrong = faults(tab)
        for width in (320, 600):
            tab.set_viewport_size({"width": width, "height": 900})
            wrong += [f"{width} {fault}" for fault in faults(tab)]
        if wrong:
            found[url] = wrong
    assert not found, "\n".join(f"{url}: {wrong}" for url, wrong in found.items())
