"""Rules that every page of the app follows for every user, as functions from a page to its violations.

A test requests a page once and checks all rules on the response, so a rule costs no request of its own.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import SplitResult, unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element

from flask import Flask
from lxml.etree import XPath
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.config import PROJECT_ROOT
from app.security.guard import Access, access_of, is_static
from app.web.fragments import CSRF_PLACEHOLDER
from tests.support.pages import Page, text_of

#: Pages without a place in the sidebar: they are reached from a list's menu or the top bar.
WITHOUT_A_PLACE = ("/notifications", "/saved-views", "/search", "/styleguide")
#: Pages of a feature whose URL is below that of another feature.
BELOW: Mapping[str, str] = {"/audit/streams": "/organization"}
#: Pages that aren't below the list that they belong to.
BESIDE: Mapping[str, str] = {"/webhook-deliveries": "/webhooks"}
#: The style guide shows components side by side that no other page would combine.
STYLE_GUIDE = "/styleguide"

_RAW_COLOR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\(", re.IGNORECASE)
_COLORED = XPath("//@fill | //@stroke | //@color | //@bgcolor | //@stop-color | //@style")
_REQUESTS = {"href": "GET", "hx-get": "GET", "hx-post": "POST", "hx-put": "PUT", "hx-delete": "DELETE"}
_TYPED = ("input", "select", "textarea")
_NEED_NO_LABEL = frozenset({"hidden", "submit", "button", "reset", "image"})
_HEADING = re.compile(r"h[1-6]")


@dataclass(frozen=True)
class Visit:
    """A page that a user has opened: the response to `url`, and the user's permissions."""

    app: Flask
    url: str
    page: Page
    may_use: Callable[[Access], bool]

    @cached_property
    def parents(self) -> Mapping[Element, Element]:
        """The parent of each element."""
        return {child: parent for parent in self.page.root.iter() for child in parent}

    def has_ancestor(self, element: Element, holds: Callable[[Element], bool]) -> bool:
        """Return whether `holds` is true of the element or one of its ancestors."""
        return self.ancestor(element, holds) is not None

    def ancestor(self, element: Element, holds: Callable[[Element], bool]) -> Element | None:
        """Return the nearest of the element and its ancestors of which `holds` is true, if any."""
        nearest: Element | None = element
        while nearest is not None and not holds(nearest):
            nearest = self.parents.get(nearest)
        return nearest


Rule = Callable[[Visit], Iterator[str]]


def broken_rules(visit: Visit) -> list[str]:
    """Return the violations of all rules on the page, each prefixed with the name of its rule."""
    return [f"{name}: {found}" for name, rule in RULES.items() for found in rule(visit)]


def marked(page: Page) -> list[str]:
    """Return the URLs of the sidebar links, the person’s included, that are marked as the current page."""
    return [link.get("href", "") for link in _sidebar(page) if link.get("aria-current") == "page"]


def _sidebar(page: Page) -> list[Element]:
    return [one for part in ("nav", "div[@class='me']") for one in page.all(f".//aside[@class='side']//{part}//a")]


def _place(visit: Visit) -> Iterator[str]:
    """Check that the sidebar marks exactly the link with the longest URL that is a prefix of the page's.

    Only pages before sign-in and those in `WITHOUT_A_PLACE` can be without such a link.
    """
    if not visit.page.all(".//aside[@class='side']"):
        return  # a page before sign-in
    places = [link.get("href", "") for link in _sidebar(visit.page)]
    elsewhere = {**BELOW, **BESIDE}
    url = next((place for address, place in elsewhere.items() if visit.url.startswith(address)), visit.url)
    above = [place for place in places if url == place or url.startswith((f"{place}/", f"{place}?"))]
    expected = max(above, key=len, default=None)
    if marked(visit.page) != ([expected] if expected else []):
        yield f"marks {marked(visit.page)}, not {expected}"
    if expected is None and not visit.url.startswith(WITHOUT_A_PLACE):
        yield "belongs to no place"


