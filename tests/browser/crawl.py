"""`make crawl`: every page as every role in every language, at all widths, in both themes, forced colours and print.

On the demonstration company, by the links and forms of the pages themselves, so that a page that comes later is looked
at unchanged. Prints what it finds, a line each, and ends with 1 if there is anything.
"""

import argparse
import logging
import multiprocessing
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.config import PROJECT_ROOT, Settings
from app.models import Language
from app.security.guard import is_static
from tests.browser.demonstration import admin_engine, demonstration, pages_of_rare_rows, people, sign_in, unlimited
from tests.browser.visits import IS_VISITING, VISITS, Visit
from tests.support.browser import AXE, chromium, faults_in_themes, served, without_transitions
from tests.support.company import NO_PAGES
from tests.support.untranslated import stored_texts, untranslated

FOLDER = PROJECT_ROOT / "var" / "crawl"
STRANGER = "stranger"
#: A wide window, phones and the narrowest.
WIDTHS = (1440, 390, 320)
HEIGHT = 900
PROCESSES = 2
#: The wide window at 200 %: half as many pixels of the page's, each drawn with four.
ZOOMED = {"width": 720, "height": 450, "deviceScaleFactor": 2, "mobile": False}
#: A4 between its margins.
PAPER = 718
#: Where a crawl begins; what is not linked from anywhere is added.
STARTS: Mapping[str, Sequence[str]] = {
    STRANGER: ("/login", "/login/forgot", "/password/spent", "/invitations/accept/spent", "/nowhere"),
    "": ("/", "/account", "/nowhere", "/calls?q=0000000000", "/calls?from=2026-03-01&to=2026-03-01"),
}
#: Answers that are pages too.
OK = 200
ANSWERS = frozenset({OK, 403, 404, 409, 410, 422})
SCRIPT = Path(__file__).with_suffix(".js").read_text()

#: What is right as it is: what the fault says, and why.
RIGHT: Sequence[tuple[str, str]] = (
    (r"^/saved-views\S* 0 places are marked", "one comes to them by the menu of a list"),
    (r"/organization/assistant English: [A-Z][a-z]+$", "voices have names"),
    (r"English: •+", "the end of a secret"),
    (r"^/outbox\S* English: .*\.\.\.$", "the first words of a message"),
    (r"^/audit/\S+ English: Mozilla/", "what a browser calls itself"),
    (r"English: Csr$", "the first name of a person who was made for this"),
    (r"^/bulk/\S+ English: Outcome$", "what was set is kept in the words of whoever did it"),
    (r"/imports/\S+ English: (Ada|First name|Phone)$", "stands in the file"),
)


def asked(tab: Page, *questions: str) -> list[str]:
    """What the page in the tab, which has the script, answers to these questions of it."""
    return [str(one) for question in questions for one in tab.evaluate(f"crawl.{question}()")]


def opened(tab: Page) -> list[str]:
    """What is wrong with what opens over the page: menus, sheets, dialogs, each on its own."""
    found = []
    for index, name in enumerate(asked(tab, "overlays")):
        found += [f"{name}: {fault}" for fault in tab.evaluate(f"crawl.open({index})")]
        tab.evaluate(f"crawl.close({index})")
    return found


class Finding(NamedTuple):
    role: str
    language: str
    view: str
    url: str
    fault: str

    @property
    def is_right(self) -> bool:
        """Whether one of the exceptions says so."""
        return any(re.search(pattern, f"{self.url} {self.fault}") for pattern, _why in RIGHT)


