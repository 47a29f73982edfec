"""Response of the app as tests inspect it: its text, links, forms and numbers."""

import json
import re
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from lxml.etree import HTMLParser, fromstring
from werkzeug.test import TestResponse

#: Name of a tag, with a slash before it for an end tag, and a second group if it is self-closing.
_TAG = re.compile(r"""<(/?[a-z][\w-]*)[^>"']*+(?:(?:"[^"]*+"|'[^']*+')[^>"']*+)*+(?:(?<=/)(>)|>)""", re.IGNORECASE)
_TAG_START = re.compile(r"<(/?[a-zA-Z][^\s>/]*)")
_TITLE, _MAIN = re.compile("<title>.*?</title>", re.DOTALL), re.compile("<main .*</main>", re.DOTALL)
_CSRF_TOKEN = re.compile(r'<input [^>]*\bname="csrf_token" [^>]*\bvalue="([^"]+)"')
_FORGIVING = HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True)
#: HTML's void elements, which have no end tag.
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)


class Page:
    """A response of the app. Paths are in ElementTree's XPath syntax: `.//a[@class='x']`."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def headers(self) -> Any:
        return self.response.headers

    @cached_property
    def html(self) -> str:
        """The body, after which the response is closed as by a web server."""
        with self.response:
            return self.response.get_data(as_text=True)

    @cached_property
    def json(self) -> Any:
        return json.loads(self.html)

    @property
    def is_html(self) -> bool:
        return self.response.mimetype == "text/html"

    @cached_property
    def is_whole(self) -> bool:
        """True for a complete page, false for a fragment to be swapped into one."""
        return self.is_html and self.html.lstrip()[:9].lower() == "<!doctype"

    @cached_property
    def root(self) -> Element:
        """Root element of the page, or an element around the fragment, parsed as leniently as by a browser."""
        # lxml's elements work like ElementTree's, and are created without a Python call for each.
        root: Element = fromstring(self.html if self.is_whole else f"<div>{self.html}</div>", _FORGIVING)
        if self.is_whole:
            return root
        (around,) = root.findall("./body/div")
        return around

    @cached_property
    def csrf_token(self) -> str | None:
        """The CSRF token of the page's forms, found without parsing the page."""
        found = _CSRF_TOKEN.search(self.html)
        return found[1] if found else None

    @property
    def outline(self) -> tuple[tuple[str, ...], int]:
        """The names of all tags in order, with a slash before those of end tags, and the number of self-closing tags.

        It can contain more, such as a tag in an attribute, but differs if the tags do.
        """
        return tuple(_TAG_START.findall(self.html)), self.html.count("/>")

    def places(self) -> set[str] | None:
        """Return the paths of all elements, such as `/html/body/main/p`.

        Returns None if the tags aren't closed in order.
        """
        place, found = "", set()
        around: list[str] = []
        for tag, closes_itself in _TAG.findall(self.html):
            name = tag.lower()
            if name[0] == "/":
                if not place.endswith(name):
                    return None
                place = around.pop()
                continue
            found.add(f"{place}/{name}")
            if not closes_itself and name not in _VOID:
                around.append(place)
                place = f"{place}/{name}"
        return None if place else found

    def check_main(self) -> None:
        """Raise ParseError for any violation of the HTML standard in the title or the main element, if there is one."""
        title, main = _TITLE.search(self.html), _MAIN.findall(self.html)
        if title is None or len(main) != 1:
            self.check_html()
        else:
            parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
            parser.parse(f"<!doctype html><html><head>{title[0]}</head><body>{main[0]}</body></html>")

    def check_html(self) -> None:
        """Raise ParseError for any violation of the HTML standard. This is twenty times slower than `root`."""
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        # Table rows alone are only well-formed inside a table.
        start = self.html.lstrip()
        container = "tbody" if start.startswith("<tr") else "table" if start.startswith("<tbody") else "div"
        if self.is_whole:
            parser.parse(self.html)
        else:
            parser.parseFragment(self.html, container=container)

    def all(self, path: str) -> list[Element]:
        """Return every element at `path`."""
        return self.root.findall(path)

    def one(self, path: str) -> Element:
        """Return the only element at `path`."""
        found = self.all(path)
        assert len(found) == 1, f"{len(found)} elements at {path}, not one"
        return found[0]

    @cached_property
    def text(self) -> str:
        """All text of the page, including the title and hidden elements, with single spaces."""
        return text_of(self.root)

    @property
    def heading(self) -> str:
        """Text of the page's only `h1`."""
        return text_of(self.one(".//h1"))

    @property
    def links(self) -> dict[str, str]:
        """URLs by link text; the last wins if a text occurs twice."""
        return {text_of(link): link.get("href", "") for link in self.all(".//a[@href]")}

    @property
    def metrics(self) -> dict[str, str]:
        """The exact values of the displayed numbers by name; an empty string means no value."""
        return {one.get("data-metric", ""): one.get("data-value", "") for one in self.all(".//*[@data-metric]")}

    def fields(self, action: str, method: str = "") -> dict[str, str]:
        """Return the values that a browser would send from the unchanged form to `action`.

        If `method` is given, only forms with that method are considered.
        """
        forms = self.all(f".//form[@method='{method}']" if method else ".//form")
        form = next((one for one in forms if one.get("action") == action), None)
        assert form is not None, f"no form goes to {action}"
        return self.fields_of(form)

    def fields_of(self, form: Element) -> dict[str, str]:
        """Return the values that a browser would send from a form, including its controls elsewhere."""
        outside = self.all(f".//*[@form='{form.get('id')}']") if form.get("id") else []
        return {name: value for control in (*form.iter(), *outside) for name, value in _successful(control)}


def text_of(element: Element) -> str:
    """Return all text in `element`, with single spaces."""
    return " ".join(" ".join(element.itertext()).split())


def _successful(control: Element) -> list[tuple[str, str]]:
    """Return the names and values that a form control contributes according to HTML.

    There are none for buttons, file inputs, disabled or unnamed controls, and unselected checkboxes and radio buttons.
    """
    name = control.get("name")
    if not name or control.get("disabled") is not None:
        return []
    if control.tag == "textarea":
        return [(name, "".join(control.itertext()).removeprefix("\n"))]
    if control.tag == "select":
        options = control.findall(".//option")
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        return [(name, option.get("value", text_of(option))) for option in chosen]
    if control.tag != "input" or control.get("type") in ("submit", "button", "reset", "file"):
        return []
    if control.get("type") in ("checkbox", "radio"):
        return [(name, control.get("value", "on"))] if control.get("checked") is not None else []
    return [(name, control.get("value", ""))]
