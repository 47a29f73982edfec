"""The session ends while a form is filled in, without JavaScript: the form returns with all input, unsent.

The form is filled in and sent too late, then its sender signs in again.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import Engine, text

from app.security.secret_fields import is_secret
from tests.support.factories import PASSWORD
from tests.support.form_setups import Ready, Scene
from tests.support.forms_on_pages import (
    controls,
    filled_forms,
    forms,
)
from tests.support.pages import Page

#: Forms that aren't restored.
LEAVES_NOTHING = {
    "impersonation.end": "ends viewing as another person, for whom nothing is stored",
    "organizations.leave": "leaves another organization, in which nothing is stored",
    "sign_in.sign_out": "there is no session left to end",
    "sign_in.create_confirmation": "signing in again is a confirmation, too, and leads on",
    "sign_in.reset_browser": "clears the browser's storage, including what was typed",
}

#: Choices on a page without a form of its own: it states that nothing was done, and the boxes must be selected again.
TICKED_AGAIN = {
    "saved_views.choose_columns": "list columns",
    "tasks.snooze": "one day in a menu",
    "tasks.assign": "one person next to a button",
    "providers.remove": "a checkbox that prevents accidental removal",
}

#: Forms that come back as the one of a page whose address contains their choices, by the path of that page.
ON_ANOTHER_PAGE = {"bulk.choose": "/bulk/new"}

#: Fields that are sealed again each time, with the same content.
SEALED = {"enrolment"}

PRESS_AGAIN = "You’re signed in again, but nothing has been done yet. Press the button again."
SHOWN_AGAIN = "You’re signed in again, but nothing has been submitted yet."
_NOT_TYPED = ("hidden", "submit", "button")


class Latecomer:
    """A user who sends forms after the session has ended, and signs in again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def lost(self, endpoint: str, scene: Scene, ready: Ready) -> Iterator[str]:
        """Yield everything that is lost or wrong once they have signed in again."""
        for action, data in list(filled_forms(endpoint, scene, ready))[:1]:
            stood_at = _address(ready.page) if ready.page else "/account"
            shown = self._shown_again(scene, action, data, stood_at, str(ready.known.get("code")))
            if shown.status == 303:
                if endpoint not in TICKED_AGAIN and _is_filled_in(ready, action):
                    yield "the form does not come back"
                if shown.headers["Location"] != stood_at:
                    yield f"leads to {shown.headers['Location']}, not {stood_at}"
                if PRESS_AGAIN not in scene.client.follow(shown).text:
                    yield "not said that nothing is done"
            else:
                path = ON_ANOTHER_PAGE.get(endpoint)
                query = dict(parse_qsl(data.pop("query"))) if path else {}
                yield from self._lost_from(shown, path or _path(action), {**data, **query})

    def _lost_from(self, shown: Page, path: str, data: dict[str, Any]) -> Iterator[str]:
        where, form = next((one for one in forms(shown) if _path(one[0]) == path), ("", None))
        if form is None:
            yield f"{shown.status} without the form: {shown.text[:300]}"
            return
        if SHOWN_AGAIN not in shown.text:
            yield "not said that nothing is sent"
        there = {**dict(parse_qsl(urlsplit(where).query)), **shown.fields_of(form)}
        pressed = {button.get("name") for button in form.iter("button")}
        for name, value in data.items():
            if name in pressed:
                continue
            if isinstance(value, tuple):
                if "Choose the file again" not in shown.text:
                    yield f"not said that {name} has no file"
            elif not is_secret(name) and name not in SEALED and there.get(name, "") != value:
                yield f"{name}: {there.get(name)!r}, not {value!r}"

    def _shown_again(self, scene: Scene, action: str, data: dict[str, Any], stood_at: str, code: str) -> Page:
        ended = text("UPDATE user_sessions SET revoked_at = now() WHERE user_id = :id")
        with self._engine.begin() as connection:
            connection.execute(ended, {"id": scene.who.id})
        page = scene.client.post(action, data, status=401, headers={"Referer": f"http://localhost{stood_at}"})
        page = scene.client.post(
            "/login", {**page.fields("/login"), "email": scene.who.email, "password": PASSWORD}, status=200
        )
        if page.heading == "Enter a code":
            page = scene.client.post("/login/code", {**page.fields("/login/code"), "code": code}, status=200)
        assert page.heading == "You’re signed in again"
        back = page.one(".//form[@data-send-at-once]")
        return scene.client.answer_of(back.get("action", ""), page.fields_of(back))


def _address(page: Page) -> str:
    request = page.response.request
    return request.path + (f"?{request.query_string.decode()}" if request.query_string else "")


def _path(address: str) -> str:
    return urlsplit(address).path


def _is_filled_in(ready: Ready, action: str) -> bool:
    page = ready.page
    found = (form for where, form in forms(page) if where == action) if page else ()
    return any(
        control.tag in ("select", "textarea") or (control.tag == "input" and control.get("type") not in _NOT_TYPED)
        for form in found
        for control in controls(page, form)  # type: ignore[arg-type]  # there are forms, so there is a page
    )
