"""Helpers for sending and accepting invitations through the pages."""

from urllib.parse import urlsplit

from tests.support.client import Client
from tests.support.pages import Page, text_of

PASSWORD = "a quiet lake at dusk"
ADDRESS = "Dana@new.example"


def invite(client: Client, role: str = "manager", status: int = 200, **values: str) -> Page:
    """Send an invitation and return the response."""
    return client.post("/invitations", {"email": ADDRESS, "name": "Dana Doe", "role": role, **values}, status=status)


def link_on(page: Page) -> str:
    """Return the path of the invitation link, which is shown only on this page."""
    return urlsplit(text_of(page.one(".//*[@data-link]"))).path


def join(client: Client, path: str, status: int = 303) -> Page:
    """Accept the invitation by submitting its form."""
    return client.post(path, {"name": "Dana D.", "password": PASSWORD, "again": PASSWORD}, status=status)
