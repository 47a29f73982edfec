"""Rules for pages, each of which detects its faults and accepts a good page."""

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import Client
from werkzeug.wrappers import Response

from app.security.guard import access_of
from tests.support.page_rules import RULES, Visit, broken_rules
from tests.support.pages import Page

Look = Callable[..., list[str]]

GOOD = """<!doctype html><html lang="en"><head><title>Calls</title></head><body>
  <aside class="side"><nav class="nav">
    <a href="/calls" aria-current="page">Calls</a><a href="/leads">Leads</a>
  </nav></aside>
  <main><h1 id="top">Calls</h1><h2>Today</h2>
    <header><div class="row">
      <a class="btn" href="/leads">Leads</a><a class="btn btn--primary" href="/calls.csv">File</a>
    </div></header>
    <form action="/calls" method="get">
      <label for="q">Search</label><input id="q" name="q"><label>Day <input name="day"></label>
      <input name="hour" aria-label="Hour"><input type="hidden" name="kept">
    </form>
    <form action="/account/preferences" method="post"><input type="hidden" name="csrf_token" value="x">
      <div class="row row--end">
        <a class="btn" href="#top">Up</a><button class="btn btn--danger-solid">Delete</button>
      </div>
    </form>
    <svg><path fill="none" stroke="currentColor"></path><use href="/static/icons.svg#phone"></use></svg>
  </main></body></html>"""


#: Rules, each with the part of the good page to replace, and the replacement that breaks the rule.
BROKEN = [
    ("place", ' aria-current="page"', ""),
    ("place", '<a href="/leads">', '<a href="/leads" aria-current="page">'),
    ("primary action", 'class="btn" href="/leads"', 'class="btn btn--primary" href="/leads"'),
    (
        "primary action",
        '<a class="btn" href="/leads">Leads</a><a class="btn btn--primary" href="/calls.csv">File</a>',
        '<a class="btn btn--primary" href="/calls.csv">File</a><a class="btn" href="/leads">Leads</a>',
    ),
    ("primary action", '<div class="row row--end">', '<div class="row">'),
    ("primary action", "<svg>", '<a class="btn btn--primary" href="/leads">Another</a><svg>'),
    ("destructive action", '<a class="btn" href="#top">', '<a class="btn btn--danger" href="#top">'),
    ("form tokens", '<input type="hidden" name="csrf_token" value="x">', ""),
    ("colors", 'stroke="currentColor"', 'stroke="#c00"'),
    ("colors", 'fill="none"', 'fill="oklch(0.5 0.1 20)"'),
    ("headings", "<h2>Today</h2>", "<h3>Today</h3>"),
    ("labels", '<label for="q">Search</label>', "Search"),
    ("labels", '<label for="q">', '<label for="other">'),
    ("labels", ' aria-label="Hour"', ""),
    ("labels", "<label>Day ", "<label>"),
    ("links", 'href="/leads"', 'href="/leeds"'),
    ("links", 'action="/calls"', 'action="/account/preferences"'),
    ("links", 'href="/leads"', 'href="/users"'),
    ("links", 'href="#top"', 'href="#bottom"'),
    ("links", "icons.svg#phone", "icons.svg#telephone"),
    ("links", "/static/icons.svg", "/static/signs.svg"),
]


@pytest.fixture
def look(app: Flask) -> Look:
    """Function that returns the rules that a page breaks: `look(html, url)`.

    The reader of the page has no access to /users.
    """

    def broken(html: str, url: str = "/calls") -> list[str]:
        page = Page(Client(Response(html, mimetype="text/html")).get(url))
        return broken_rules(Visit(app, url, page, lambda access: access != users))

    users = access_of(app, "users.index")
    return broken


def test_a_good_page_breaks_no_rule(look: Look) -> None:
    assert look(GOOD) == []


@pytest.mark.parametrize(("rule", "good", "bad"), BROKEN)
def test_a_broken_rule_is_found_by_its_name(look: Look, rule: str, good: str, bad: str) -> None:
    assert good in GOOD

    assert {found.partition(":")[0] for found in look(GOOD.replace(good, bad, 1))} == {rule}


def test_a_page_of_the_organization_has_breadcrumbs_and_a_current_tab(look: Look) -> None:
    place = GOOD.replace("/calls", "/organization")
    head = (
        '<ol class="crumbs"><li>Organization</li><li>/ Calls</li></ol><nav class="tabs"><a href="#top" {}>One</a></nav>'
    )
    good = place.replace("<h1", head.format('aria-current="page"') + "<h1")

    assert not [found for found in look(good, "/organization/billing") if found.startswith("head")]
    for bad in (place, place.replace("<h1", head.format("") + "<h1"), good.replace("/ Calls", "/ Other")):
        assert [found for found in look(bad, "/organization/billing") if found.startswith("head")]


def test_primary_buttons_of_dialogs_and_forms_are_their_own(look: Look) -> None:
    button = '<button class="btn btn--primary">Save</button>'
    for opening, closing in (
        ("<dialog>", "</dialog>"),
        ('<form action="/calls">', "</form>"),
        ("<div popover>", "</div>"),
        ("<details><summary>More</summary>", "</details>"),
    ):
        assert look(GOOD.replace("<svg>", f"{opening}{button}{closing}<svg>")) == []
        twice = look(GOOD.replace("<svg>", f"{opening}{button}{button}{closing}<svg>"))
        assert twice == ["primary action: more than one: ['Save', 'Save']"]


def test_every_rule_is_tested_here() -> None:
    assert set(RULES) - {rule for rule, _good, _bad in BROKEN} == {"head"}