@dataclass
class Crawl:
    """One person's tab, which goes through all pages in each language."""

    app: Flask
    tab: Page
    role: str
    data: Set[str]
    starts: Sequence[str] = ()
    only: str = ""
    visit: Visit | None = None
    pages: list[str] = field(default_factory=list)
    english: dict[str, Sequence[str]] = field(default_factory=dict)
    language: str = Language.ENGLISH
    status: int = 0
    wrong: list[str] = field(default_factory=list)
    refused: set[tuple[str, str]] = field(default_factory=set)

    def findings(self, languages: Sequence[str]) -> Iterator[Finding]:
        """Everything that is wrong; English comes first, as it says where the pages are."""
        self.tab.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.tab.on("pageerror", lambda error: self.wrong.append(str(error)))
        for language in [Language.ENGLISH, *(one for one in languages if one != Language.ENGLISH)]:
            self.language = language
            self._speak()
            if language == Language.ENGLISH:
                yield from self._discover(is_looked_at=Language.ENGLISH in languages)
            else:
                for url in self.pages:
                    self._open(url)
                    yield from self._visit(url)

    def _speak(self) -> None:
        self._leave()
        if self.role == STRANGER:
            self.tab.goto("/login")
            self.tab.locator(f"button[name=language][value={self.language}]").click()
        else:
            self.tab.goto("/account")
            self.tab.locator("select[name=language]").select_option(self.language)
            self.tab.locator("form:has(select[name=language]) button[type=submit]").click()
        self.tab.wait_for_selector(f"html[lang={self.language}]", state="attached")
        if self.visit:
            self.visit.enter(self.tab)

    def _leave(self) -> None:
        """To one's own pages: only there the language can be chosen."""
        there = self.tab.locator(IS_VISITING)
        if self.visit and there.count():
            there.locator("button").click()
            there.wait_for(state="detached")

    def _discover(self, *, is_looked_at: bool) -> Iterator[Finding]:
        """Follow links and filters from page to page: of each route one address without a query and one with."""
        waiting = list(STARTS[STRANGER] if self.role == STRANGER else [*STARTS[""], *self._without_arguments()])
        waiting += filter(self._kind, self.starts)
        known = {self._kind(url) for url in waiting}
        reached = set()
        while waiting:
            url = waiting.pop(0)
            here = self._open(url)
            page = here if self.status == OK else str(self.status)  # refusals are alike
            if here is None or page in reached:
                continue
            reached.add(page)
            for address in self.tab.evaluate("crawl.addresses()"):
                split = urlsplit(address)
                found = f"{split.path}?{split.query}" if split.query else split.path
                kind = self._kind(found) if self.tab.url.startswith(f"{split.scheme}://{split.netloc}/") else None
                if kind and kind not in known:
                    known.add(kind)
                    waiting.append(found)
            if self.only in here:
                self.pages.append(here)
                if is_looked_at:
                    yield from self._visit(here)

    def _without_arguments(self) -> Iterator[str]:
        for rule in self.app.url_map.iter_rules():
            if not rule.arguments and "GET" in (rule.methods or ()) and self._kind(rule.rule):
                yield rule.rule

    def _kind(self, url: str) -> tuple[str, bool] | None:
        """The route of a page, and whether it is asked with a query; None for what is no page of this person's."""
        split = urlsplit(url)
        if any(part in split.path for part in (*NO_PAGES, "/styleguide")) or "/login" in split.path:
            return None
        try:
            endpoint, _arguments = self.app.url_map.bind("").match(split.path, "GET")
        except (RequestRedirect, HTTPException):
            return None
        return None if is_static(endpoint) else (endpoint, bool(split.query))

    def _open(self, url: str) -> str | None:
        """Where one comes to; None where that is no page."""
        if self.visit and not self.tab.locator(IS_VISITING).count():
            self.visit.enter(self.tab)  # a visit ends by itself after a while
        self.wrong.clear()
        response = self.tab.goto(url)
        if response is None or "text/html" not in response.headers.get("content-type", ""):
            return None
        self.status = response.status
        if self.status != OK:
            self.wrong.clear()  # the browser says so of every refusal
        split = urlsplit(self.tab.url)
        return f"{split.path}?{split.query}" if split.query else split.path

    def _visit(self, url: str) -> Iterator[Finding]:
        """All that is wrong with the page that is open, and with the same page once its forms were refused."""
        yield from self._told("loaded", url, self.wrong if self.status in ANSWERS else [f"answered {self.status}"])
        if self.status == OK:
            yield from self._told("place", url, asked(self.tab, "place"))
        yield from self._looks(url)
        for action in asked(self.tab, "forms"):
            if (self.language, action) not in self.refused:
                self.refused.add((self.language, action))
                yield from self._refused(url, action)

    def _looks(self, url: str) -> Iterator[Finding]:
        """How the page that is open looks, however it is looked at."""
        without_transitions(self.tab)
        for width in WIDTHS:
            self.tab.set_viewport_size({"width": width, "height": HEIGHT})
            self.tab.evaluate("new Promise(requestAnimationFrame)")  # the page hears of its width with the next frame
            questions = ["sideways", "cut", "overlapping", "tabs", *(["wrapped"] if width == WIDTHS[0] else [])]
            yield from self._told(str(width), url, asked(self.tab, *questions))
            if width != WIDTHS[-1]:
                yield from self._told(f"{width} opened", url, opened(self.tab))
        yield from self._told("zoomed", url, self._zoomed())
        self._wide()
        if self.language == Language.ENGLISH:
            yield from self._told("axe", url, self._inaccessible())
        yield from self._told("words", url, self._untranslated(url))
        yield from self._told("forced colours", url, self._forced())
        yield from self._told("print", url, self._printed())

    def _wide(self) -> None:
        self.tab.emulate_media(media="screen", color_scheme="light", forced_colors="none")
        self.tab.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})

    def _inaccessible(self) -> list[str]:
        """What axe finds: everything in a wide window by day, and what the narrow one by night has of its own."""
        found = faults_in_themes(self.tab, ["light"])
        self.tab.set_viewport_size({"width": WIDTHS[1], "height": HEIGHT})
        found += faults_in_themes(self.tab, ["dark"])
        self._wide()
        return found

    def _zoomed(self) -> list[str]:
        session = self.tab.context.new_cdp_session(self.tab)
        session.send("Emulation.setDeviceMetricsOverride", ZOOMED)
        found = asked(self.tab, "sideways", "cut", "overlapping")
        session.send("Emulation.clearDeviceMetricsOverride")
        session.detach()
        return found

    def _forced(self) -> list[str]:
        asked(self.tab, "fills")
        self.tab.emulate_media(forced_colors="active")
        found = asked(self.tab, "lostFills", "sideways", "cut")
        self.tab.emulate_media(forced_colors="none")
        return found

    def _printed(self) -> list[str]:
        self.tab.emulate_media(media="print")
        self.tab.set_viewport_size({"width": PAPER, "height": 1047})
        found = asked(self.tab, "sideways", "cut", "controls", "overlapping")
        self._wide()
        return found

    def _untranslated(self, url: str) -> list[str]:
        words = asked(self.tab, "words")
        if self.language == Language.ENGLISH:
            self.english[url] = words
            return []
        same = set(words) & set(self.english.get(url, ()))
        return [f"English: {one[:120]}" for one in sorted(untranslated(same, self.language, self.data))]

    def _refused(self, url: str, action: str) -> Iterator[Finding]:
        """The page that says what is missing in a form."""
        with self.tab.expect_navigation():
            self.tab.evaluate("action => crawl.sendEmpty(action)", action)
        yield from self._looks(f"POST {action}")
        self._open(url)

    def _told(self, view: str, url: str, faults: Sequence[str]) -> Iterator[Finding]:
        for fault in dict.fromkeys(faults):
            yield Finding(self.role, self.language, view, url, fault)


