"""Helper that imports files into an organization, and reads the resulting rows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, undefer

from app.data.imports.load_service import Progress, load_file
from app.data.imports.mapping_rules import Mapping
from app.data.imports.queries import wrong_values
from app.data.imports.record_rules import RowError
from app.data.imports.run_service import complete
from app.data.imports.service import begin_dry_run
from app.db.context import Context, use_context
from app.db.session import jobs_role, one_connection
from app.extensions import db
from app.models import Organization, TenantRow
from app.people.users.importing import PEOPLE_IMPORT
from app.work.analyses.importing import ANALYSES_IMPORT
from app.work.appointments.importing import APPOINTMENTS_IMPORT
from app.work.contacts.importing import CONTACTS_IMPORT
from app.work.deals.importing import DEALS_IMPORT
from app.work.knowledge.importing import KNOWLEDGE_IMPORT
from app.work.leads.importing import LEADS_IMPORT
from tests.support.import_files import guessed

Row = TypeVar("Row", bound=TenantRow)


class Outcome(NamedTuple):
    """The counts of a file's rows by result, and the names of the people who were created."""

    total: int
    rejected: int
    created: int
    updated: int
    unchanged: int
    remarked: int
    left_out: int
    users_created: tuple[str, ...]


@dataclass(frozen=True)
class Imported:
    """The result of importing a file."""

    outcome: Outcome
    errors: list[RowError]

    @property
    def counts(self) -> dict[str, int]:
        """Counts that are greater than 0, by result."""
        counted = self.outcome._asdict()
        del counted["users_created"]
        return {name: count for name, count in counted.items() if count}

    @property
    def refusals(self) -> list[tuple[int, str | None, str | None, str]]:
        """Line, column, value and reason of every rejected value."""
        return [(error.line, error.column, error.value, str(error.reason)) for error in self.errors]


class Importer:
    """Importer of files into one organization, on behalf of the user of `context`."""

    def __init__(self, app: Flask, engine: Engine, context: Context, organization: Organization) -> None:
        self._app = app
        self._engine = engine
        self._context = context
        self.organization = organization

    def calls(self, path: Path, mapping: Mapping | None = None, *, create_users: bool = False, **more: Any) -> Imported:
        """Import a file of calls, with the suggested mapping unless one is passed."""
        return self._load(path, mapping or guessed(path), create_users=create_users, **more)

    def contacts(self, path: Path, mapping: Mapping | None = None, **more: Any) -> Imported:
        """Import a file of contacts, with the suggested mapping unless one is passed."""
        return self._load(path, mapping or guessed(path, CONTACTS_IMPORT), create_users=False, **more)

    def deals(self, path: Path, mapping: Mapping | None = None, *, create_users: bool = True, **more: Any) -> Imported:
        """Import a file of deals, with the suggested mapping unless one is passed.

        Unknown names become sales reps, unless `create_users` is False.
        """
        return self._load(path, mapping or guessed(path, DEALS_IMPORT), create_users=create_users, **more)

    def leads(self, path: Path, mapping: Mapping | None = None, *, create_users: bool = False, **more: Any) -> Imported:
        """Import a file of leads, with the suggested mapping unless one is passed."""
        return self._load(path, mapping or guessed(path, LEADS_IMPORT), create_users=create_users, **more)

    def appointments(
        self, path: Path, mapping: Mapping | None = None, *, create_users: bool = False, **more: Any
    ) -> Imported:
        """Import a file of appointments, with the suggested mapping unless one is passed."""
        return self._load(path, mapping or guessed(path, APPOINTMENTS_IMPORT), create_users=create_users, **more)

    def knowledge(self, path: Path, mapping: Mapping | None = None, **more: Any) -> Imported:
        """Import a file of knowledge items, with the suggested mapping unless one is passed."""
        return self._load(path, mapping or guessed(path, KNOWLEDGE_IMPORT), create_users=False, **more)

    def people(self, path: Path, mapping: Mapping | None = None, **more: Any) -> Imported:
        """Import a file of people, with the suggested mapping unless one is passed."""
        return self._load(path, mapping or guessed(path, PEOPLE_IMPORT), create_users=False, **more)

    def analyses(
        self, path: Path, mapping: Mapping | None = None, *, call: UUID | None = None, **more: Any
    ) -> Imported:
        """Import a file of analyses, with the suggested mapping unless one is passed.

        With `call`, they belong to the existing call with this ID.
        """
        mapping = mapping or guessed(path, ANALYSES_IMPORT)
        if call is not None:
            mapping = mapping.model_copy(update={"defaults": {"call": str(call)}})
        return self._load(path, mapping, create_users=False, **more)

    def import_(self, path: Path, mapping: Mapping, *, create_users: bool = False, **more: Any) -> Imported:
        """Import a file of the kind that its mapping specifies."""
        return self._load(path, mapping, create_users=create_users, **more)

    def _load(
        self,
        path: Path,
        mapping: Mapping,
        *,
        create_users: bool,
        keep: bool = True,
        tell: Callable[[Progress], None] | None = None,
    ) -> Imported:
        with (
            self._app.app_context(),
            use_context(self._context),
            jobs_role(),
            one_connection(db.session()),
        ):
            row = begin_dry_run(path, mapping, create_users=create_users)
            load_file(row, path, keep=keep, report=tell)
            complete(row)
            db.session.flush()
            counted = {name: getattr(row, f"rows_{name}") for name in Outcome._fields if name != "users_created"}
            outcome = Outcome(**counted, users_created=tuple(row.users_created))
            imported = Imported(outcome, list(wrong_values(row.organization_id, row.id)))
            if keep:
                db.session.commit()
        return imported

    def stored(self, model: type[Row], *order: Any) -> list[Row]:
        """Return the organization's rows of a model, read by another connection; by default ordered by ID."""
        wanted = select(model).where(model.organization_id == self.organization.id).order_by(*(order or (model.id,)))
        with Session(self._engine, expire_on_commit=False) as session:
            return list(session.scalars(wanted.options(undefer("*"))))

    def only(self, model: type[Row]) -> Row:
        """Return the only row of this model in the organization."""
        (row,) = self.stored(model)
        return row
