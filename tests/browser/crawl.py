"""`make crawl`: every page as every role in every language, at all widths, in both themes, forced colors and print.

Crawls the demonstration company by the links and forms of the pages themselves, so that new pages are covered
automatically. Prints each finding on a line, and exits with 1 if there is any.
"""

import argparse
import logging
import multiprocessing
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from time import monotonic
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Page, ViewportSize
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.config import PROJECT_ROOT, Settings
from app.models import Language
from app.security.guard import is_static
from tests.browser.demonstration import admin_engine, demonstration, pages_of_rare_rows, people, sign_in, unlimited
from tests.browser.findings import Finding
from tests.browser.looking import HEIGHT, SCRIPT, WIDTHS, New, asked, looks
from tests.browser.visits import IS_VISITING, VISITS, Visit
from tests.support.browser import AXE, chromium, served
from tests.support.company import NO_PAGES
from tests.support.routes import page_routes
from tests.support.untranslated import stored_texts, untranslated

FOLDER = PROJECT_ROOT / "var" / "crawl"
#: Keys that any process has seen.
SEEN = FOLDER / "seen"
STRANGER = "stranger"
PROCESSES = 2
#: Addresses at which a crawl begins, including some that no page links to.
STARTS: Mapping[str, Sequence[str]] = {
    STRANGER: ("/login", "/login/forgot", "/password/spent", "/invitations/accept/spent", "/nowhere"),
    "": ("/", "/account", "/nowhere", "/calls?q=0000000000", "/calls?from=2026-03-01&to=2026-03-01"),
}
#: Status codes of responses that are pages as well.
OK = 200
ANSWERS = frozenset({OK, 403, 404, 409, 410, 422})
_ID = re.compile(r"[0-9a-f-]{36}")


def _is_first(*key: str) -> bool:
    """Record this key as seen, and return whether no process had seen it before."""
    try:
        (SEEN / sha256("\n".join(key).encode()).hexdigest()).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@dataclass
class Crawl:
    """One user's tab, which visits all pages in each language."""

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
    looks: int = 0

    def __post_init__(self) -> None:
        self.tab.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.tab.on("pageerror", lambda error: self.wrong.append(str(error)))

    def findings(self, language: str, *, is_looked_at: bool = True) -> Iterator[Finding]:
        """Yield the findings in this language; English has to come first, as it discovers the pages.

        Without `is_looked_at`, English yields no findings.
        """
        self.language, self.looks = language, 0
        self._speak()
        if language == Language.ENGLISH:
            yield from self._discover(is_looked_at=is_looked_at)
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
        """Return to the user's own pages, the only ones on which the language can be chosen."""
        there = self.tab.locator(IS_VISITING)
        if self.visit and there.count():
            there.locator("button").click()
            there.wait_for(state="detached")

    def _discover(self, *, is_looked_at: bool) -> Iterator[Finding]:
        """Follow links and filters from page to page, and yield the findings of each page.

        One address of each route without a query is opened, and one with a query.
        """
        waiting = list(STARTS[STRANGER] if self.role == STRANGER else [*STARTS[""], *self._without_arguments()])
        waiting += filter(self._kind, self.starts)
        known = {self._kind(url) for url in waiting}
        reached = set()
        while waiting:
            url = waiting.pop(0)
            here = self._open(url)
            page = here if self.status == OK else str(self.status)  # refusals are all alike
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
        for rule in page_routes(self.app):
            if not rule.arguments and "GET" in (rule.methods or ()) and self._kind(rule.rule):
                yield rule.rule

    def _kind(self, url: str) -> tuple[str, bool] | None:
        """Return the route of a URL and whether it has a query, or None if the crawl doesn't open it."""
        split = urlsplit(url)
        if any(part in split.path for part in (*NO_PAGES, "/styleguide")) or "/login" in split.path:
            return None
        try:
            endpoint, _arguments = self.app.url_map.bind("").match(split.path, "GET")
        except (RequestRedirect, HTTPException):
            return None
        return None if is_static(endpoint) else (endpoint, bool(split.query))

    def _open(self, url: str) -> str | None:
        """Open `url`, and return the address that the tab ends up at, or None if it is not a page."""
        if self.visit and not self.tab.locator(IS_VISITING).count():
            self.visit.enter(self.tab)  # a visit ends by itself after a while
        self.wrong.clear()
        response = self.tab.goto(url)
        if self.visit and not self.tab.locator(IS_VISITING).count():
            self.visit.enter(self.tab)  # it has just ended: this is a page of their own
            response = self.tab.goto(url)
        if response is None or "text/html" not in response.headers.get("content-type", ""):
            return None
        self.status = response.status
        if self.status != OK:
            self.wrong.clear()  # the browser logs an error for every refusal
        split = urlsplit(self.tab.url)
        return f"{split.path}?{split.query}" if split.query else split.path

    def _visit(self, url: str) -> Iterator[Finding]:
        """Yield the faults of the open page and, if its structure is new, of its forms' error pages."""
        yield from self._told("loaded", url, self.wrong if self.status in ANSWERS else [f"answered {self.status}"])
        if self.status == OK:
            yield from self._told("place", url, asked(self.tab, "place"))
        new = self._new(url)
        yield from self._looks(url, new)
        for action in asked(self.tab, "forms") if new.page else ():
            if (self.language, action) not in self.refused:
                self.refused.add((self.language, action))
                yield from self._refused(url, action)

    def _looks(self, url: str, new: New) -> Iterator[Finding]:
        """Yield faults of the page's wording, and of its layout unless a similar page was checked before."""
        yield from self._told("words", url, [*asked(self.tab, "doubled"), *self._untranslated(url)])
        if any(new):
            for view, faults in looks(self.tab, new, with_axe=self.language == Language.ENGLISH):
                yield from self._told(view, url, faults)

    def _new(self, url: str) -> New:
        """Return which structures are new in this language, that of the page and that of its surroundings.

        Both count as seen from then on.
        """
        page, around = asked(self.tab, "shapes")
        split = urlsplit(url)
        address = f"{_ID.sub('*', split.path)} {bool(split.query)}"
        return New(_is_first(self.language, address, page), _is_first(self.language, around))

    def _untranslated(self, url: str) -> list[str]:
        words = asked(self.tab, "words")
        if self.language == Language.ENGLISH:
            self.english[url] = words
            return []
        same = set(words) & set(self.english.get(url, ()))
        return [f"English: {one[:120]}" for one in sorted(untranslated(same, self.language, self.data))]

    def _refused(self, url: str, action: str) -> Iterator[Finding]:
        """Yield faults of the page that shows the errors of an empty form."""
        with self.tab.expect_navigation():
            self.tab.evaluate("action => crawl.sendEmpty(action)", action)
        yield from self._looks(f"POST {action}", self._new(f"POST {action}"))
        self._open(url)

    def _told(self, view: str, url: str, faults: Sequence[str]) -> Iterator[Finding]:
        self.looks += 1
        for fault in dict.fromkeys(faults):
            yield Finding(self.role, self.language, view, url, fault)


