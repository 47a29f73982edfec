"""The forms that pages hold, and who may send them."""

from collections.abc import Callable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from app.models import Role, StaffRole
from app.security.guard import access_of, is_static
from tests.support.client import Client
from tests.support.company import make_company
from tests.support.factories import Factories
from tests.support.pages import Page
from tests.support.ways import Scene


def signed_in_rules(app: Flask) -> Iterator[Rule]:
    """Every route but the public ones: who comes in by those is told of in tests/people."""
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        if not is_static(rule.endpoint) and access is not None and access.signed_in:
            yield rule


def rule_of(app: Flask, address: str, method: str) -> Rule | None:
    """The route that an address of the app leads to."""
    try:
        rule, _values = app.url_map.bind("").match(address.partition("?")[0], method=method, return_rule=True)
    except HTTPException:
        return None
    return rule


def forms(page: Page) -> Iterator[tuple[str, Any]]:
    """The forms of a page that change something, with where each goes; a button may send one elsewhere."""
    for form in page.all(".//form[@method='post']") if page.is_html and page.html else []:
        yield form.get("action", ""), form
        for button in form.findall(".//button[@formaction]"):
            yield button.get("formaction", ""), form


def controls(page: Page, form: Element) -> Iterator[Element]:
    """All that a form sends, buttons too; controls elsewhere on the page may belong to it."""
    outside = page.all(f".//*[@form='{form.get('id')}']") if form.get("id") else []
    for control in (*form.iter(), *outside):
        if control.tag in ("input", "select", "textarea", "button") and control.get("name"):
            yield control


def scene_for(app: Flask, new_client: Callable[[], Client], make: Factories, endpoint: str) -> Scene:
    """The owner of a new organization, or where the form is the platform's, one of its admins."""
    company = make_company(make)
    is_platforms = endpoint.startswith("organizations.")
    who = make.staff(StaffRole.ADMIN) if is_platforms else company.people[Role.OWNER]
    return Scene(app, new_client().sign_in(who), new_client(), company, make)