@dataclass(frozen=True)
class Order:
    """What is to be looked at; `starts` are addresses by role that no link leads to."""

    settings: Settings
    data: Set[str]
    starts: Mapping[str, Sequence[str]]
    languages: Sequence[str]
    only: str


def findings_of(role: str, order: Order) -> Iterator[Finding]:
    """What one role finds, with a server and a browser of its own."""
    with unlimited(order.settings) as app, served(app) as address, chromium() as browser:
        logging.disable()
        context = browser.new_context(base_url=address, bypass_csp=True, reduced_motion="reduce")
        context.add_init_script(AXE)
        context.add_init_script(SCRIPT)
        tab = context.new_page()
        visit = VISITS.get(role)
        if role != STRANGER:
            sign_in(tab, people()[visit.role if visit else role])
        crawl = Crawl(app, tab, role, order.data, order.starts.get(role, ()), order.only, visit)
        yield from (finding for finding in crawl.findings(order.languages) if not finding.is_right)


def print_findings(role: str, order: Order) -> int:
    """Print a line for each; how many there are. Done in a process of its own."""
    found = 0
    for finding in findings_of(role, order):
        print(" | ".join(finding), flush=True)
        found += 1
    return found


def main() -> None:
    """Crawl as the roles that are asked for, two at a time."""
    roles = [STRANGER, *VISITS, *people()]
    parser = argparse.ArgumentParser(prog="python -m tests.browser.crawl", description=__doc__)
    parser.add_argument("--roles", nargs="+", choices=roles, default=roles)
    parser.add_argument("--languages", nargs="+", choices=list(Language), default=list(Language))
    parser.add_argument("--only", default="", help="look only at pages with this in their address")
    given = parser.parse_args()
    logging.disable()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with (
        demonstration(FOLDER) as settings,
        ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool,
    ):
        starts = pages_of_rare_rows(settings)
        engine = admin_engine(settings)
        order = Order(settings, stored_texts(engine), starts, given.languages, given.only)
        engine.dispose()
        # Whoever may do most takes longest, and begins.
        wrong = sum(pool.map(partial(print_findings, order=order), given.roles[::-1]))
    print(f"{wrong} findings")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
