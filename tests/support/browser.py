"""Helpers for tests with a real Chromium that opens the app on a loopback port."""

import os
import random
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from typing import Any, Literal
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright
from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

from app.models import User
from app.security.identity import SESSION_COOKIE
from tests.support.client import session_token
from tests.support.factories import PASSWORD
from tests.support.serving import serving
from tests.support.turns import Turn

_AXE_FILE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"
#: Makes `axe` available in a page; its script runs when it is first used, so it costs little on pages without a check.
AXE = f"""Object.defineProperty(window, "axe", {{
  configurable: true,
  get() {{
    delete window.axe;
    {_AXE_FILE.read_text()}
    return window.axe;
  }},
}});"""

Theme = Literal["light", "dark"]
WIDTHS = (1440, 390)
THEMES: tuple[Theme, ...] = ("light", "dark")
#: Widths and themes in which axe checks a page, in the order of their turns.
LOOKS: tuple[tuple[int, Theme], ...] = ((1440, "light"), (390, "dark"), (1440, "dark"), (390, "light"))
#: Rule sets of axe: all of them, and the rules that only a theme's colors can break.
ALL_RULES = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice")
COLOR_RULES = ("color-contrast", "link-in-text-block")

#: Environment variable with the name of the browser to use, such as `chromium`.
CHOICE = "TEST_BROWSER"
#: Environment variable with a number of seconds: every response is late by up to that long, as on a slow machine.
DELAY = "TEST_DELAY_SECONDS"
#: Executables in order of preference. The shell is the same engine without windows, toolbars and a profile, for half
#: the CPU time.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: A microphone that beeps. The shell has no permission prompt, so the permission is granted to every page; a test of a
#: refusal makes the page refuse it.
_BEEPS = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
_QUIET = ("--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--no-first-run")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_NOTHING_ON_ITS_WAY = """() =>
  !document.querySelector("[aria-busy=true]:not(.btn, .skeleton), .htmx-request, [hx-trigger~=load]") &&
  !document.getAnimations().some(one => one instanceof CSSTransition)"""
