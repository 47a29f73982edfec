"""Hostile input in the fields of a form: it is refused with an error at the field, or stored and shown as text.

A page never breaks, and text never becomes markup or gets lost. Values take turns at forms (tests/support/turns.py).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from sqlalchemy import Engine, text

from app.db.ids import uuid7
from app.security.secret_fields import is_secret
from app.work.contacts.rules import split_tags
from tests.support.filling import filled
from tests.support.form_setups import Ready, Scene
from tests.support.forms_on_pages import KNOWN, controls, endpoint_of, forms
from tests.support.hostile import as_kept, as_one_line, harm_in
from tests.support.pages import Page
from tests.support.turns import Turn

#: Fields whose text isn't in the trail, by endpoint and name, with the reason.
_UNRECORDED: Mapping[str, str] = {
    "missed_calls.send_text.body": "the trail doesn't repeat what messages say",
    "organizations.enter.reason": "recorded in the trail of the entered organization",
}

_CHOSEN = ("hidden", "submit", "button", "checkbox", "radio", "file", "password")
_TEXT = ("text", "search", None)
#: Ids generated with a form: a new one creates a new row.
_NEW_IDS = frozenset({"row_id", "note_id"})


class HostileForm:
    """A form on a page that can be sent with hostile input, with checks of the responses."""

    def __init__(self, scene: Scene, endpoint: str, action: str, page: Page, form: Element, known: Mapping[str, Any]):
        self.scene, self.endpoint, self.action = scene, endpoint, action
        found = [one for one in controls(page, form) if one.get("disabled") is None]
        self.typed = {str(one.get("name")): one for one in found if _is_typed(one)}
        self.texts = [name for name, one in self.typed.items() if _holds_text(one) and name not in known]
        self.names = list(dict.fromkeys(str(one.get("name")) for one in found if one.get("type") != "file"))
        self.names = [name for name in self.names if name != "csrf_token"]
        self.good = filled(form, page, {**KNOWN, "slug": scene.company.organization.slug, **known})
        self.good.pop("csrf_token", None)
        self.answers: set[int] = set()
        #: IDs of the requests whose texts were accepted.
        self.stored: list[str] = []
        self._texts: dict[str, str] = {}

    @property
    def makes_a_row(self) -> bool:
        """True if the form has the ID of a row that it will create."""
        return bool(_NEW_IDS & self.good.keys())

    def fresh(self) -> dict[str, Any]:
        """Return valid values that create a new row, if the form creates one."""
        return {**self.good, **{name: str(uuid7()) for name in _NEW_IDS & self.good.keys()}}

    def send_valid(self) -> int:
        """Send valid values and return the status."""
        return self.scene.client.answer_of(self.action, self.fresh()).status

    def send_wrong(self, values: Sequence[str]) -> Iterator[str]:
        """Send each of `values` whose turn it is in every field; yield the faults found.

        The fields of one request get different values.
        """
        turn = Turn.of(values, self.endpoint)
        for first in range(len(turn) if self.names else 0):
            sent = {name: turn[(place + first) % len(turn)] for place, name in enumerate(self.names)}
            page = self.scene.client.answer_of(self.action, sent)
            yield from self._wrong(page, sent)

    def send_texts(self, values: Sequence[str], engine: Engine) -> Iterator[str]:
        """Send each of `values` whose turn it is in every text field, with valid values in all others.

        Text that the app accepts must be stored as `as_kept` or `as_one_line` returns it; otherwise, the form must be
        shown again with the text. Yield the faults found.
        """
        turn = Turn.of(values, self.endpoint)
        for first in range(len(turn) if self.texts else 0):
            places = enumerate(self.texts)
            sent = {name: turn[(place + first) % len(turn)][: self.room(name)] for place, name in places}
            yield from self.send(sent, engine)

    def send(self, sent: Mapping[str, str], engine: Engine) -> Iterator[str]:
        """Send these texts, with valid values in all other fields; yield the faults found.

        After a conflict with a newer version, the form is sent once more with that version.
        """
        good = self.fresh()
        page = self.scene.client.answer_of(self.action, {**good, **sent})
        yield from self._wrong(page, sent)
        if page.status == 409 and self._take_version(page):
            page = self.scene.client.answer_of(self.action, {**good, "version": self.good["version"], **sent})
            yield from self._wrong(page, sent)
        if page.status == 303:
            self.stored.append(page.headers["X-Request-ID"])
            yield from self._seen_after(page)
            yield from self._not_stored(engine, page, {name: sent[name] for name in sent if self._changes(name, sent)})
            self._texts |= sent

    def room(self, name: str) -> int | None:
        """Return the maximum length of a field, or None if it has no limit."""
        most = self.typed[name].get("maxlength")
        return int(most) if most else None

    def _wrong(self, page: Page, sent: Mapping[str, str]) -> Iterator[str]:
        if harm := harm_in(page):
            yield f"{harm}: {list(sent.items())}"[:600]
        self.answers.add(page.status)
        if page.status not in (400, 409, 422):
            return
        shown = self._shown(page)
        if shown is None:
            return
        for name, value in sent.items():
            is_shown = name in self.typed and not is_secret(name) and "\0" not in value
            if is_shown and self.typed[name].get("type") != "time" and as_kept(shown.get(name, "")) != as_kept(value):
                yield f"{page.status}: {name} comes back as {shown.get(name)!r:.80}, not {value!r:.80}"

    def _changes(self, name: str, sent: Mapping[str, str]) -> bool:
        """Return whether the trail has the text of a field, because the request before had another one."""
        return f"{self.endpoint}.{name}" not in _UNRECORDED and self._texts.get(name) != sent[name]

    def _not_stored(self, engine: Engine, page: Page, sent: Mapping[str, str]) -> Iterator[str]:
        """Yield a fault for each text that is missing from the audit trail of the request.

        A request that changed nothing has no audit trail.
        """
        trail = text("SELECT before, after, metadata FROM audit_logs WHERE request_id = :request")
        with engine.connect() as connection:
            rows = [list(row) for row in connection.execute(trail, {"request": page.headers["X-Request-ID"]})]
        told = json.dumps(rows)
        for name, value in sent.items() if rows else ():
            texts = split_tags(value) if name == "tags" else (value,)
            if not all(_in_json(as_kept(one), told) or _in_json(as_one_line(one), told) for one in texts):
                yield f"{name} is not stored: {value!r}, {rows}"[:600]

    def _seen_after(self, page: Page) -> Iterator[str]:
        where = page.headers["Location"]
        if not where.startswith("/") or where.startswith("//"):
            yield f"leads to {where}"
        elif harm := harm_in(self.scene.client.look_at(where)):
            yield f"{harm} on {where}"

    def _shown(self, page: Page) -> dict[str, str] | None:
        found = (form for action, form in forms(page) if endpoint_of(self.scene.app, action) == self.endpoint)
        form = next(found, None)
        return None if form is None else page.fields_of(form)

    def _take_version(self, page: Page) -> bool:
        """Adopt the version from the form when it is shown again; return whether there is one."""
        now = (self._shown(page) or {}).get("version")
        if now and "version" in self.good:
            self.good["version"] = now
        return bool(now) and "version" in self.good


def hostile_form(endpoint: str, scene: Scene, ready: Ready) -> HostileForm | None:
    """Return the form to `endpoint` on a prepared page; None if no page shows one."""
    if ready.page is None:
        return None
    for action, form in forms(ready.page):
        if endpoint_of(scene.app, action) == endpoint:
            return HostileForm(scene, endpoint, action, ready.page, form, ready.known)
    return None


def _in_json(text_: str, json_: str) -> bool:
    return json.dumps(text_)[1:-1] in json_


def _is_typed(control: Element) -> bool:
    return control.tag == "textarea" or (control.tag == "input" and control.get("type") not in _CHOSEN)


def _holds_text(control: Element) -> bool:
    return control.tag == "textarea" or control.get("type") in _TEXT
