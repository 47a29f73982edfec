"""How an open page looks, at all widths, in both themes, zoomed, in forced colours and on paper."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, ViewportSize

from tests.support.browser import Theme, faults_in_themes, without_transitions

#: What a page is asked with: `window.crawl`.
SCRIPT = Path(__file__).with_name("crawl.js").read_text()
#: A wide window, phones and the narrowest.
WIDTHS = (1440, 390, 320)
HEIGHT = 900
#: The wide window at 200 %: half as many pixels of the page's, each drawn with four.
ZOOMED = {"width": 720, "height": 450, "deviceScaleFactor": 2, "mobile": False}
#: A4, which is what media queries are asked of on paper.
PAPER: ViewportSize = {"width": 794, "height": 1047}
#: `margins` finds nothing: it lays the page out between them.
ON_PAPER = ("margins", "sideways", "scrollers", "cut", "controls", "overlapping")
#: Where axe is asked: in a wide window by day, and in a narrow one by night, which has parts of its own.
_AXE: Mapping[int, Theme] = {WIDTHS[0]: "light", WIDTHS[1]: "dark"}
#: With it the page hears of its width.
_NEXT_FRAME = "new Promise(requestAnimationFrame)"


def asked(tab: Page, *questions: str) -> list[str]:
    """What the page in the tab, which has the script, answers to these questions of it."""
    return list(map(str, tab.evaluate("questions => questions.flatMap(one => crawl[one]())", questions)))


def opened(tab: Page) -> list[str]:
    """What is wrong with what opens over the page: menus, sheets, dialogs, each on its own."""
    return list(map(str, tab.evaluate("crawl.opened()")))


class New(NamedTuple):
    """What of a page is of a shape that nobody has seen: itself, and what is around it."""

    page: bool
    around: bool


def looks(tab: Page, new: New, *, with_axe: bool) -> Iterator[tuple[str, list[str]]]:
    """Each way of looking at the page, and what is wrong with it there; ends in a wide window by day."""
    without_transitions(tab)
    tab.evaluate("parts => crawl.thin(...parts)", new)
    for width in WIDTHS:
        _resize(tab, width)
        questions = ["sideways", "cut", "overlapping", "tabs", *(["wrapped"] if width == WIDTHS[0] else [])]
        yield str(width), asked(tab, *questions)
        if with_axe and width in _AXE:
            tab.evaluate("scrollTo(0, 0)")  # what is half under a bar counts as small
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