_LAYOUT_FAULTS = """() => [
  ...[...document.querySelectorAll("[id]")].map(element => element.id)
    .filter((id, place, all) => all.indexOf(id) !== place).map(id => `#${id} twice`),
  ...(document.documentElement.scrollWidth > innerWidth ? ["scrolls sideways"] : []),
]"""
_TWO_FRAMES = "new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))"
_NO_TRANSITIONS = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("*, ::before, ::after { transition: none !important }");
  document.adoptedStyleSheets.push(sheet);
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a headless browser, or fail the test with instructions for installing one."""
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    """Start a headless browser, or fail the test with instructions for installing one."""
    found = _executable()
    # Chromium's own sandbox refuses to run as root.
    unsandboxed = ("--no-sandbox",) if os.geteuid() == 0 else ()
    # A busy machine needs more time; elements that never appear still fail.
    expect.set_options(timeout=30_000)
    browser = playwright.chromium.launch(executable_path=found, args=[*_QUIET, *_BEEPS, *unsandboxed])
    try:
        yield browser
    finally:
        browser.close()


def _executable() -> str:
    names = (os.environ[CHOICE],) if os.environ.get(CHOICE) else _NAMES
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail(
            f"The browser tests found none of {', '.join(names)}. Install one: apt-get install chromium-headless-shell "
            f"(or chromium), or name another on the PATH in {CHOICE}."
        )
    return found


class _LateApp:
    """An app whose responses are up to `most` seconds late, as on a slow machine.

    The browser stores nothing, so that the scripts of every page are late.
    """

    def __init__(self, app: WSGIApplication, most: float) -> None:
        self._app, self._most = app, most
        self._is_over = Event()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Callable[[bytes], object]:
            others = [(name, value) for name, value in headers if name.lower() != "cache-control"]
            return start_response(status, [*others, ("Cache-Control", "no-store")], *exc_info)

        if self._is_over.wait(random.uniform(0, self._most)):  # noqa: S311 - varies the order of arrival, no secret
            start_response("503 Service Unavailable", [])
            return []
        return self._app(environ, start)

    def end(self) -> None:
        """Keep requests that wait from reaching the app, which the next test uses."""
        self._is_over.set()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve `app` from a thread, and yield its URL."""

    def taken_whole(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        # If the browser disconnects during a response, Werkzeug's server leaves the response open, and its file too.
        with closing(ClosingIterator(answer_of(environ, start_response))) as answer:
            return list(answer)

    delay = float(os.environ.get(DELAY) or 0)
    late_app = _LateApp(app, delay)
    answer_of: WSGIApplication = late_app if delay else app
    server = make_server("127.0.0.1", 0, taken_whole, threaded=True)
    with serving(server):
        yield f"http://127.0.0.1:{server.server_port}"
        late_app.end()


def sign_in(tab: Page, user: User) -> None:
    """Sign in with the form, as a person does."""
    tab.goto("/login")
    tab.get_by_label("Email").fill(user.email)
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.wait_for_url(lambda url: "/login" not in url)


def set_session(tab: Page, app: Flask, address: str, user: User) -> None:
    """Sign in without the form, in a tab of the app at `address`: saves the two or three pages of a sign-in."""
    tab.context.add_cookies([{"name": SESSION_COOKIE, "value": session_token(app, user), "url": address}])


def wait_for_scripts(tab: Page) -> None:
    """Wait until the scripts of the page have run: before that, keys and gestures have no effect.

    For pages that a click or a key leads to; Playwright itself waits only when it opens or reloads a page. The caller
    must have seen an element of the new page.
    """
    tab.wait_for_load_state()


def faults(tab: Page, rules: Sequence[str] = ALL_RULES) -> list[str]:
    """Return the faults of the current page: axe violations, duplicate IDs, and horizontal scrolling."""
    violations = accessibility_faults(tab, rules)  # first, since it waits for the page
    return [*violations, *layout_faults(tab)]


def layout_faults(tab: Page) -> list[str]:
    """Return the duplicate IDs of the current page, and whether it scrolls horizontally.

    After a change of width, or while a part of the page is replaced, it can be too wide for a moment: if there is a
    fault, the page is checked again once nothing is on its way.
    """
    faults: list[str] = tab.evaluate(_LAYOUT_FAULTS)
    if faults:
        tab.wait_for_load_state()
        tab.wait_for_function(_NOTHING_ON_ITS_WAY)
        tab.evaluate(_TWO_FRAMES)
        faults = tab.evaluate(_LAYOUT_FAULTS)
    return faults


def hide(tab: Page) -> None:
    """Hide the page before the window is changed for the next one: this page needn't be laid out and drawn again."""
    tab.evaluate("document.documentElement.hidden = true")


def without_transitions(tab: Page) -> None:
    """Disable CSS transitions, so that changes of theme or layout take effect immediately."""
    tab.evaluate(_NO_TRANSITIONS)


def faults_in_themes(tab: Page, themes: Sequence[Theme] = THEMES) -> list[str]:
    """Return the faults of the page in the theme whose turn it is, without reloading it.

    If all have their turn, only the color rules are checked again after the first one: nothing else differs.
    """
    without_transitions(tab)
    found = []
    for place, theme in enumerate(Turn.of(themes, address_of(tab))):
        tab.emulate_media(color_scheme=theme)
        found += [f"{theme}: {fault}" for fault in faults(tab, COLOR_RULES if place else ALL_RULES)]
    return found


def faults_of_looks(tab: Page) -> list[str]:
    """Return the faults on a wide screen and on a phone; axe checks the look whose turn it is.

    A look is a width in a theme. The widths have their own elements, and so have the themes, such as the button that
    switches to the other one.
    """
    without_transitions(tab)
    turn = Turn.of(LOOKS, address_of(tab))
    found = []
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        found += faults_at_width(tab, width, turn)
    return found


def faults_at_width(tab: Page, width: int, looks: Iterable[tuple[int, Theme]]) -> list[str]:
    """Return the faults at the current width, and those that axe finds in the `looks` of this width.

    The page must be `without_transitions`.
    """
    found = [f"{width} {fault}" for fault in layout_faults(tab)]
    for place, theme in enumerate(theme for its_width, theme in looks if its_width == width):
        tab.emulate_media(color_scheme=theme)
        rules = COLOR_RULES if place else ALL_RULES
        found += [f"{width} {theme}: {fault}" for fault in accessibility_faults(tab, rules)]
    return found


def address_of(tab: Page) -> str:
    """Return the path of the page without the ids of records, which differ from run to run."""
    return _ID.sub("…", urlsplit(tab.url).path)


def accessibility_faults(tab: Page, rules: Sequence[str] = ALL_RULES) -> list[str]:
    """Return the rule and the HTML of each axe violation.

    Elements with `data-alike`, which repeat others, are excluded.
    """
    tab.wait_for_load_state()  # the styles of a page that a click led to can be late
    # A running transition dims what it replaces, so its colors aren't those that users read.
    tab.wait_for_function(_NOTHING_ON_ITS_WAY)
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE)
    found = tab.evaluate(
        """async rules => (await axe.run({exclude: ["[data-alike]"]},
            {runOnly: rules, resultTypes: ["violations"], preload: false}))
          .violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)}`))""",
        rules,
    )
    return [str(fault) for fault in found]


def scrolls_sideways(tab: Page) -> bool:
    """Return whether the page is wider than the window."""
    return bool(tab.evaluate("document.documentElement.scrollWidth > innerWidth"))
