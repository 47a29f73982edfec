"""Mappings: their JSON, and the values that they reject."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask

from app.data.imports.mapping_rules import Mapping, gaps_of, make_mapping, read_mapping
from app.errors import ValidationFailed
from app.models.imports import ImportKind
from app.tables.table_rules import TableOptions
from tests.support.import_files import mapped


@pytest.fixture(autouse=True)
def _declared(_app: Flask) -> Iterator[None]:
    """App context with the declarations that mappings are checked against."""
    with _app.app_context():
        yield


def test_a_mapping_survives_its_own_json() -> None:
    mapping = Mapping(
        kind=ImportKind.CALLS,
        columns={"Дата": "date", "Время": "time", "Принят": "answered"},
        defaults={"direction": "outbound"},
        values={"status": {"Потерян": "missed"}},
        source="Old PBX",
        date_formats=("DD.MM.YYYY", "DD.MM.YY"),
        time_formats=("HH.mm",),
        decimal_separator=",",
        thousands_separator=" ",
        yes_words=("принят",),
        no_words=("нет",),
        missing_words=(),
        encoding="cp1251",
        delimiter=";",
    )

    assert read_mapping(mapping.model_dump_json()) == mapping
    assert make_mapping(json.loads(mapping.model_dump_json())) == mapping


def test_a_mapping_tells_how_to_open_its_file() -> None:
    mapping = mapped(["started_at"], encoding="cp1251", delimiter=";", sheet="June")

    assert mapping.table_options == TableOptions(encoding="cp1251", delimiter=";", sheet="June")


def test_columns_are_known_by_their_names_as_the_file_shows_them() -> None:
    mapping = make_mapping({"kind": "calls", "columns": {"\ufeff Call   Id ": "external_id"}})

    assert mapping.columns == {"Call Id": "external_id"}


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"color": "red"}, "color", "Extra inputs"),
        ({"kind": "weather"}, "kind", "Input should be"),
        ({"columns": {"a": "wage"}}, "mapping", "These fields don’t exist: wage."),
        ({"defaults": {"wage": "1"}}, "mapping", "These fields don’t exist: wage."),
        ({"columns": {"a": "topic", "b": "topic"}}, "mapping", "Only one column can be set to: Topic."),
        ({"source": " padded"}, "source", "String should match"),
        ({"source": "x" * 61}, "source", "String should match"),
        ({"date_formats": []}, "date_formats", "at least 1 item"),
        ({"date_formats": ["%Y-%m-%d"]}, "date_formats", "“%Y-%m-%d” isn’t valid"),
        ({"time_formats": ["HH:mm", "hh"]}, "time_formats", "“hh” isn’t valid"),
        ({"decimal_separator": ",", "thousands_separator": ","}, "mapping", "can’t be the same"),
        ({"yes_words": ["ok"], "no_words": ["OK"]}, "mapping", "These values mean both yes and no: ok."),
        ({"missing_words": [""]}, "missing_words.0", "at least 1 character"),
        ({"encoding": "rot13"}, "encoding", "Input should be"),
        ({"delimiter": "::"}, "delimiter", "Input should be"),
    ],
)
def test_says_what_is_wrong_in_a_mapping(fields: dict[str, object], field: str, sentence: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        read_mapping(json.dumps({"kind": "calls", "columns": {}, **fields}))

    (error,) = refusal.value.field_errors
    assert error.field == field
    assert sentence in str(error.message)


def test_tells_every_wrong_part_at_once() -> None:
    with pytest.raises(ValidationFailed) as refusal:
        read_mapping('{"columns": {}, "encoding": 7, "delimiter": ""}')

    assert [error.field for error in refusal.value.field_errors] == ["kind", "encoding", "delimiter"]


def test_what_is_no_json_is_refused_as_well() -> None:
    with pytest.raises(ValidationFailed, match="VALIDATION_ERROR"):
        read_mapping("columns: Agent")


@pytest.mark.parametrize(
    ("kind", "columns", "gaps"),
    [
        ("calls", [], ["started_at", "answered"]),
        ("calls", ["date", "status"], ["time"]),
        ("calls", ["time", "status"], ["date"]),
        ("calls", ["date", "time", "talk_time"], []),
        ("calls", ["started_at", "answered"], []),
        ("contacts", ["city", "zip"], ["primary_phone"]),
        ("contacts", ["email"], ["full_name"]),
        ("contacts", ["email", "company_name"], []),
    ],
)
def test_knows_which_fields_no_row_can_do_without(kind: str, columns: list[str], gaps: list[str]) -> None:
    mapping = make_mapping({"kind": kind, "columns": {name: name for name in columns}})

    assert [gap.field for gap in gaps_of(mapping)] == gaps


def test_a_default_closes_a_gap() -> None:
    assert gaps_of(mapped(["started_at"], defaults={"status": "completed"})) == ()
