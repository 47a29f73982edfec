"""Where the crawl has found something: nothing is cut, spilled or laid over another, in any language, also on paper."""

import pytest

from app.models import Language, Role
from tests.browser.conftest import OpenTab
from tests.browser.crawl import PAPER, SCRIPT, asked, opened
from tests.support.company import Company
from tests.support.factories import Factories

pytestmark = pytest.mark.browser

#: Long words in tables, facts, buttons and menus.
PAGES = ("/csr", "/calls", "/leads", "/audit", "/users", "/roles", "/organization")


@pytest.mark.parametrize("language", list(Language))
def test_nothing_is_cut_or_spilled(company: Company, make: Factories, open_tab: OpenTab, language: Language) -> None:
    owner = make.user(company.organization, role=Role.OWNER, language=language)
    tab = open_tab(owner)
    tab.add_init_script(SCRIPT)
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
