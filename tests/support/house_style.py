"""What every page must be, whatever it shows. The test client looks at each page it gets."""

from collections import Counter

from tests.support.pages import Page, text_of


def check_house_style(page: Page) -> None:
    """Fail when the HTML is not well-formed or breaks a rule of the house; `page` may be a fragment."""
    ids = Counter(one.get("id") for one in page.root.iter() if one.get("id"))
    assert [name for name, times in ids.items() if times > 1] == [], "an id stands twice"
    assert _inline_code(page) == [], "the content security policy forbids code and style inside the page"
    if page.is_whole:
        assert len(page.all(".//h1")) == 1, "a page has one h1"
        assert text_of(page.one("./head/title")), "a page has a title"
        assert page.root.get("lang"), "a page says its language"


def _inline_code(page: Page) -> list[str]:
    found = []
    for one in page.root.iter():
        if one.tag == "style" or (one.tag == "script" and not one.get("src")):
            found.append(f"<{one.tag}>")
        found += [f"<{one.tag} {name}>" for name in one.attrib if name == "style" or name.startswith("on")]
    return found
