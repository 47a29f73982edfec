"""Each importable field of each kind of file reaches the database: rows that differ in it are stored differently.

The cases are generated from the declarations, so that new fields are covered automatically.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.data.imports.mapping_rules import Mapping as FileMapping
from app.declarations.field import Choice, Field
from app.declarations.registry import build_registry
from app.features import FEATURES
from app.models import ImportKind
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, lines
from tests.support.importing import Importer

_IMPORTS = build_registry(FEATURES).imports
#: Cells needed for a valid record in addition to the tested field. The `external_id` of a row is its number.
BESIDES: Mapping[ImportKind, Mapping[str, str]] = {
    ImportKind.CALLS: {"started_at": "2026-03-02 09:30", "status": "completed"},
    ImportKind.CONTACTS: {"last_name": "Delgado"},
    ImportKind.APPOINTMENTS: {
        "start": "2026-03-02 09:30",
        "service": "Drain",
        "status": "completed",
        "last_name": "Ray",
    },
    ImportKind.ANALYSES: {"summary": "They called about a drain."},
    ImportKind.DEALS: {"account": "Acme", "product": "Drain", "closed_on": "2026-03-02", "stage": "won"},
    ImportKind.LEADS: {"last_name": "Delgado", "created_at": "2026-03-02 09:30"},
    ImportKind.KNOWLEDGE: {"question": "When do you open?", "answer": "At eight in the morning.", "category": "Hours"},
    ImportKind.PEOPLE: {},
}
#: Fields that become another column; the progress is the stage of deals that are still open.
_STORED_AS = {"progress": "stage"}
_CASES = [(kind, field) for kind, importable in _IMPORTS.items() for field in importable.fields]
#: Tables that rows of files end up in, with the condition that identifies the rows.
_BY_ID = "external_id = :id"
_OF_CALL = "call_id IN (SELECT id FROM calls WHERE external_id = :id)"
_PLACES = {
    "calls": _BY_ID,
    "leads": f"{_BY_ID} OR id IN (SELECT lead_id FROM calls WHERE external_id = :id)",
    "appointments": _BY_ID,
    "contact_cards": _BY_ID,
    "knowledge_items": _BY_ID,
    "call_analyses": _OF_CALL,
}


def _values(field: Field) -> list[str]:
    """Return values that a file can contain; not every choice is compatible with every other cell."""
    assert field.imported is not None
    if isinstance(field.kind, Choice):
        return [str(value) for value in field.imported.values or field.kind.kind]
    return ["The first of two", "The second of two"]


def _stored(engine: Engine, row: str) -> dict[str, Any]:
    """Return all columns of the records created from a row of the file, by table and column."""
    found: dict[str, Any] = {}
    with engine.connect() as connection:
        for table, condition in _PLACES.items():
            rows = connection.execute(text(f"SELECT * FROM {table} WHERE {condition}"), {"id": row}).mappings().all()
            for stored in rows:
                found |= {f"{table}.{column}": value for column, value in stored.items()}
    return found


@pytest.mark.parametrize(("kind", "field"), _CASES, ids=[f"{kind}-{field.name}" for kind, field in _CASES])
def test_it_arrives(
    kind: str, field: Field, importer: Importer, write_file: WriteFile, make: Factories, admin_engine: Engine
) -> None:
    cells = {"external_id": "", **BESIDES[ImportKind(kind)], field.name: ""}
    rows = [
        {**cells, "external_id": f"R{number}", field.name: value}
        for number, value in enumerate(_values(field), start=1)
    ]
    if field.name == "progress":
        rows = [{**row, "stage": "open"} for row in rows]
    if kind == ImportKind.ANALYSES:
        for row in rows:
            lead = make.lead(importer.organization)
            make.call(importer.organization, external_id=row["external_id"], external_source="import", lead_id=lead.id)
    path = write_file(lines(",".join(cells), *(",".join(row.values()) for row in rows)))
    mapping = FileMapping.model_validate({"kind": kind, "columns": {name: name for name in cells}})

    importer.import_(path, mapping)

    came = [stored for row in rows if (stored := _stored(admin_engine, row["external_id"]))]
    assert len(came) >= 2, "too few rows came in to compare"
    names = {field.name, field.attribute, *field.recorded_columns, _STORED_AS.get(field.name)}
    differing = {
        column for column in came[0] if any(column in other and other[column] != came[0][column] for other in came)
    }
    assert {column.split(".")[1] for column in differing} & names, f"stored nowhere; other differences: {differing}"


def test_each_kind_is_looked_at() -> None:
    assert {*ImportKind} == {*BESIDES} == {ImportKind(kind) for kind in _IMPORTS}
