"""House style rules for all pages, checked by the test client for each page that it gets."""

import re
from collections import Counter

from tests.support.pages import Page, text_of
from tests.support.strict_parses import StrictParses

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
#: Source that can break a rule of the house style; the parsed page shows whether it does. The first letters are listed
#: in both cases, which is much faster than ignoring the case of a whole pattern.
_SUSPECT = (
    re.compile(r'<[sSaA](?:(?i:tyle\b|cript(?![^>]* src=))|\b(?![^>]* (?i:href)="[^"]))'),
    re.compile(r" [oOsSiI](?:(?<=[oO])[nN]\w+|(?<=[sS])[tT][yY][lL][eE]|(?<=[iI])D|(?<=I)d)="),
)
_ID_ATTRIBUTE = re.compile(r' id="([^"]*)"')
_TITLE = re.compile(r"<title>\s*[^\s<]")
_LANGUAGE = re.compile(r'<html [^>]*\blang="[^"]')
#: Responses that the strict parser has accepted. The workers of a run share them (`STRICT_PARSES.share`).
STRICT_PARSES = StrictParses()
_FRAME = "around the main element"
#: Hashes of the kinds and outlines of accepted responses: most pages of a walk are like an earlier one.
_PASSED: set[int] = set()


def check_house_style(page: Page) -> None:
    """Fail if the HTML is not well-formed or breaks a rule of the house style; `page` can be a fragment."""
    _check_html(page)
    if _is_clean_at_a_glance(page):
        return
    ids = Counter(one.get("id") for one in page.root.iter() if one.get("id"))
    assert [name for name, times in ids.items() if times > 1] == [], "an id stands twice"
    assert _inline_code(page) == [], "the content security policy forbids code and style inside the page"
    dead = [text_of(one) for one in page.all(".//a") if not one.get("href") and one.get("aria-disabled") != "true"]
    assert dead == [], "a link leads somewhere, also without JavaScript, or says that it does not"
    if page.is_whole:
        assert len(page.all(".//h1")) == 1, "a page has one h1"
        assert text_of(page.one("./head/title")), "a page has a title"
        assert page.root.get("lang"), "a page says its language"


def _is_clean_at_a_glance(page: Page) -> bool:
    """Return whether the source alone proves that no rule is broken.

    This makes it unnecessary to parse the pages of many tests.
    """
    source = page.html.replace("\n", " ").replace("\t", " ")
    ids = _ID_ATTRIBUTE.findall(source)
    # Counts ids in other quotes too, which the pattern doesn't find.
    if len(set(ids)) < source.count(" id=") or any(suspect.search(source) for suspect in _SUSPECT):
        return False
    return not page.is_whole or (
        source.count("<h1") == 1 and bool(_TITLE.search(source)) and bool(_LANGUAGE.search(source))
    )


def _check_html(page: Page) -> None:
    """Run the slow strict parser on a response, unless a similar response has passed it before.

    A response is similar if it has the same kind and introduces no new structure. A kind is a URL without its IDs, the
    method, the status, and whether the response is a whole page. One URL shows different things to different users and
    for different rows, so a response is also parsed if a tag isn't closed in order, or if an element is in a new place
    (a list in a paragraph, a form in a form). Otherwise, the parser would report nothing new. Of a whole page, what is
    around the main element is a kind of its own.
    """
    if page.status // 100 == 3:
        return  # the framework's own HTML, without end tags
    asked = page.response.request
    # All refusals and missing pages have one template.
    address = "" if page.status in (403, 404, 405) else _ID.sub("…", asked.path)
    kind = f"{asked.method} {address} {page.status} {page.is_whole}"
    outline = hash((kind, page.outline))
    if outline in _PASSED:
        return
    places = page.places()
    if places is None or not STRICT_PARSES.cover(kind, places):
        _parse(page, places or set())
        STRICT_PARSES.add(kind, places or set())
    _PASSED.add(outline)


def _parse(page: Page, places: set[str]) -> None:
    frame = {place for place in places if "/main" not in place}
    if frame and page.is_whole and STRICT_PARSES.cover(_FRAME, frame):
        page.check_main()
        return
    page.check_html()
    if page.is_whole:
        STRICT_PARSES.add(_FRAME, frame)


def _inline_code(page: Page) -> list[str]:
    found = []
    for one in page.root.iter():
        if one.tag == "style" or (one.tag == "script" and not one.get("src")):
            found.append(f"<{one.tag}>")
        found += [f"<{one.tag} {name}>" for name in one.attrib if name == "style" or name.startswith("on")]
    return found
