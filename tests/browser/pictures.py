"""`make pictures`: screenshots of pages by role, width and theme in var/pictures, with an index sheet.

Includes the pages without an ID in their address that a role can open, three pages of strangers, and the page of a
call. Uses the demonstration company, freshly loaded each time, so that two runs differ only by their dates.
"""

import html
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from app.config import PROJECT_ROOT
from app.models import Role
from app.security.guard import access_of, is_static
from tests.browser.demonstration import demonstration, people, sign_in, unlimited
from tests.support.browser import chromium, served
from tests.support.company import may_use
from tests.support.routes import page_routes

FOLDER = PROJECT_ROOT / "var" / "pictures"
WIDTHS = (1440, 390)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
STRANGERS = ("/login", "/styleguide", "/nowhere")
NO_PAGES = ("/api/", ".csv", ".webp", "/audio", "/health", "/metrics", "/static", "/css", "/styleguide")


@dataclass(frozen=True)
class Device:
    """A browser window on the app, with a width and a theme."""

    browser: Browser
    address: str
    width: int
    theme: Literal["light", "dark"]

    def context(self) -> BrowserContext:
        """Open a context with a fresh profile."""
        return self.browser.new_context(
            base_url=self.address, viewport={"width": self.width, "height": 900}, color_scheme=self.theme
        )


def main() -> None:
    """Load the company, take screenshots of its pages as a stranger and as each role, and write the index."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with (
        demonstration(FOLDER) as settings,
        unlimited(settings) as app,
        served(app) as address,
        chromium() as browser,
    ):
        taken = _take_all(app, browser, address)
    _write_sheet(taken)
    print(f"{len(taken)} pictures: {FOLDER / 'index.html'}", flush=True)


def _take_all(app: Flask, browser: Browser, address: str) -> list[Path]:
    taken = []
    for width in WIDTHS:
        for theme in THEMES:
            device = Device(browser, address, width, theme)
            with device.context() as context:
                taken += [_take(context.new_page(), url, "stranger", device) for url in STRANGERS]
            for role in Role:
                with device.context() as context:
                    tab = context.new_page()
                    sign_in(tab, people()[role])
                    taken += [_take(tab, url, role, device) for url in _pages(app, role)]
                    taken += _take_a_call(tab, role, device)
    return taken


def _pages(app: Flask, role: Role) -> list[str]:
    """List the pages without an ID in their address that the role can open, and the list of calls."""
    found = ["/calls"]
    for rule in page_routes(app):
        access = access_of(app, rule.endpoint)
        if rule.arguments or "GET" not in (rule.methods or ()) or is_static(rule.endpoint) or access is None:
            continue
        if access.signed_in and may_use(access, role) and not any(part in rule.rule for part in NO_PAGES):
            found.append(rule.rule)
    return sorted(set(found) - {"/"})


def _take_a_call(tab: Page, role: Role, device: Device) -> list[Path]:
    """Take a full screenshot of the newest analyzed call that the user can see; return its path, if any."""
    tab.goto("/calls?analysed=yes")
    links = tab.locator("table a[href^='/calls/']")
    if not links.count():
        return []
    links.first.click()
    return [_take(tab, tab.url, role, device, name="call")]


def _take(tab: Page, url: str, who: str, device: Device, name: str | None = None) -> Path:
    tab.goto(url)
    name = name or url.strip("/").replace("/", "-")
    path = FOLDER / f"{who}-{name}-{device.width}-{device.theme}.png"
    tab.screenshot(path=path, full_page=True)
    return path


def _write_sheet(pictures: list[Path]) -> None:
    figures = "".join(
        f'<figure><a href="{name}"><img src="{name}" width="360" loading="lazy"></a>'
        f"<figcaption>{name}</figcaption></figure>"
        for name in sorted(html.escape(path.name) for path in pictures)
    )
    style = "body{font:14px sans-serif;display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0}"
    (FOLDER / "index.html").write_text(
        f"<!doctype html><meta charset=utf-8><title>Pictures</title><style>{style}</style>{figures}"
    )


if __name__ == "__main__":
    main()
