"""Forms found on the app's pages, and the data that users would send with them."""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from app.security.guard import access_of, is_static
from tests.support.company import address_of
from tests.support.factories import PASSWORD
from tests.support.filling import filled
from tests.support.form_setups import Ready, Scene
from tests.support.pages import Page
from tests.support.routes import page_routes

#: Values that can't be guessed from the form.
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


#: Forms that only the call's own CSR can send.
SENT_BY_CSRS = frozenset({"calls.finish_coaching", "disputes.create", "disputes.create_about_booking"})


def signed_in_rules(app: Flask) -> Iterator[Rule]:
    """Yield every route that requires signing in; tests/people covers access to the public ones."""
    for rule in page_routes(app):
        access = access_of(app, rule.endpoint)
        if not is_static(rule.endpoint) and access is not None and access.signed_in:
            yield rule


def rule_of(app: Flask, address: str, method: str) -> Rule | None:
    """Return the route of one of the app's URLs; None if there is none."""
    try:
        rule, _values = app.url_map.bind("").match(address.partition("?")[0], method=method, return_rule=True)
    except HTTPException:
        return None
    return rule


def unsafe_endpoints(app: Flask) -> list[str]:
    """Return the sorted endpoints to which a signed-in user can send a form."""
    return sorted({rule.endpoint for rule in signed_in_rules(app) if "POST" in (rule.methods or ())})


def endpoint_of(app: Flask, action: str) -> str | None:
    """Return the endpoint to which a form with this action is sent, or None."""
    rule = rule_of(app, action, "POST")
    return rule.endpoint if rule else None


def endpoints_on(app: Flask, page: Page) -> Iterator[str]:
    """Yield the endpoint of every form on a page."""
    for action, _form in forms(page):
        if endpoint := endpoint_of(app, action):
            yield endpoint


def forms(page: Page) -> Iterator[tuple[str, Any]]:
    """Yield the action and element of each POST form, and again for each button with its own action."""
    for form in page.all(".//form[@method='post']") if page.is_html and page.html else []:
        yield form.get("action", ""), form
        for button in form.findall(".//button[@formaction]"):
            yield button.get("formaction", ""), form


def controls(page: Page, form: Element) -> Iterator[Element]:
    """Yield all named controls of a form, including buttons and controls elsewhere on the page."""
    outside = page.all(f".//*[@form='{form.get('id')}']") if form.get("id") else []
    for control in (*form.iter(), *outside):
        if control.tag in ("input", "select", "textarea", "button") and control.get("name"):
            yield control


def page_of(endpoint: str, scene: Scene) -> Page:
    """Open the page of an endpoint for the rows of the scene's company."""
    rules = scene.app.url_map.iter_rules(endpoint)
    rule = next(rule for rule in rules if "GET" in (rule.methods or ()))
    return scene.client.look_at(address_of(scene.app, rule, scene.company))


def filled_forms(endpoint: str, scene: Scene, ready: Ready) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the action and data of each form to `endpoint`, filled in without knowledge of the form.

    If `ready` has no page, yield only its action and its known values.
    """
    known: Mapping[str, Any] = {**KNOWN, "slug": scene.company.organization.slug, **ready.known}
    if ready.page is None:
        yield ready.action, dict(ready.known)
        return
    for action, form in forms(ready.page):
        if endpoint_of(scene.app, action) == endpoint:
            yield action, filled(form, ready.page, known)
