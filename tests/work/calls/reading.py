"""Helpers that read calls from their pages."""

from urllib.parse import urlsplit

from app.models import Call
from tests.support.client import Client
from tests.support.pages import Page, text_of


def shown(page: Page) -> list[str]:
    """Return the IDs of the calls on a page, from top to bottom."""
    return [_last_of_path(link.get("href") or "") for link in page.all(".//tbody//th//a")]


def _last_of_path(address: str) -> str:
    """Return the last segment of a URL's path, without the query string that identifies the list."""
    return urlsplit(address).path.rpartition("/")[2]


def ids(*calls: Call) -> list[str]:
    return [str(call.id) for call in calls]


def chips(page: Page) -> list[str]:
    return [text_of(chip) for chip in page.all(".//span[@class='chip']")]


def open_call(client: Client, call: Call, *, status: int = 200) -> Page:
    return client.get(f"/calls/{call.id}", status=status)


def findings(page: Page) -> list[str]:
    return [text_of(one) for one in page.all(".//li[@class='finding']")]


def timeline(page: Page) -> list[str]:
    return [text_of(one) for one in page.all(".//ol[@class='timeline']/li")]
