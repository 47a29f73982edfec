"""Scenes for tests that send every form of the app, each with a company and a neighbor."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Self

from flask import Flask
from sqlalchemy import Engine

from app.models import Role, StaffRole
from tests.support.cached_rows import restored_by_copy
from tests.support.client import Client
from tests.support.company import Company, address_of, make_company
from tests.support.database import Cleaner
from tests.support.factories import Factories
from tests.support.form_setups import WAYS, Ready, Scene
from tests.support.forms_on_pages import SENT_BY_CSRS, endpoints_on, page_of, signed_in_rules, unsafe_endpoints
from tests.support.owner_pages import Opened, OwnerPages
from tests.support.shared import made_once

#: Endpoints whose scenes show all forms between them: as an owner of an organization, and as an admin of the platform.
_OWNER, _PLATFORM = "", "organizations.index"
_OK = 200
#: Forms after which the next one would be sent by another user, or in another organization.
_CHANGES_WHO_ASKS = frozenset({"impersonation.start", "organizations.enter"})


class Cast(NamedTuple):
    """A company with one row of every kind, and an identical neighbor."""

    company: Company
    neighbor: Company


@restored_by_copy
def _cast(make: Factories) -> Cast:
    """Create a company and its identical neighbor, which later tests restore by COPY."""
    return Cast(make_company(make), make_company(make))


class OnTheWay(NamedTuple):
    """The page that shows a form after some action; if there is none, the action and the names of the sent values."""

    opened: Opened | None
    action: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, ready: Ready) -> Self:
        """Return what `ready` holds without values that belong to its scene."""
        return cls(Opened.of(ready.page) if ready.page else None, ready.action, tuple(ready.known))


class Stage:
    """Builder of one scene after another.

    A new scene ends the previous one, since it empties the database.
    """

    def __init__(
        self,
        app: Flask,
        engine: Engine,
        cleaner: Cleaner,
        run_folder: Path,
        owner_pages: Callable[[], OwnerPages],
    ) -> None:
        self.app = app
        self._engine, self._cleaner, self._run_folder, self._owner_pages = engine, cleaner, run_folder, owner_pages
        self.neighbor: Company

    def scene(self, endpoint: str = "") -> Scene:
        """Create a scene in which the user who can send the form to `endpoint` is signed in.

        This is the owner, a CSR, or an admin of the platform.
        """
        self._cleaner.clean()
        make = Factories(self._engine, self._cleaner)
        company, self.neighbor = _cast(make)
        role = Role.CSR if endpoint in SENT_BY_CSRS else Role.OWNER
        who = make.staff(StaffRole.ADMIN) if endpoint.startswith("organizations.") else company.people[role]
        return Scene(self.app, Client(self.app).sign_in(who), Client(self.app), company, make, who)

    def doors(self) -> Mapping[str, Mapping[str, list[str]]]:
        """Return the pages with a form to each endpoint, for each type of user who finds them.

        Pages are an owner's and, where the owner has no access, those of an admin of the platform, opened once per run.
        """
        return made_once(self._run_folder / "doors", self._find_doors)

    def pages(self) -> dict[str, list[str]]:
        """Return the sorted pages with a form to each endpoint, for all types of users together."""
        found: dict[str, set[str]] = {}
        for pages in self.doors().values():
            for endpoint, on in pages.items():
                found.setdefault(endpoint, set()).update(on)
        return {endpoint: sorted(on) for endpoint, on in found.items()}

    def forms(self, share: int = 0, shares: int = 1) -> Iterator[tuple[str, Scene, Ready]]:
        """Yield every form, as its endpoint, a scene, and the page of that scene that shows it.

        Forms that a new organization shows share a scene; those that require some action first have their own. With
        `shares`, only every so many-th form is yielded, beginning at `share`.
        """
        wanted = unsafe_endpoints(self.app)[share::shares]
        seen: set[str] = set()
        for looker, pages in self.doors().items():
            own = [
                endpoint for endpoint in wanted if endpoint in pages and endpoint not in WAYS and endpoint not in seen
            ]
            seen.update(own)
            scene = self.scene(looker)
            for endpoint in sorted(own, key=_CHANGES_WHO_ASKS.__contains__):
                yield endpoint, scene, Ready(page_of(pages[endpoint][0], scene))
                if endpoint in _CHANGES_WHO_ASKS:
                    scene = self.scene(looker)
        for endpoint in wanted:
            if endpoint in WAYS:
                yield endpoint, *self.fresh(endpoint)

    def fresh(self, endpoint: str) -> tuple[Scene, Ready]:
        """Create a scene for one form alone, and return it with the page that shows the form."""
        if endpoint in WAYS:
            scene = self.scene(endpoint)
            ready = WAYS[endpoint](scene)
            if not self._path_of_way(endpoint).exists():  # otherwise, `made_once` would read it for nothing
                made_once(self._path_of_way(endpoint), lambda: OnTheWay.of(ready))
            return scene, ready
        looker, pages = next((looker, pages) for looker, pages in self.doors().items() if endpoint in pages)
        scene = self.scene(looker)
        return scene, Ready(page_of(pages[endpoint][0], scene))

    def on_the_way(self, endpoint: str) -> "OnTheWay":
        """Return the page of `WAYS` that shows a form, from the first scene of the run with this form."""
        return made_once(self._path_of_way(endpoint), lambda: OnTheWay.of(WAYS[endpoint](self.scene(endpoint))))

    def _path_of_way(self, endpoint: str) -> Path:
        return self._run_folder / f"way-{endpoint}"

    def _find_doors(self) -> dict[str, dict[str, list[str]]]:
        owner_pages = self._owner_pages()
        scene = self.scene(_PLATFORM)
        by_looker: dict[str, dict[str, list[str]]] = {_OWNER: {}, _PLATFORM: {}}
        for rule in signed_in_rules(self.app):
            if "GET" not in (rule.methods or ()):
                continue
            looker, page = _OWNER, owner_pages[rule.rule].page()
            if page.status != _OK:
                looker, page = _PLATFORM, scene.client.look_at(address_of(self.app, rule, scene.company))
            for endpoint in endpoints_on(self.app, page):
                by_looker[looker].setdefault(endpoint, []).append(rule.endpoint)
        return by_looker
