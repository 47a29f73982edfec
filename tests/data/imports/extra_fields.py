"""Tests of files with two additional columns, run with the plugin `extra_fields_declared.py`.

The plugin is all that the columns need; no code of the imports is changed.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.data.imports import undo_service
from app.data.imports.mapping_rules import Mapping as FileMapping
from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.extensions import db
from app.models import (
    Appointment,
    Call,
    CallAnalysis,
    ContactCard,
    Import,
    ImportKind,
    ImportUndo,
    KnowledgeItem,
    Lead,
    User,
)
from tests.data.imports.test_imported_fields import BESIDES
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, lines
from tests.support.importing import Imported, Importer

MODELS: Mapping[ImportKind, Any] = {
    ImportKind.CALLS: Call,
    ImportKind.CONTACTS: ContactCard,
    ImportKind.APPOINTMENTS: Appointment,
    ImportKind.ANALYSES: CallAnalysis,
    ImportKind.DEALS: Lead,
    ImportKind.LEADS: Lead,
    ImportKind.KNOWLEDGE: KnowledgeItem,
    ImportKind.PEOPLE: User,
}
#: A file of people fills in unknown values of existing users and changes nothing else.
CHANGED = [kind for kind in MODELS if kind is not ImportKind.PEOPLE]
#: A newer analysis replaces an existing one, even if it was edited.
EDITED = [kind for kind in CHANGED if kind is not ImportKind.ANALYSES]
FIRST = {"R1": ("high", "calm"), "R2": ("hurry", ""), "R3": ("someday", "")}
STORED = {"R1": ("high", "calm"), "R2": ("high", None), "R3": (None, None)}
UNKNOWN = (4, "patience", "someday", "It isn’t one of: low, high.")


class Files:
    """Importer of files of one kind, whose rows differ in patience and mood."""

    def __init__(self, kind: ImportKind, importer: Importer, write_file: WriteFile, make: Factories) -> None:
        self.kind, self.importer, self._write_file = kind, importer, write_file
        if kind is ImportKind.ANALYSES:
            for name in FIRST:
                make.call(importer.organization, external_id=name, external_source="import")

    def load(self, rows: Mapping[str, tuple[str, ...]], **settings: Any) -> Imported:
        """Import rows, given by ID, with their patience and mood if they have them."""
        names = ("patience", "mood")[: len(next(iter(rows.values())))]
        key = "name" if self.kind is ImportKind.PEOPLE else "external_id"
        # A file of deals requires the outcome of each deal.
        besides = BESIDES[self.kind]
        header = [key, *besides, *names]
        path = self._write_file(
            lines(",".join(header), *(",".join((name, *besides.values(), *said)) for name, said in rows.items()))
        )
        columns = {name: name for name in header}
        return self.importer.import_(
            path, FileMapping.model_validate({"kind": self.kind, "columns": columns, **settings})
        )

    @property
    def stored(self) -> dict[str, tuple[str | None, str | None]]:
        """Patience and mood of each record, by the ID of its row."""
        calls = {call.id: call.external_id for call in self.importer.stored(Call)}
        return {
            name: (row.patience, row.mood_of_file)
            for row in self.importer.stored(MODELS[self.kind])
            if (name := self._name_of(row, calls)) in FIRST
        }

    def _name_of(self, row: Any, calls: Mapping[Any, str | None]) -> str | None:
        if self.kind is ImportKind.ANALYSES:
            return calls[row.call_id]
        name: str | None = row.name if self.kind is ImportKind.PEOPLE else row.external_id
        return name


@pytest.fixture
def files(kind: ImportKind, importer: Importer, write_file: WriteFile, make: Factories) -> Files:
    return Files(kind, importer, write_file, make)


@pytest.mark.parametrize("kind", MODELS)
def test_a_file_brings_it_once(files: Files) -> None:
    imported = files.load(FIRST)

    assert files.stored == STORED
    assert imported.refusals == [UNKNOWN]
    assert files.load(FIRST).counts == {"total": 3, "unchanged": 3, "remarked": 1}


@pytest.mark.parametrize("kind", MODELS)
def test_a_file_without_it_says_what_it_said_before(files: Files) -> None:
    files.load(dict.fromkeys(FIRST, ()))

    assert files.load(dict.fromkeys(FIRST, ("", ""))).counts == {"total": 3, "unchanged": 3}
    assert files.stored == dict.fromkeys(FIRST, (None, None))


@pytest.mark.parametrize("kind", CHANGED)
def test_a_change_comes_in_and_is_taken_back(files: Files, app: Flask, admin_engine: Engine) -> None:
    files.load(FIRST)

    changed = files.load({**FIRST, "R1": ("low", "")})

    assert changed.counts == {"total": 3, "updated": 1, "unchanged": 2, "remarked": 1}
    assert files.stored == {**STORED, "R1": ("low", None)}
    _take_back(files.importer, app, admin_engine)
    assert files.stored == STORED


@pytest.mark.parametrize("kind", CHANGED)
def test_what_a_file_does_not_give_stays(files: Files) -> None:
    files.load(FIRST)

    files.load({"R1": ("low",)})

    assert files.stored == {**STORED, "R1": ("low", "calm")}


@pytest.mark.parametrize("kind", EDITED)
def test_what_is_filled_stays_where_that_is_chosen(files: Files) -> None:
    files.load(FIRST)

    files.load({"R1": ("low", "upset"), "R2": ("low", "upset"), "R3": ("low", "upset")}, overwrite="empty")

    assert files.stored == {"R1": ("high", "calm"), "R2": ("high", "upset"), "R3": ("low", "upset")}


@pytest.mark.parametrize("kind", [ImportKind.PEOPLE])
def test_what_is_known_of_somebody_stays(files: Files, app: Flask, admin_engine: Engine) -> None:
    files.load(FIRST)

    assert files.load({"R1": ("low", "upset"), "R2": ("low", "upset")}).counts == {
        "total": 2,
        "updated": 1,
        "unchanged": 1,
    }
    assert files.stored == {**STORED, "R2": ("high", "upset")}
    _take_back(files.importer, app, admin_engine)
    assert files.stored == STORED


def test_an_analysis_may_find_nothing_else(importer: Importer, write_file: WriteFile, make: Factories) -> None:
    make.call(importer.organization, external_id="R1", external_source="import")
    columns = {"external_id": "external_id", "patience": "patience"}

    importer.import_(
        write_file(lines("external_id,patience", "R1,high")),
        FileMapping(kind=ImportKind.ANALYSES, columns=columns),
    )

    analysis: Any = importer.only(CallAnalysis)
    assert analysis.patience == "high"


def _take_back(importer: Importer, app: Flask, engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        row = session.scalars(select(Import).order_by(Import.id.desc()).limit(1)).one()
        row.undo, import_id = ImportUndo.RUNNING, row.id
    with app.app_context(), use_context(Context(organization_id=importer.organization.id)), jobs_role():
        undo_service.run_undo(import_id)
        db.session.commit()
