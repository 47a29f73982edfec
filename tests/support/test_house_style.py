"""House style check of the test client, and the faults that it detects."""

import pytest
from html5lib.html5parser import ParseError
from werkzeug.test import Client
from werkzeug.wrappers import Response

from tests.support.house_style import check_house_style
from tests.support.pages import Page

GOOD = (
    '<!doctype html><html lang="en"><head><title>Calls</title><script src="/app.js"></script></head>'
    '<body><h1 id="top">Calls</h1><form action="/calls"><input name="q" value="leak"><select name="s">'
    '<option value="a">A</option><option value="b" selected>B</option></select><input type="checkbox" name="no">'
    '<textarea name="t">\n long</textarea><button name="go">Go</button></form>'
    '<p data-metric="calls" data-value="12">12</p><a href="/calls/1">First</a></body></html>'
)


def test_a_page_of_the_house_passes() -> None:
    check_house_style(page(GOOD))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("</h1>", "</h1><h1>Again</h1>"),
        ('<h1 id="top">Calls</h1>', "<p>Calls</p>"),
        ("<title>Calls</title>", "<title> </title>"),
        (' lang="en"', ""),
        ('<p data-metric="calls"', '<p id="top"'),
        ('<a href="/calls/1"', '<a style="color: red" href="/calls/1"'),
        ('<p data-metric="calls"', "<p id='top'"),
        ('<p data-metric="calls"', '<p ID="top"'),
        ('<a href="/calls/1"', '<a onclick="go()" href="/calls/1"'),
        ('<a href="/calls/1"', '<a\n  OnClick="go()" href="/calls/1"'),
        ('<a href="/calls/1"', '<a\tstyle="color: red" href="/calls/1"'),
        ('<a href="/calls/1"', '<a href=""'),
        ('<script src="/app.js"></script>', "<script>go()</script>"),
        ('<script src="/app.js"></script>', "<style>p { color: red }</style>"),
    ],
)
def test_a_breach_of_the_house_style_is_found(good: str, bad: str) -> None:
    with pytest.raises(AssertionError):
        check_house_style(page(GOOD.replace(good, bad, 1)))


@pytest.mark.parametrize("html", [GOOD.replace("</p>", "</p></p>"), "<div><span></div>", "<p>&nosuch;</p>"])
def test_a_mistake_in_the_html_is_found(html: str) -> None:
    with pytest.raises(ParseError):
        check_house_style(page(html))


def test_rows_alone_are_a_good_fragment() -> None:
    check_house_style(page("<tr><td>1</td></tr>"))


def test_a_page_is_read_as_a_browser_reads_it() -> None:
    seen = page(GOOD)
    assert seen.heading == "Calls"
    assert seen.links == {"First": "/calls/1"}
    assert seen.metrics == {"calls": "12"}
    assert seen.fields("/calls") == {"q": "leak", "s": "b", "t": " long"}


def test_a_mistake_in_a_kind_of_page_that_was_seen_before_is_found() -> None:
    check_house_style(page("<p><b>1</b></p>", at="/calls/01a1fa61-d01b-7573-8fc9-f7d6a2237a7d"))
    check_house_style(page("<p><b>2</b></p>", at="/calls/01a1fa61-d0f5-74a8-8f81-2f3369b01437"))
    for bad in ("<p><b>3</b></p></p>", "<p><b>3</p>", "<p><ul><li>3</li></ul></p>"):
        with pytest.raises(ParseError):
            check_house_style(page(bad, at="/calls/01a1fa61-d221-70eb-a164-395326d34bec"))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("<p>2</p>", "<p>&nosuch;</p>"),
        ("<p>2</p>", '<p class="a" class="b">2</p>'),
        ("<title>Calls", "<title>&nosuch;"),
        ("</nav>", "</nav><nav></nav><ul><p></p></ul></p>"),
    ],
)
def test_a_mistake_in_a_new_kind_of_page_with_a_known_frame_is_found(good: str, bad: str) -> None:
    head, frame = "<head><title>Calls</title></head>", "<nav></nav>"
    html = f'<!doctype html><html lang="en">{head}<body>{frame}<main id="main"><h1>1</h1><p>2</p></main></body></html>'
    check_house_style(page(html))
    with pytest.raises(ParseError):
        check_house_style(page(html.replace(good, bad)))


def page(html: str, at: str = "") -> Page:
    """Return a response with this HTML, at a URL of its own unless `at` is passed."""
    return Page(Client(Response(html, mimetype="text/html")).get(at or f"/{html.encode().hex()}"))
