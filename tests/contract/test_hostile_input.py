"""Hostile text in any field or URL is refused with an error at the field, or stored and shown as text.

A page never breaks, and text never becomes markup or gets lost. Forms are tested in test_forms.py; the parameters of a
URL are found by the links and forms that lead to it. Values take turns (tests/support/turns.py).
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask

from app.characters import is_showable
from app.declarations.registry import registry_of
from tests.support.company import address_of
from tests.support.form_setups import Scene
from tests.support.forms_on_pages import controls, rule_of, signed_in_rules
from tests.support.hostile import TEXTS, WRONG, harm_in
from tests.support.owner_pages import OwnerPages, without_rate_limits
from tests.support.pages import Page
from tests.support.stage import Stage
from tests.support.turns import Turn

#: Values that reach the app in a URL; those that the server refuses earlier are tested in tests/web/test_intake.py.
_OF_ADDRESSES = [value for value in (*WRONG, *TEXTS[:2], "a" * 3000) if is_showable(value)]
#: Endpoints that end the session.
ENDS = frozenset({"sign_in.sign_out"})
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@pytest.mark.parametrize(("length", "status"), [(10_000_000, 400), (10_500_000, 413)])
def test_ten_megabytes_in_a_field_are_refused_and_nothing_is_lost(stage: Stage, length: int, status: int) -> None:
    scene = stage.scene()
    page = f"/contacts/{scene.company.rows['contact'].id}"
    action = f"{page}/notes"
    form = scene.client.get(page).fields(action, "post")

    refused = scene.client.answer_of(action, {**form, "body": "a" * length})
    assert refused.status == status
    if status == 400:
        assert len(refused.fields(action, "post")["body"]) == length
        assert "Use up to 5000 characters." in refused.text
    else:
        assert "That’s too large" in refused.text

    scene.client.post(action, {**form, "body": "Somewhat shorter"})
    assert "Somewhat shorter" in scene.client.get(page).text


def test_no_address_breaks_or_becomes_markup(app: Flask, stage: Stage, owner_pages: OwnerPages) -> None:
    scene = stage.scene()
    wrong = {}
    with without_rate_limits(app):  # lists as files have a limit for each
        for path, names in _asked_on_pages(scene, owner_pages).items():
            for turn in Turn.of(range(len(_OF_ADDRESSES)), _ID.sub("…", path)):
                sent = {
                    name: _OF_ADDRESSES[(place + turn) % len(_OF_ADDRESSES)] for place, name in enumerate(sorted(names))
                }
                page = scene.client.look_at(f"{path}?{urlencode(sent)}")
                assert page.status != 429, path
                if harm := harm_in(page):
                    wrong[path] = f"{harm}: {sent}"

    assert wrong == {}


def test_what_is_looked_for_in_a_list_is_shown_as_it_was_typed(app: Flask, stage: Stage) -> None:
    scene = stage.scene()
    for resource in registry_of(app).listed.values():
        listed = resource.listed
        if listed is None or "q" not in listed.filters.model_fields:
            continue
        path = _path_of(scene, listed.endpoint)
        for typed in Turn.of(TEXTS, path):
            page = scene.client.get(f"{path}?{urlencode({'q': typed})}")
            assert harm_in(page) is None, f"{path}: {typed}"
            assert typed.strip() in [one.get("value") for one in page.all(".//input[@name='q']")], path


def _asked_on_pages(scene: Scene, owner_pages: OwnerPages) -> Mapping[str, set[str]]:
    """Return a URL of each kind with the parameter names that links and forms use for it or that its list reads.

    URLs of a kind differ only by their IDs, which are those of the scene's company.
    """
    paths: dict[str, str] = {}
    names_of: defaultdict[str, set[str]] = defaultdict(set)

    def add(path: str, names: set[str]) -> None:
        kind = _ID.sub("…", path)
        paths[kind] = path
        names_of[kind] |= names

    for rule in signed_in_rules(scene.app):
        if "GET" not in (rule.methods or ()) or rule.endpoint in ENDS:
            continue
        page = owner_pages[rule.rule].page()
        for address, names in _questions(page) if page.is_html and page.html else ():
            asked = rule_of(scene.app, address, "GET")
            if asked is None or asked.endpoint in ENDS:
                continue
            is_of_rows = all(name.endswith("_id") for name in asked.arguments)
            add(address_of(scene.app, asked, scene.company) if is_of_rows else urlsplit(address).path, names)
    for resource in registry_of(scene.app).listed.values():
        if resource.listed is not None:
            path = _path_of(scene, resource.listed.endpoint)
            filters = resource.listed.filters
            read = {field.alias or name for name, field in filters.model_fields.items()} | filters.RESERVED
            for where in (path, f"{path}.csv"):
                add(where, read)
    return {path: names_of[kind] for kind, path in paths.items() if names_of[kind]}


def _questions(page: Page) -> Iterator[tuple[str, set[str]]]:
    for link in page.all(".//a[@href]"):
        address = link.get("href", "")
        yield address, {name for name, _value in parse_qsl(urlsplit(address).query, keep_blank_values=True)}
    for form in page.all(".//form[@method='get']"):
        yield form.get("action", ""), {str(one.get("name")) for one in controls(page, form)}


def _path_of(scene: Scene, endpoint: str) -> str:
    [rule, *_others] = scene.app.url_map.iter_rules(endpoint)
    return address_of(scene.app, rule, scene.company)
