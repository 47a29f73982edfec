"""Reading what a page of the trail shows."""

from uuid import UUID

from tests.support.pages import Page


def entries_on(page: Page) -> list[UUID]:
    """The ids of the entries of a list, in order."""
    marks = [body.get("id") or "" for body in page.all(".//tbody")]
    return [UUID(mark.removeprefix("entry-")) for mark in marks if mark.startswith("entry-")]


def link_on(page: Page, words: str) -> str:
    """Where the link with these words leads."""
    found = [link.get("href") or "" for link in page.all(".//a") if "".join(link.itertext()).strip() == words]
    assert found, f"no link “{words}”"
    return found[0]
