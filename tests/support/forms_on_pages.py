"""The forms that pages hold, who may send them, and what they would send."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from app.security.guard import access_of, is_static
from tests.support.company import address_of
from tests.support.factories import PASSWORD
from tests.support.filling import filled
from tests.support.pages import Page
from tests.support.ways import Ready, Scene

#: What nobody can guess who fills in a form.
KNOWN = {
    "current": PASSWORD,
    "password": "a phrase that nobody else has",
    "again": "a phrase that nobody else has",
    "name": "Another name",
    "body": "Other words",
    "timezone": "America/Chicago",
    "country": "US",
    "currency": "USD",
    "trash_days": "60",
    "metric": "booking_rate",
}


#: Forms that only whose call it is may send.
SENT_BY_CSRS = frozenset({"calls.finish_coaching", "disputes.create"})


class Door(NamedTuple):
    """A form to `endpoint` on the page of another one."""

    endpoint: str
    page: str


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


def unsafe_endpoints(app: Flask) -> list[str]:
    """Every route that a form of somebody signed in can go to, in order."""
    return sorted({rule.endpoint for rule in signed_in_rules(app) if "POST" in (rule.methods or ())})


def endpoint_of(app: Flask, action: str) -> str | None:
    """Where a form goes to."""
    rule = rule_of(app, action, "POST")
    return rule.endpoint if rule else None


def doors(scene: Scene) -> Iterator[Door]:
    """Every form that can be found by looking at every page."""
    for rule in signed_in_rules(scene.app):
        if "GET" not in (rule.methods or ()):
            continue
        for action, _form in forms(scene.client.look_at(address_of(scene.app, rule, scene.company))):
            if endpoint := endpoint_of(scene.app, action):
                yield Door(endpoint, rule.endpoint)


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


def page_of(endpoint: str, scene: Scene) -> Page:
    """The page of a route, with the rows of the scene's company."""
    rules = scene.app.url_map.iter_rules(endpoint)
    rule = next(rule for rule in rules if "GET" in (rule.methods or ()))
    return scene.client.look_at(address_of(scene.app, rule, scene.company))


def filled_forms(endpoint: str, scene: Scene, ready: Ready) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each form to `endpoint` that is ready: where it goes, and what somebody sends who has never seen it."""
    known: Mapping[str, Any] = {**KNOWN, "slug": scene.company.organization.slug, **ready.known}
    if ready.page is None:
        yield ready.action, dict(ready.known)
        return
    for action, form in forms(ready.page):
        if endpoint_of(scene.app, action) == endpoint:
            yield action, filled(form, ready.page, known)
