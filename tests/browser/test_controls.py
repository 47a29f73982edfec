"""Controls of pages without JavaScript: none depends on it."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.models import Role
from tests.browser.conftest import OpenTab
from tests.support.client import Client
from tests.support.company import Company, page_addresses
from tests.support.forms_on_pages import rule_of
from tests.support.owner_pages import OwnerPages

pytestmark = pytest.mark.browser

REDIRECTS = range(300, 400)
#: Popovers and `<details>` are opened by the browser itself; one page lists all keys.
_WAITING = """() => {
  const buttons = "button[type=button]:not([popovertarget]), [data-dialog]";
  const needsScript = `${buttons}, kbd:not(.keys *), a:not([href], [aria-disabled])`;
  const waiting = [...document.querySelectorAll(needsScript)].filter(element => element.checkVisibility());
  const stuck = [...document.forms].filter(form => {
    const senders = [...form.elements].filter(element => element.type === "submit");
    const canBeReached = sender => (sender.closest("details:not([open])") ?? sender).checkVisibility();
    return form.checkVisibility() && !senders.some(canBeReached);
  });
  return [...waiting, ...stuck].map(element => element.outerHTML.slice(0, 120));
}"""


@pytest.mark.turn(4)
def test_no_control_waits_for_a_script(
    app: Flask, company: Company, open_tab: OpenTab, owner_pages: OwnerPages
) -> None:
    """Open the pages whose controls, or the elements around them, differ from those of earlier pages."""
    tab, client = open_tab(Role.OWNER, javascript=False), Client(app).sign_in(company.people[Role.OWNER])
    shapes = {}
    for url in page_addresses(app, company, Role.OWNER):
        rule = rule_of(app, url, "GET")
        assert rule is not None
        page = owner_pages[rule.rule].page()
        if page.status in REDIRECTS:  # it can lead to a page with a message, which has controls of its own
            page = client.get(url, follow_redirects=True)
        shapes[url] = set(_shapes_of_controls(page.root)) if page.is_whole and page.status == 200 else {url}
    del shapes["/styleguide"]  # its buttons do nothing
    faults, known = {}, set[str]()
    for url in sorted(shapes, key=lambda url: len(shapes[url]), reverse=True):  # pages with many spare others
        if shapes[url] <= known:
            continue
        known |= shapes[url]
        tab.goto(url)
        if waiting := tab.evaluate(_WAITING):
            faults[url] = waiting

    assert faults == {}


def _shapes_of_controls(root: Any) -> Iterator[str]:
    """Yield the path of each form, with those of its buttons, and of each element that `_WAITING` can return.

    The elements on the path decide whether it is visible.
    """
    for element in root.iter():
        if element.tag == "form":
            buttons = (button for button in element.iter("button") if button.get("type", "submit") == "submit")
            yield f"{_path(element)}: {sorted({_path(button) for button in buttons})}"
        elif _can_wait(element):
            yield _path(element)


def _can_wait(element: Any) -> bool:
    is_button = element.tag == "button" and element.get("type") == "button" and element.get("popovertarget") is None
    is_link = element.tag == "a" and element.get("href") is None and element.get("aria-disabled") is None
    return is_button or is_link or element.tag == "kbd" or element.get("data-dialog") is not None


def _path(element: Any) -> str:
    parts = (element, *element.iterancestors())
    return " < ".join(f"{part.tag} {part.get('class')} {sorted(part.attrib)}" for part in parts)
