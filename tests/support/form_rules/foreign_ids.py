"""IDs of another organization in the fields or the URL of a form: nothing is changed.

The form is sent correctly, except for one ID at a time.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Engine, text

from app.db.ids import uuid7
from app.models import Role
from tests.support.company import Company
from tests.support.form_setups import Ready, Scene
from tests.support.forms_on_pages import filled_forms
from tests.support.pages import Page
from tests.support.stage import Stage

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: Ids generated with the form: any value is a new row.
NEW = frozenset({"row_id", "note_id", "import_id"})
#: Fields that refer to a person, and fields whose kind of row differs from their name.
PEOPLE = frozenset({"rep", "assignee", "csr", "user_id", "manager_id", "person", "takes_over"})
CALLED_OTHERWISE = {"other": "contact"}
REFUSED = frozenset({400, 403, 404, 409, 422})

#: Fields that only choose what to show, by endpoint and name, with the reason.
SHOWS_ONLY: Mapping[str, str] = {
    "appointments.create.slot": "determines the time; the rep is the one chosen beside it",
    "appointments.reschedule.slot": "determines the time; the rep is the one chosen beside it",
}


def foreign_ids(data: Mapping[str, Any], neighbor: Company) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the form's data with one ID replaced by an ID of `neighbor`, or added where a field was empty."""
    for name, value in data.items():
        kind = CALLED_OTHERWISE.get(name, name.removesuffix("_id"))
        named = name in PEOPLE or _ID.match(str(value)) or (kind in neighbor.rows and not value)
        if not named or name in NEW or isinstance(value, tuple):
            continue
        of_kind = neighbor.people[Role.SALES_REP] if name == "rep" else neighbor.people[Role.CSR]
        row = of_kind if name in PEOPLE else neighbor.rows.get(kind, of_kind)
        own = str(value)
        yield name, {**data, name: own.replace(own[:36], str(row.id), 1) if _ID.match(own) else str(row.id)}


def foreign_addresses(action: str, scene: Scene, neighbor: Company) -> Iterator[str]:
    """Yield the URL of a form with one of its IDs replaced by an ID of `neighbor`."""
    own = {str(row.id): kind for kind, row in scene.company.rows.items() if hasattr(row, "id")}
    for found in _ID.finditer(action):
        kind = own.get(found[0])
        if kind is not None:
            yield action.replace(found[0], str(neighbor.rows[kind].id))


class Trail:
    """Reader of the IDs of trail entries, which are evidence of any change."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, company: Company) -> list[Any]:
        """Return the IDs of a company's entries."""
        return self._ids("organization_id = :value", company.organization.id)

    def of_request(self, page: Page) -> list[Any]:
        """Return the IDs of a request's entries, other than refusals."""
        return self._ids("request_id = :value AND action <> 'permission.refused'", page.headers["X-Request-ID"])

    def _ids(self, condition: str, value: object) -> list[Any]:
        told = text(f"SELECT id FROM audit_logs WHERE {condition} ORDER BY id")
        with self._engine.connect() as connection:
            return list(connection.scalars(told, {"value": value}))


class ForeignIds:
    """Sender of forms with IDs of the neighbor of their scene; `sent` is their number."""

    def __init__(self, stage: Stage, engine: Engine) -> None:
        self._stage, self._trail = stage, Trail(engine)
        self.sent = 0

    def taken(self, endpoint: str, scene: Scene, ready: Ready) -> Iterator[str]:
        """Yield each field whose foreign ID is accepted, and a trace of the form in the neighbor's trail."""
        neighbor = self._stage.neighbor
        before = self._trail.of(neighbor)
        for action, data in list(filled_forms(endpoint, scene, ready))[:1]:
            sent = [(name, action, other) for name, other in foreign_ids(data, neighbor)]
            sent += [("its address", where, data) for where in foreign_addresses(action, scene, neighbor)]
            for name, where, other in sent:
                self.sent += 1
                fresh = {made: str(uuid7()) for made in NEW & other.keys()}
                page = scene.client.answer_of(where, {**other, **fresh})
                # A button redirects back, to a page that shows why nothing was done.
                is_refused = page.status in REFUSED or (page.status == 303 and not self._trail.of_request(page))
                if not is_refused and f"{endpoint}.{name}" not in SHOWS_ONLY:
                    yield f"{name}: {page.status} {page.headers.get('Location')} {other.get(name)}"
        if self._trail.of(neighbor) != before:
            yield "the neighbor's trail tells of it"
