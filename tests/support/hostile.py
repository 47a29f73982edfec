"""Hostile input, and how to detect its effect in a response."""

import unicodedata
from collections.abc import Sequence
from html import unescape

from lxml.etree import XPath

from app.characters import readable
from tests.support.pages import Page

#: Values that are no valid number, date, id or option. Each is sent in every field of any type.
WRONG: Sequence[str] = (
    '"\' onhostile=1 x="><hostile-tag onfocus=alert(1)>',
    "0000-00-00",
    "99999-01-01",
    "0001-01-01T00:00:00+05:00",
    "9999-12-31T23:59:59-12:00",
    "1e999",
    "-99999999999999999999999999",
    "NaN\u0661\u0662",
    "a\0b",
    "\ufdd0\x1b[31m\u202e",
    "00000000-0000-0000-0000-000000000000",
    "//evil.example/\\%ED%A0%80%00",
)
#: Longer than any field allows.
LONG = "a" * 100_000

#: Texts, short enough for a name, that are stored unchanged and shown as text.
TEXTS: Sequence[str] = (
    "<hostile-tag onhostile=1>'\"&amp;</hostile-tag>",
    "{{7919*7907}} {% debug %} %(name)s {0} %s ${1}",
    "'); DROP TABLE users;-- \\' OR 1=1",
    "=cmd|' /C calc'!A0 & \"@SUM(1)",
    "\u202eevil\u202c \u200b\u05d0\u05d1\u0301 \u200f!",
    "\U0001f469\u200d\U0001f692 Z\u0351\u036b\u0343 \ufdfa e\u0301",
)

#: URL schemes that a browser would execute.
_CODE = ("javascript:", "vbscript:", "data:text")

#: Words of which a response contains at least one if there is any harm to be found in its elements. Each is searched
#: for alone, in lower case: an expression with all of them takes ten times as long.
_SUSPECT = ("hostile", "evil.example", *_CODE)
_MADE_OF_TEXT = XPath("//*[starts-with(name(), 'hostile') or @*[contains(name(), 'hostile')]]")
_ADDRESSES = XPath("//@href | //@src | //@action | //@formaction")

#: Result of the hostile template expression, in case a text is rendered as a template.
_COMPUTED = "62615533"


def as_kept(text: str) -> str:
    """Return `text` as it is stored: trimmed, normalized, without characters that no page can show."""
    lines = readable(text).replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", lines).strip()


def as_one_line(text: str) -> str:
    """Return a reason or a name as it is stored, with each run of whitespace as a single space."""
    return " ".join(as_kept(text).split())


def harm_in(page: Page) -> str | None:
    """Describe the harm that hostile input has done to a response, or return None.

    Input is harmless if the response doesn't contain it, or shows it as plain text.
    """
    if page.status >= 500:
        return f"{page.status}"
    if not page.is_html or not page.html:
        return None
    if _COMPUTED in page.html:
        return "a text was read as a template"
    text = unescape(page.html).lower()
    if not any(word in text for word in _SUSPECT):
        return None
    for one in _MADE_OF_TEXT(page.root):
        return f"a text became markup: <{one.tag}>"
    return next(filter(None, map(_harm_of, _ADDRESSES(page.root))), None)


def _harm_of(address: str) -> str | None:
    if "evil.example" in _site(address):
        return f"a link leads to another site: {address}"
    if address.strip().lower().startswith(_CODE):
        return f"a link runs what was typed: {address}"
    return None


def _site(address: str) -> str:
    """Return a URL without its query string."""
    return address.partition("?")[0]
