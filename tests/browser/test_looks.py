"""Where the crawl has found something: nothing is cut, spilled or laid over another, in any language, also on paper."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from app.models import Language, Role
from tests.browser.conftest import OpenTab
from tests.browser.crawl import PAPER
from tests.support.company import Company
from tests.support.factories import Factories

pytestmark = pytest.mark.browser

_SCRIPT = Path(__file__).with_name("crawl.js").read_text()
#: Long words in tables, facts, buttons and menus.
PAGES = ("/csr", "/calls", "/leads", "/audit", "/users", "/roles", "/organization", "/organization/retention")


def asked(tab: Page, *questions: str) -> list[str]:
    return [str(one) for question in questions for one in tab.evaluate(f"crawl.{question}()")]


def opened(tab: Page) -> list[str]:
    """What is wrong with what opens over the page, each on its own."""
    found = []
    for index, name in enumerate(asked(tab, "overlays")):
        found += [f"{name}: {fault}" for fault in tab.evaluate(f"crawl.open({index})")]
        tab.evaluate(f"crawl.close({index})")
    return found


@pytest.mark.parametrize("language", list(Language))
def test_nothing_is_cut_or_spilled(company: Company, make: Factories, open_tab: OpenTab, language: Language) -> None:
    owner = make.user(company.organization, role=Role.OWNER, language=language)
    tab = open_tab(owner)
    tab.add_init_script(_SCRIPT)
    found = {}
    for url in (*PAGES, f"/users/{company.rows['user'].id}/second-factor"):
        tab.set_viewport_size({"width": 1440, "height": 900})
        tab.goto(url)
        wrong = [f"1440 {one}" for one in (*asked(tab, "cut", "overlapping"), *opened(tab))]
        tab.set_viewport_size({"width": 320, "height": 900})
        wrong += [f"320 {one}" for one in (*asked(tab, "sideways", "cut", "overlapping"), *opened(tab))]
        tab.emulate_media(media="print")
        tab.set_viewport_size({"width": PAPER, "height": 1047})
        wrong += [f"print {one}" for one in asked(tab, "sideways", "cut", "overlapping", "controls")]
        tab.emulate_media(media="screen")
        if wrong:
            found[url] = wrong
    assert found == {}
