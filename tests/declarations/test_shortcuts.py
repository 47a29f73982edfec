"""Keyboard shortcuts work only if declared: templates contain no other keys, and scripts no hard-coded ones."""

import re
from pathlib import Path

import pytest
from flask import Flask

from app.declarations.registry import registry_of
from app.models import Organization, Role, User
from app.security.matrix import permissions_of
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import text_of

_ROOT = Path(__file__).parents[2]
#: Keys that a widget handles while it has the focus (WAI-ARIA patterns), and the one that closes what is open.
_OF_WIDGETS = {"ArrowDown", "ArrowUp", "Enter", "Escape", "Tab"}
_CARRIED = re.compile(r"""data-(?:near-)?key(?:"\s*:\s*|=)"([^"{]+)\"""")
_COMPARED = re.compile(r"""\bkey [!=]==? "([^"]+)\"""")


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.MANAGER)


def test_templates_carry_no_key_that_is_not_declared(app: Flask) -> None:
    known = {key for shortcut in registry_of(app).shortcuts for key in shortcut.keys}
    carried = {
        key
        for path in (_ROOT / "templates").rglob("*.html")
        for literal in _CARRIED.findall(path.read_text())
        for key in literal.split()
    }

    assert carried, "the pattern finds none"
    assert carried - known == set()


def test_scripts_know_no_key_by_its_name_but_those_of_widgets() -> None:
    """Scripts name only the keys of widgets, and read all others from `data-key` and the shortcut sheet."""
    scripts = {path.name: path.read_text() for path in (_ROOT / "static" / "js").glob("*.js")}
    compared = {key for text in scripts.values() for key in _COMPARED.findall(text)}

    assert compared, "the pattern finds none"
    assert compared - _OF_WIDGETS == set()
    assert not any(word in text for text in scripts.values() for word in ("keyCode", "accessKey", "keypress"))


def test_nothing_takes_the_keys_of_a_screen_reader() -> None:
    """Templates use neither `role="application"` nor `accesskey`, which take keys from a screen reader."""
    templates = [path.read_text() for path in (_ROOT / "templates").rglob("*.html")]

    assert not any('role="application"' in text or "accesskey" in text for text in templates)


def test_no_key_means_two_things_on_a_page(app: Flask) -> None:
    known = registry_of(app)
    for rule in app.url_map.iter_rules():
        there = [key for one in known.shortcuts if known.has_key(rule.endpoint, one) for key in one.keys]
        assert len(there) == len(set(there)), rule.endpoint


def test_all_keys_stand_on_a_page_of_their_own(app: Flask, client: Client, manager: User) -> None:
    page = client.sign_in(manager).get("/account/shortcuts")
    told = [text_of(line) for line in page.all(".//main//dd")]

    rights = permissions_of(Role.MANAGER)
    offered = [one for one in registry_of(app).shortcuts if one.permission is None or one.permission in rights]
    assert offered
    with app.test_request_context():
        assert {str(one.label) for one in offered} <= set(told)


def test_the_sheet_of_a_page_has_its_own_keys_and_not_those_of_others(client: Client, manager: User) -> None:
    page = client.sign_in(manager).get("/tasks")
    told = [text_of(line) for line in page.all(".//*[@id='shortcuts']//dd")]

    assert "Next row; Enter opens it" in told
    assert "Search everything" in told
    assert "Play or pause a recording" not in told