def _head(visit: Visit) -> Iterator[str]:
    """Check the heads of the organization's pages.

    Breadcrumbs begin with "Organization" and end with the page's heading, and exactly one tab is current.
    """
    page = visit.page
    if not visit.url.startswith(("/organization/", *BELOW)):
        return
    crumbs = [text_of(one).removeprefix("/").strip() for one in page.all(".//main//ol[@class='crumbs']/li")]
    tabs = [text_of(one) for one in page.all(".//main//nav[@class='tabs']/a") if one.get("aria-current")]
    if crumbs[:1] != ["Organization"] or crumbs[-1] != page.heading or len(tabs) != 1:
        yield f"breadcrumbs {crumbs}, heading {page.heading!r}, current tabs {tabs}"


def _primary_action(visit: Visit) -> Iterator[str]:
    """Check that each view has at most one primary button, which is last in its row and on the right."""
    if visit.url.startswith(STYLE_GUIDE):
        return
    page = visit.page
    heads = [*page.all(".//header/div"), *page.all(".//div[@class='panel-head']/div")]
    for row in page.all(".//main//div"):
        shown = [one for one in row if "vh" not in _classes(one)]
        if "row" not in _classes(row) or not any(_is_primary(one) for one in shown[:1] + shown[-1:]):
            continue
        if not _is_primary(shown[-1]) or ("row--end" not in _classes(row) and row not in heads):
            yield f"is not last and to the right: {[text_of(one) for one in shown]}"
    primary: dict[Element | None, list[Element]] = {}
    for element in page.all(".//main//*"):
        if "btn--primary" in _classes(element):
            primary.setdefault(visit.ancestor(element, _is_view), []).append(element)
    for buttons in primary.values():
        if len(buttons) > 1:
            yield f"more than one: {[text_of(button) for button in buttons]}"


def _is_view(element: Element) -> bool:
    """Return whether an element is a view of its own, such as a dialog, a form or an expandable part."""
    is_apart = element.tag in ("dialog", "details", "form", "template")
    return is_apart or "popover" in element.attrib or "hidden" in element.attrib


def _destructive_action(visit: Visit) -> Iterator[str]:
    """Check that there is at most one red element, the solid danger button of a confirmation page."""
    if visit.url.startswith(STYLE_GUIDE):
        return
    red = [one for one in visit.page.all(".//main//*") if "danger" in one.get("class", "")]
    if len(red) > 1 or any(one.tag != "button" or "btn--danger-solid" not in _classes(one) for one in red):
        yield f"red: {[text_of(one) for one in red]}"


def _form_tokens(visit: Visit) -> Iterator[str]:
    """Check that each POST form has a CSRF token, and that no token placeholder is left."""
    if CSRF_PLACEHOLDER in visit.page.html:
        yield "the mark of a token was not replaced"
    for form in visit.page.all(".//form"):
        if form.get("method", "get").lower() == "post" and "csrf_token" not in visit.page.fields_of(form):
            yield f"the form to {form.get('action')} has none"


def _colors(visit: Visit) -> Iterator[str]:
    """Check that colors are CSS tokens, except in QR codes, which cameras read."""
    drawn = {one for code in visit.page.all(".//*[@class='qr-box']") for one in code.iter()}
    for value in _COLORED(visit.page.root):
        element = value.getparent()
        if _RAW_COLOR.search(value) and element not in drawn:
            yield f'<{element.tag} {value.attrname}="{value}">'


def _headings(visit: Visit) -> Iterator[str]:
    """Check that no heading level is skipped."""
    found = [one for one in visit.page.root.iter() if _HEADING.fullmatch(str(one.tag))]
    for above, below in pairwise(found):
        if int(below.tag[1]) > int(above.tag[1]) + 1:
            yield f"{below.tag} “{text_of(below)}” follows {above.tag} “{text_of(above)}”"


