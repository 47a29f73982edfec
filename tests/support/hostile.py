"""Input that nobody means well with, and how to see in an answer that it did something."""

import unicodedata
from collections.abc import Sequence

from lxml.etree import XPath

from app.characters import readable
from tests.support.pages import Page

#: Values that no number, date, id or choice can have. Each goes into every field, of whatever kind.
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
#: More than anything takes.
LONG = "a" * 100_000

#: Texts, short enough for a name, that are stored as they are and shown as text.
TEXTS: Sequence[str] = (
    "<hostile-tag onhostile=1>'\"&amp;</hostile-tag>",
    "{{7919*7907}} {% debug %} %(name)s {0} %s ${1}",
    "'); DROP TABLE users;-- \\' OR 1=1",
    "=cmd|' /C calc'!A0 & \"@SUM(1)",
    "\u202eevil\u202c \u200b\u05d0\u05d1\u0301 \u200f!",
    "\U0001f469\u200d\U0001f692 Z\u0351\u036b\u0343 \ufdfa e\u0301",
)

#: Addresses that a browser would run.
_CODE = ("javascript:", "vbscript:", "data:text")

_MADE_OF_TEXT = XPath("//*[starts-with(name(), 'hostile') or @*[contains(name(), 'hostile')]]")
_ADDRESSES = XPath("//@href | //@src | //@action | //@formaction")

#: What the template would make of it if it read a text as a template.
_COMPUTED = "62615533"


def as_kept(text: str) -> str:
    """A text as it is stored: trimmed, in one form, without what no page can show."""
    lines = readable(text).replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", lines).strip()


def as_one_line(text: str) -> str:
    """A reason or a name as it is stored: blanks and ends of lines are one blank."""
    return " ".join(as_kept(text).split())


def harm_in(page: Page) -> str | None:
    """Describe the harm that a hostile text has done to an answer; None where it stayed text, or is not there."""
    if page.status >= 500:
        return f"{page.status}"
    if not page.is_html or not page.html:
        return None
    if _COMPUTED in page.html:
        return "a text was read as a template"
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
    """The part of an address that names a site."""
    return address.partition("?")[0]
