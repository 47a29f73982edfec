"""Elements that the crawl skips are like those that it checks."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.looking import SCRIPT, New, asked, looks
from tests.support.browser import AXE

pytestmark = pytest.mark.browser

_ROW = "<li><button>{}</button></li>"
_PAGE = """<html lang="en"><title>A page</title><body class="app"><nav aria-label="Places"><a href="/">{place}</a></nav>
  <main><h1>{title}</h1><ul>{rows}</ul></main></body></html>"""


def page(*rows: str, title: str = "Calls", place: str = "Property") -> str:
    return _PAGE.format(title=title, place=place, rows="".join(rows))


def named(*names: str) -> list[str]:
    return [_ROW.format(name) for name in names]


@pytest.fixture
def tab(_browser: Browser) -> Page:
    tab = _browser.new_page()
    tab.add_init_script(AXE)
    tab.add_init_script(SCRIPT)
    tab.goto("about:blank")
    return tab


def shapes(tab: Page, content: str) -> list[str]:
    tab.set_content(content)
    return asked(tab, "shapes")


def axe(tab: Page, content: str, new: New) -> list[str]:
    tab.set_content(content)
    return [fault for view, faults in looks(tab, new, with_axe=True) if view == "axe" for fault in faults]


def test_pages_are_alike_whatever_their_rows_and_words_are(tab: Page) -> None:
    one = shapes(tab, page(*named("Ruth", "Harold"), title="Calls"))
    assert shapes(tab, page(*named("Ada", "Marcus", "Tom"), title="Leads")) == one
    of_another_kind = shapes(tab, page(*named("Ruth"), "<li><a href='/'>Harold</a></li>"))
    assert of_another_kind[0] != one[0]
    assert of_another_kind[1] == one[1]


def test_what_is_wrong_once_is_found_wherever_it_stands(tab: Page) -> None:
    rows = [*named("Ruth", "Harold", "Ada"), "<li><button class='icon'></button></li>"]
    assert any("button-name" in fault for fault in axe(tab, page(*rows), New(page=True, around=True)))


def test_what_is_not_new_is_not_asked_again(tab: Page) -> None:
    nameless = page(*named(""), place="")
    assert {fault.split(":")[1].strip() for fault in axe(tab, nameless, New(page=True, around=False))} == {
        "button-name"
    }
    assert {fault.split(":")[1].strip() for fault in axe(tab, nameless, New(page=False, around=True))} == {"link-name"}