def _labels(visit: Visit) -> Iterator[str]:
    """Check that each field has an accessible name."""
    named = {label.get("for") for label in visit.page.all(".//label") if text_of(label)}
    for field in visit.page.root.iter():
        if field.tag not in _TYPED or field.get("type") in _NEED_NO_LABEL or field.get("id", "") in named:
            continue
        if field.get("aria-label") or field.get("aria-labelledby") or field.get("title"):
            continue
        if not visit.has_ancestor(field, lambda one: one.tag == "label" and bool(text_of(one))):
            yield f"no label: {field.tag} {field.get('name')}"


def _links(visit: Visit) -> Iterator[str]:
    """Check that links and forms lead to existing routes that the user can access.

    Fragments must refer to existing IDs.
    """
    ids = {one.get("id") for one in visit.page.root.iter()}
    for address, method in dict.fromkeys(_addresses(visit.page)):
        if address.startswith("#"):
            if address[1:] and unquote(address[1:]) not in ids:
                yield f"{address} is not on the page"
        elif wrong := _wrong_address(visit, address, method):
            yield f"{method} {address} {wrong}"


def _addresses(page: Page) -> Iterator[tuple[str, str]]:
    for element in page.root.iter():
        for name, method in _REQUESTS.items():
            if element.get(name):
                yield element.get(name, ""), method
        if element.tag == "form":
            yield element.get("action", ""), element.get("method", "get").upper()
        if element.get("formaction"):
            yield element.get("formaction", ""), element.get("formmethod", "post").upper()
        if element.get("src"):
            yield element.get("src", ""), "GET"


def _wrong_address(visit: Visit, address: str, method: str) -> str | None:
    """Describe what is wrong with a URL of the app, or return None.

    URLs of other sites are not checked.
    """
    split = _absolute("/" if address.startswith("/") else visit.url, address)
    if split.scheme not in ("http", "https") or split.netloc != "localhost":
        return None
    target = _target_of(visit.app, split.path, method)
    if target.fault:
        return target.fault
    if is_static(target.endpoint):
        return _wrong_file(split.path, split.fragment)
    if target.access is None or not visit.may_use(target.access):
        return f"is refused to the reader ({target.endpoint}{target.values or ''})"
    return None


@lru_cache(maxsize=10_000)
def _absolute(url: str, address: str) -> SplitResult:
    """Return the absolute URL of an address on the page at `url`."""
    return urlsplit(urljoin(f"http://localhost{url}", address))


class _Target(NamedTuple):
    """The route that answers a request and who has access to it, or why there is none."""

    endpoint: str = ""
    values: Mapping[str, Any] = {}
    access: Access | None = None
    fault: str = ""


@lru_cache(maxsize=10_000)
def _target_of(app: Flask, path: str, method: str) -> _Target:
    """Return the target of a path; most links of a page are also on every other page."""
    try:
        endpoint, values = app.url_map.bind("localhost").match(path, method)
    except RequestRedirect:
        return _Target(fault="is redirected by the router")
    except HTTPException as error:
        return _Target(fault=f"is answered {error.code}")
    return _Target(endpoint, values, access_of(app, endpoint))


@cache
def _wrong_file(path: str, fragment: str) -> str | None:
    file: Path = PROJECT_ROOT / path.lstrip("/")
    if not file.is_file():
        return "is no file"
    if file.suffix == ".svg" and fragment and f'id="{fragment}"' not in file.read_text():
        return "is no symbol of the file"
    return None


def _classes(element: Element) -> Sequence[str]:
    return element.get("class", "").split()


def _is_primary(element: Element) -> bool:
    """Return whether this is the view's primary button, or a form with only that button."""
    if element.get("class") == "inline-form":
        return any(_is_primary(one) for one in element)
    return not {"btn--primary", "btn--danger-solid"}.isdisjoint(_classes(element))


RULES: Mapping[str, Rule] = {
    "place": _place,
    "head": _head,
    "primary action": _primary_action,
    "destructive action": _destructive_action,
    "form tokens": _form_tokens,
    "colors": _colors,
    "headings": _headings,
    "labels": _labels,
    "links": _links,
}