@dataclass(frozen=True)
class Order:
    """Settings of a crawl; `starts` has, by role, the addresses that no link leads to."""

    settings: Settings
    data: Set[str]
    starts: Mapping[str, Sequence[str]]
    languages: Sequence[str]
    only: str


@contextmanager
def crawling(role: str, order: Order) -> Iterator[Crawl]:
    """Yield the crawl of a role, in a tab with its own server and browser.

    The tab is signed in, except for STRANGER.
    """
    with unlimited(order.settings) as app, served(app) as address, chromium() as browser:
        logging.disable()
        window = ViewportSize(width=WIDTHS[0], height=HEIGHT)
        context = browser.new_context(base_url=address, viewport=window, bypass_csp=True, reduced_motion="reduce")
        context.add_init_script(AXE)
        context.add_init_script(SCRIPT)
        tab = context.new_page()
        visit = VISITS.get(role)
        if role != STRANGER:
            sign_in(tab, people()[visit.role if visit else role])
        starts = order.starts.get(visit.sees if visit else role, ())
        yield Crawl(app, tab, role, order.data, starts, order.only, visit)


def print_findings(role: str, order: Order) -> int:
    """Print the findings that aren't exceptions, and a summary per language; return how many were printed.

    Runs in a separate process.
    """
    found = 0
    with crawling(role, order) as crawl:
        for language in [Language.ENGLISH, *(one for one in order.languages if one != Language.ENGLISH)]:
            started, wrong = monotonic(), 0
            for finding in crawl.findings(language, is_looked_at=language in order.languages):
                if not finding.is_right:
                    print(" | ".join(finding), flush=True)
                    wrong += 1
            minutes = (monotonic() - started) / 60
            looked = f"{len(crawl.pages)} pages, {crawl.looks} looks, {wrong} findings, {minutes:.1f} minutes"
            print(f"# {role} | {language} | {looked}", flush=True)
            found += wrong
    return found


def main() -> None:
    """Crawl as the requested roles, two at a time."""
    roles = [STRANGER, *VISITS, *people()]
    parser = argparse.ArgumentParser(prog="python -m tests.browser.crawl", description=__doc__)
    parser.add_argument("--roles", nargs="+", choices=roles, default=roles)
    parser.add_argument("--languages", nargs="+", choices=list(Language), default=list(Language))
    parser.add_argument("--only", default="", help="Only visit pages with this text in their URL.")
    given = parser.parse_args()
    logging.disable()
    shutil.rmtree(FOLDER, ignore_errors=True)
    SEEN.mkdir(parents=True)
    with (
        demonstration(FOLDER) as settings,
        ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool,
    ):
        starts = pages_of_rare_rows(settings)
        engine = admin_engine(settings)
        order = Order(settings, stored_texts(engine), starts, given.languages, given.only)
        engine.dispose()
        # Roles with the most permissions take longest, so they start first.
        wrong = sum(pool.map(partial(print_findings, order=order), given.roles[::-1]))
    print(f"{wrong} findings")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
