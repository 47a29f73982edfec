"""Pages in print: lists begin on the first sheet, controls are hidden, and no value of a row is lost."""

import re
import zlib
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.models import Role
from tests.browser.conftest import OpenTab
from tests.support.company import Company
from tests.support.factories import DAY, Factories

pytestmark = pytest.mark.browser

#: Calls in the list: more than fit on a sheet.
MANY = 60
_CONTROLS = """() => [...document.querySelectorAll(
    "a.skip, button, input, select, textarea, summary, nav:not(.seg), .btn")]
  .filter(element => element.checkVisibility() && !element.closest("nav[aria-label=Breadcrumbs]"))
  .map(element => element.outerHTML.slice(0, 120))"""
_LOST = """() => [...document.querySelectorAll("main .tbl tbody tr")].flatMap(row =>
  [...row.cells].filter(cell => !cell.checkVisibility() && !cell.matches(".act, .tick, .bar-cell"))
    .map(cell => cell.textContent.replace(/\\s+/g, ""))
    .filter(value => value && value !== "–" && ![...row.querySelectorAll(".folds > *")]
      .some(line => line.checkVisibility() && line.textContent.replace(/\\s+/g, "").endsWith(value))))"""


def strings_on(tab: Page, sheet: int) -> int:
    """Return the number of text fragments on a sheet of the printed page."""
    printed = tab.pdf(format="A4", page_ranges=str(sheet))
    streams = re.findall(rb"/FlateDecode[^>]*>>\s*stream\r?\n(.*?)\r?\nendstream", printed, re.DOTALL)
    return sum(zlib.decompress(one).count(b"Tj") + zlib.decompress(one).count(b"TJ") for one in streams)


@pytest.fixture
def printed(make: Factories, company: Company, open_tab: OpenTab) -> Page:
    with make.batch():
        for _number in range(MANY):
            make.call(company.organization, csr=company.people[Role.CSR])
    tab = open_tab(Role.OWNER, theme="dark")
    tab.emulate_media(media="print")
    tab.set_viewport_size({"width": 718, "height": 1047})  # A4 between its margins
    return tab


def test_a_list_begins_on_the_first_sheet(printed: Page) -> None:
    printed.goto("/calls?period=last_90")
    assert strings_on(printed, 1) > 100
    printed.goto("/calls")
    assert strings_on(printed, 1) > 100


def test_paper_has_no_controls_and_all_columns(printed: Page) -> None:
    faults = {}
    for url in ("/calls?period=last_7", "/csr", "/users", "/organization", "/organization/billing", "/audit"):
        printed.goto(url)
        if problems := [*printed.evaluate(_CONTROLS), *printed.evaluate(_LOST)]:
            faults[url] = problems

    assert faults == {}


def test_a_period_is_printed_with_its_days_and_on_white(printed: Page) -> None:
    printed.goto("/calls?from=2026-03-01&to=2026-03-31")
    assert printed.locator(".period").inner_text().split("\n")[0] == "Mar 1 – 31, 2026"
    colour = printed.evaluate("getComputedStyle(document.body).color")
    [lightness] = re.findall(r"oklch\(([\d.]+)", colour)
    assert float(lightness) < 0.5


def test_each_page_of_the_company_is_one_sheet(make: Factories, company: Company, open_tab: OpenTab) -> None:
    with make.batch():
        for number in range(12):
            csr, rep = (make.user(company.organization, role=role) for role in (Role.CSR, Role.SALES_REP))
            for visit in range(number):
                make.call(company.organization, csr=csr, status="missed" if number % 2 else "completed")
                start = DAY + timedelta(hours=3 * visit)
                make.appointment(company.organization, csr_id=csr.id, sales_rep_id=rep.id, scheduled_start_at=start)
    tab = open_tab(Role.EXEC)

    sheets = {}
    for page in ("csr", "sales", "missed-calls"):
        tab.goto(f"/exec/{page}?period=custom&from=2026-03-01&to=2026-03-31")
        expect(tab.locator("h1")).to_be_visible()
        for paper in ("A4", "Letter"):
            printed = tab.pdf(format=paper, prefer_css_page_size=True)
            sheets[page, paper] = len(re.findall(rb"/Type\s*/Page\b", printed))

    assert set(sheets.values()) == {1}, sheets
