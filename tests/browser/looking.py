"""Checks of an open page's layout: at all widths, in both themes, zoomed, in forced colors and in print."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, ViewportSize

from tests.support.browser import Theme, faults_in_themes, without_transitions

#: The script that checks a page: `window.crawl`.
SCRIPT = Path(__file__).with_name("crawl.js").read_text()
#: A wide window, a phone and the narrowest supported width.
WIDTHS = (1440, 390, 320)
HEIGHT = 900
#: The wide window at 200 %: half as many CSS pixels, each drawn with four.
ZOOMED = {"width": 720, "height": 450, "deviceScaleFactor": 2, "mobile": False}
#: A4, the size that media queries see in print.
PAPER: ViewportSize = {"width": 794, "height": 1047}
#: `margins` reports nothing: it applies the margins of the paper.
ON_PAPER = ("margins", "sideways", "scrollers", "cut", "controls", "overlapping")
#: Views checked with axe: a wide window in the light theme, and a narrow one, which has its own controls, in the dark
#: theme.
_AXE: Mapping[int, Theme] = {WIDTHS[0]: "light", WIDTHS[1]: "dark"}
#: Gives the page time to react to its new width.
_NEXT_FRAME = "new Promise(requestAnimationFrame)"


def asked(tab: Page, *questions: str) -> list[str]:
    """Run these functions of the crawl's script in the tab, and return all their results, such as faults."""
    return list(map(str, tab.evaluate("questions => questions.flatMap(one => crawl[one]())", questions)))


def opened(tab: Page) -> list[str]:
    """Return the faults of everything that opens over the page: menus, sheets and dialogs, one at a time."""
    return list(map(str, tab.evaluate("crawl.opened()")))


class New(NamedTuple):
    """Parts of a page whose structure is new: the page itself, and its surroundings."""

    page: bool
    around: bool


def looks(tab: Page, new: New, *, with_axe: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield each view of the page with its faults.

    At the end, the window is wide again, with the light theme.
    """
    without_transitions(tab)
    tab.evaluate("parts => crawl.thin(...parts)", new)
    for width in WIDTHS:
        _resize(tab, width)
        questions = ["sideways", "cut", "overlapping", "tabs", *(["wrapped"] if width == WIDTHS[0] else [])]
        yield str(width), asked(tab, *questions)
        if with_axe and width in _AXE:
            tab.evaluate("scrollTo(0, 0)")  # axe reports controls partly under a bar as too small
            yield "axe", faults_in_themes(tab, [_AXE[width]])
            tab.emulate_media(color_scheme="light")
        if width == WIDTHS[0]:
            yield "forced colours", _forced(tab)
        if width != WIDTHS[-1]:
            yield f"{width} opened", opened(tab)
    yield "zoomed", _zoomed(tab)
    yield "print", _printed(tab)
    _resize(tab, WIDTHS[0])


def _resize(tab: Page, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": HEIGHT})
    tab.evaluate(_NEXT_FRAME)


def _forced(tab: Page) -> list[str]:
    asked(tab, "fills")
    tab.emulate_media(forced_colors="active")
    found = asked(tab, "lostFills", "sideways", "cut")
    tab.emulate_media(forced_colors="none")
    return found


def _zoomed(tab: Page) -> list[str]:
    session = tab.context.new_cdp_session(tab)
    session.send("Emulation.setDeviceMetricsOverride", ZOOMED)
    found = asked(tab, "sideways", "cut", "overlapping")
    session.send("Emulation.clearDeviceMetricsOverride")
    session.detach()
    return found


def _printed(tab: Page) -> list[str]:
    tab.emulate_media(media="print")
    tab.set_viewport_size(PAPER)
    found = asked(tab, *ON_PAPER)
    tab.emulate_media(media="screen")
    return found
