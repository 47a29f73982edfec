"""Helpers that read a page of the audit trail."""

from uuid import UUID

from tests.support.pages import Page


def entries_on(page: Page) -> list[UUID]:
    """Return the IDs of the entries of a list, in order."""
    marks = [body.get("id") or "" for body in page.all(".//tbody")]
    return [UUID(mark.removeprefix("entry-")) for mark in marks if mark.startswith("entry-")]


def link_on(page: Page, words: str) -> str:
    """Return the target of the link with these words."""
    found = [link.get("href") or "" for link in page.all(".//a") if "".join(link.itertext()).strip() == words]
    assert found, f"no link “{words}”"
    return found[0]
