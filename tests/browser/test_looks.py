"""Pages on which the crawl found faults: nothing is clipped, overflowing or overlapping, also in print."""

from datetime import UTC, datetime, timedelta

import pytest

from app.models import Language, Role
from tests.browser.conftest import OpenTab
from tests.browser.looking import ON_PAPER, PAPER, SCRIPT, New, asked, opened
from tests.support.browser import hide
from tests.support.company import Company
from tests.support.factories import Factories
from tests.support.turns import Turn

pytestmark = pytest.mark.browser

#: Long words in tables, facts, buttons and menus; separately scrolling parts; dates within sentences.
PAGES = (
    "/csr", "/calls?from=2026-03-01&to=2026-03-31", "/leads", "/leads/board", "/missed-calls/funnel",
    "/appointments/new", "/calendar", "/calendar/team", "/tasks", "/audit", "/users", "/roles", "/organization",
)  # fmt: skip


@pytest.mark.parametrize("language", list(Language))
def test_nothing_is_cut_or_spilled(company: Company, make: Factories, open_tab: OpenTab, language: Language) -> None:
    owner = make.user(company.organization, role=Role.OWNER, language=language)
    make.missed_entry(company.organization, first_missed_at=datetime.now(UTC) - timedelta(hours=1))
    tab = open_tab(owner)
    tab.add_init_script(SCRIPT)
    found = {}
    surroundings: set[str] = set()
    rows = company.rows
    pages = (*PAGES, f"/users/{rows['user'].id}/second-factor", f"/contacts/{rows['contact'].id}")
    for url in Turn.of(pages, language):
        hide(tab)
        tab.emulate_media(media="screen")
        tab.set_viewport_size({"width": 1440, "height": 900})
        tab.goto(url)
        # What opens around the page is opened once for each structure of the surroundings.
        _page, around = asked(tab, "shapes")
        tab.evaluate("parts => crawl.leaveOut(...parts)", New(page=True, around=around not in surroundings))
        surroundings.add(around)
        wrong = [f"1440 {one}" for one in (*asked(tab, "cut", "overlapping", "doubled"), *opened(tab))]
        tab.set_viewport_size({"width": 720, "height": 900})
        wrong += [f"720 {one}" for one in asked(tab, "sideways", "cut")]
        tab.set_viewport_size({"width": 390, "height": 900})
        wrong += [f"390 {one}" for one in opened(tab)]
        tab.set_viewport_size({"width": 320, "height": 900})
        wrong += [f"320 {one}" for one in (*asked(tab, "sideways", "cut", "overlapping"), *opened(tab))]
        tab.emulate_media(media="print")
        tab.set_viewport_size(PAPER)
        wrong += [f"print {one}" for one in asked(tab, *ON_PAPER)]
        if wrong:
            found[url] = wrong
    assert found == {}


def test_states_keep_their_shapes_in_forced_colours(open_tab: OpenTab) -> None:
    tab = open_tab(Role.OWNER)
    tab.emulate_media(forced_colors="active")
    tab.goto("/styleguide")
    shapes = tab.evaluate(
        """() => Object.fromEntries(["good", "info", "warn", "bad"].map(kind => {
          const {backgroundColor, borderInlineStartWidth, borderInlineEndWidth} =
            getComputedStyle(document.querySelector(`.badge--${kind}`), "::before");
          return [kind, [backgroundColor, borderInlineStartWidth !== borderInlineEndWidth]];
        }))"""
    )
    paper = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert [kind for kind, (fill, is_half) in shapes.items() if fill == paper and not is_half] == []
