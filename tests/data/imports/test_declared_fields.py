"""Fields that a resource declares as imported: the declaration makes them targets that are read, staged and stored."""

from enum import StrEnum

import pytest
from flask_babel import lazy_gettext as _l

from app.data.imports.column_rules import Columns, RowCheck
from app.data.imports.field_rules import FieldReader
from app.declarations.field import Choice, Duration, Field, Imported, Text
from app.models import Call
from app.tables.table_rules import Row
from app.work.calls.importing import CALLS_IMPORT
from app.work.calls.resource import CALL
from tests.support.import_files import WriteFile, lines, mapped
from tests.support.importing import Importer


class _Weather(StrEnum):
    SUN = "sun"
    RAIN = "rain"
    HAIL = "hail"


_NOTE = Field("note", _l("Note"), imported=Imported(("note",), longest=5))
_WEATHER = Field(
    "weather",
    _l("Type"),
    Choice(_Weather),
    imported=Imported(
        ("weather",), words={"wet": _Weather.RAIN}, values=(_Weather.SUN, _Weather.RAIN), usual=_Weather.SUN
    ),
)


def _read(*cells: str) -> tuple[dict[str, object], list[str]]:
    """Return the values of these two cells, and the errors."""
    columns = Columns(mapped(["note", "weather"]), ["note", "weather"], [])
    check = RowCheck(Row(2, cells))
    return FieldReader(columns, [_NOTE, _WEATHER]).read(check), [str(error.reason) for error in check.problems]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("Roof", "Rain"), {"note": "Roof", "weather": _Weather.RAIN}),
        (("", "wet"), {"note": None, "weather": _Weather.RAIN}),
        (("Roof", "-"), {"note": "Roof", "weather": _Weather.SUN}),
    ],
)
def test_a_field_is_read_by_its_kind(cells: tuple[str, str], said: dict[str, object]) -> None:
    assert _read(*cells) == (said, [])


def test_what_a_field_does_not_take_is_said() -> None:
    _said, reasons = _read("Roofing", "hail")

    assert reasons == ["It’s longer than 5 characters.", "It isn’t one of: sun, rain."]


@pytest.mark.parametrize("cell", ["", "-"])
def test_a_row_without_a_field_that_is_needed_is_turned_away(cell: str) -> None:
    needed = Field("note", _l("Note"), imported=Imported(("note",), longest=5, is_needed=True))
    check = RowCheck(Row(2, (cell,)))

    FieldReader(Columns(mapped(["note"]), ["note"], []), [needed]).read(check)

    assert check.is_wrong()
    assert [str(error.reason) for error in check.problems] == ["It’s missing."]


@pytest.mark.parametrize(
    "field", [Field("note", _l("Note")), Field("wait", _l("Wait"), Duration(), imported=Imported(("wait",)))]
)
def test_a_field_that_its_declaration_does_not_tell_how_to_read_is_refused_at_once(field: Field) -> None:
    columns = Columns(mapped([field.name]), [field.name], [])

    with pytest.raises(TypeError, match=field.name):
        FieldReader(columns, [field])


def test_a_target_is_called_as_its_field_is() -> None:
    targets = CALLS_IMPORT.targets

    assert {field.name: targets[field.name].label for field in CALL.imported} == {
        field.name: field.label for field in CALL.imported
    }


def _values(field: Field) -> tuple[str, str]:
    """Return two values that a file can contain."""
    assert field.imported is not None
    if isinstance(field.kind, Choice):
        values = [*(field.imported.values or field.kind.kind)]
        return str(values[0]), str(values[-1])
    assert isinstance(field.kind, Text)
    return "x" * field.imported.longest, "y"


def test_every_declared_field_is_stored_and_brought_up_to_date(importer: Importer, write_file: WriteFile) -> None:
    names = [field.name for field in CALL.imported]
    mapping = mapped(["external_id", "started_at", *names])
    for values in zip(*map(_values, CALL.imported), strict=True):
        header, row = ",".join(["external_id", "started_at", *names]), ",".join(["C1", "2026-03-02 09:30", *values])
        imported = importer.calls(write_file(lines(header, row)), mapping)

        call = importer.only(Call)
        assert imported.refusals == []
        assert {name: getattr(call, name) for name in names} == dict(zip(names, values, strict=True))
