"""Whatever a form changes: the trail tells who did it, from where and in which request.

The forms are found by looking at every page; each is sent as somebody would who has never seen it.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import Engine, text

from tests.support.client import Client
from tests.support.company import Company, address_of
from tests.support.factories import PASSWORD, Factories
from tests.support.filling import filled
from tests.support.forms_on_pages import forms, rule_of, scene_for, signed_in_rules
from tests.support.pages import Page
from tests.support.ways import WAYS, Ready, Scene

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
}

#: Forms that change nothing for anybody, so that there is nothing to tell.
CHANGES_NOTHING = {
    "sign_in.reset_browser": "the browser forgets; no row",
    "sign_in.create_choice": "leads on to the sign-in page of an organization",
    "invitations.create_import": "shows what a file would come to, and keeps nothing of it",
    "sign_in.create_reset_link": "the same answer whether or not anybody has this address",
}


class Door(NamedTuple):
    """A form to `endpoint` on the page of another one."""

    endpoint: str
    page: str


def unsafe_endpoints(app: Flask) -> list[str]:
    """Every route that a form of somebody signed in can go to, in order."""
    return sorted({rule.endpoint for rule in signed_in_rules(app) if "POST" in (rule.methods or ())})


def endpoint_of(app: Flask, action: str) -> str | None:
    """Where a form goes to."""
    rule = rule_of(app, action, "POST")
    return rule.endpoint if rule else None


def doors(app: Flask, client: Client, company: Company) -> Iterator[Door]:
    """Every form that can be found by looking at every page."""
    for rule in signed_in_rules(app):
        if "GET" not in (rule.methods or ()):
            continue
        for action, _form in forms(client.look_at(address_of(app, rule, company))):
            if endpoint := endpoint_of(app, action):
                yield Door(endpoint, rule.endpoint)


class Sender:
    """Sends the forms of fresh organizations, so that no form meets what another has left."""

    def __init__(self, app: Flask, new_client: Callable[[], Client], make: Factories, engine: Engine) -> None:
        self._app, self._new_client, self._make, self._engine = app, new_client, make, engine

    def scene(self, endpoint: str) -> Scene:
        """Somebody of a new organization who may send the form."""
        return scene_for(self._app, self._new_client, self._make, endpoint)

    def send(self, endpoint: str, page_of: str | None) -> list[str]:
        """Send the form to `endpoint` that is on the page of another; what is wrong about the trail that it left."""
        scene = self.scene(endpoint)
        ready = WAYS[endpoint](scene) if page_of is None else Ready(scene.client.look_at(self._address(page_of, scene)))
        known = {**KNOWN, "slug": scene.company.organization.slug, **ready.known}
        wrong = ["no page has this form"]
        for action, data in self._filled(endpoint, ready, known):
            answer = scene.client.answer_of(action, data)
            if answer.status in (200, 303):
                return self._missing(answer)
            wrong = [f"{answer.status}: {answer.text[-1500:]}"]
        return wrong

    def _address(self, endpoint: str, scene: Scene) -> str:
        rules = self._app.url_map.iter_rules(endpoint)
        return address_of(self._app, next(rule for rule in rules if "GET" in (rule.methods or ())), scene.company)

    def _filled(self, endpoint: str, ready: Ready, known: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
        if ready.page is None:
            yield ready.action, dict(ready.known)
            return
        for action, form in forms(ready.page):
            if endpoint_of(self._app, action) == endpoint:
                yield action, filled(form, ready.page, known)

    def _missing(self, answer: Page) -> list[str]:
        told = text("SELECT user_id, ip_address FROM audit_logs WHERE request_id = :request ORDER BY id")
        with self._engine.connect() as connection:
            rows = connection.execute(told, {"request": answer.headers["X-Request-ID"]}).all()
        if not rows:
            return ["nothing in the trail"]
        return [f"by {row.user_id} from {row.ip_address}" for row in rows if not (row.user_id and row.ip_address)]


def test_every_form_leaves_a_trail_with_actor_address_and_request(
    app: Flask, new_client: Callable[[], Client], make: Factories, admin_engine: Engine
) -> None:
    sender = Sender(app, new_client, make, admin_engine)
    seen: dict[str, set[str]] = {}
    for scene in (sender.scene(""), sender.scene("organizations.index")):
        for door in doors(app, scene.client, scene.company):
            seen.setdefault(door.endpoint, set()).add(door.page)

    wrong = {}
    for endpoint in unsafe_endpoints(app):
        if endpoint in CHANGES_NOTHING:
            continue
        pages = [None] if endpoint in WAYS else sorted(seen.get(endpoint, ()))
        problems = {}
        for page in pages:
            problems[page] = sender.send(endpoint, page)
            if problems[page] == []:
                break
        else:
            wrong[endpoint] = problems or "no page has this form"

    assert wrong == {}
