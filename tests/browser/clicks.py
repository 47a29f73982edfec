"""Counting clicks."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page


@dataclass
class Clicks:
    """Counter of clicks; typing and reading don't count."""

    count: int = 0

    def on(self, what: Locator) -> None:
        """Click the element and count it."""
        what.click()
        self.count += 1

    def back(self, tab: Page, address: str) -> None:
        """Go back with the browser's button until `address` is reached."""
        while tab.url != address:
            tab.go_back()
            self.count += 1
