"""Tables in JSON files and in ZIP files."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from app.tables import json_rules, table_rules, zip_rules
from app.tables.file_rules import open_table, read_first_rows
from app.tables.table_rules import FileProblem, TableOptions
from tests.support.import_files import WriteFile, lines

ROWS: list[dict[str, Any]] = [
    {"Call id": "A1", "Date": "2026-03-02", "Time": "09:30", "Answered": True, "Talk": 61,
     "caller": {"number": "+12125550101"}},
    {"Call id": 2, "Date": "2026-03-02", "Time": "10:30", "Answered": False, "tags": ["a", "b"], "more": [{"x": 1}]},
]  # fmt: skip
CSV = lines("Call id,Date,Time,Answered,Talk", "A1,2026-03-02,09:30,Y,61")


def zipped(**files: bytes) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def read(path: Path) -> list[list[Any]]:
    with open_table(path) as table:
        return [list(table.header), *([row.line, *row.cells] for row in table.rows)]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("calls.jsonl", lambda rows: "\n".join(map(json.dumps, rows)).encode()),
        ("calls.ndjson", lambda rows: ("\ufeff" + "\r\n".join(map(json.dumps, rows)) + "\r\n").encode()),
        ("calls.json", lambda rows: json.dumps(rows, indent=2).encode()),
        ("calls.csv", lambda rows: json.dumps(rows).encode()),
        ("calls.json", lambda rows: json.dumps({"count": 2, "calls": rows}).encode()),
        ("calls.json", lambda rows: json.dumps({"page": {"next": None}, "calls": rows}, indent=1).encode()),
    ],
)
def test_objects_are_rows(write_file: WriteFile, name: str, written: Callable[[Any], bytes]) -> None:
    assert read(write_file(written(ROWS), name)) == [
        ["Call id", "Date", "Time", "Answered", "Talk", "caller.number", "tags", "more"],
        [1, "A1", "2026-03-02", "09:30", "true", "61", "+12125550101", None, None],
        [2, "2", "2026-03-02", "10:30", "false", None, None, "a; b", '[{"x": "1"}]'],
    ]


def test_blank_lines_between_objects_are_left_out(write_file: WriteFile) -> None:
    assert read(write_file('\n{"a": 1}\n\n \n{"a": 2}\n', "a.jsonl")) == [["a"], [2, "1"], [5, "2"]]


def test_numbers_stay_as_they_are_written(write_file: WriteFile) -> None:
    path = write_file('{"id": 12345678901234567890, "cost": 1.10, "huge": 1e999, "not": NaN, "none": null}', "a.jsonl")

    assert read(path)[1] == [1, "12345678901234567890", "1.10", "1e999", "NaN", None]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"a": 1}\n{"a": ', "Line 2 isn’t a JSON object."),
        (b'{"a": 1}\n[1]', "Line 2 isn’t a JSON object."),
        (b'[{"a": 1}, 2]', "Line 2 isn’t a JSON object."),
        (b'[{"a": 1}', "This isn’t valid JSON, or part of it is missing."),
        (b'{"a": "\xff"}', "JSON files must be UTF-8, and this one isn’t."),
        (b"[]", "The file is empty."),
        (b'{\n"a": [{}],\n"b": [{}]\n}', "This isn’t a list of objects."),
        (b'{"a": 1}\n{"b": ' + b"[" * 100_000, "Line 2 isn’t a JSON object."),
        (b'{"a": 1}\n{"a": "' + b"x" * (json_rules.MAX_LINE_BYTES + 1) + b'"}', "Line 2 is far too long."),
    ],
)
def test_what_is_no_table_of_objects_is_said(write_file: WriteFile, content: bytes, sentence: str) -> None:
    with pytest.raises(FileProblem, match=sentence.replace(".", r"\.")):
        read(write_file(content, "calls.json"))


def test_a_large_list_is_to_be_lines(write_file: WriteFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rules, "MAX_LIST_BYTES", 1024 * 1024)

    with pytest.raises(FileProblem, match="A JSON array can be up to 1 MB"):
        read(write_file(b'[{"a": 1}' + b" " * 1024 * 1024 + b"]", "calls.json"))


def test_a_page_looks_at_the_beginning(write_file: WriteFile) -> None:
    path = write_file(
        "\n".join(f'{{"id": "{number}", "n{number // 5000}": "x"}}' for number in range(20_000)), "a.jsonl"
    )

    first = read_first_rows(path, TableOptions(), "a.jsonl")

    assert (first.header, len(first.rows), first.is_whole) == (("id", "n0"), 1_000, False)


@pytest.mark.parametrize("name", ["calls.zip", "calls.csv"])
def test_the_table_in_a_zip_file_is_read(write_file: WriteFile, name: str) -> None:
    packed = zipped(**{"export/calls.csv": CSV.encode(), "__MACOSX/calls.csv": b"x", "readme.pdf": b"%PDF"})

    assert read(write_file(packed, name)) == read(write_file(CSV, "plain.csv"))


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"a.pdf": b"x"}, "There’s no table in this ZIP file."),
        ({"a.csv": b"x", "b/c.csv": b"y"}, "This ZIP file contains several tables: a.csv, c.csv."),
        ({"a.zip": b"x"}, "There’s no table in this ZIP file."),
        ({"a.csv": b""}, "The file is empty."),
    ],
)
def test_what_is_wrong_with_a_zip_file_is_said(write_file: WriteFile, files: dict[str, bytes], sentence: str) -> None:
    with pytest.raises(FileProblem) as refused:
        read(write_file(zipped(**files), "calls.zip"))

    assert sentence in str(refused.value.field_errors[0].message)


def test_a_zip_file_that_unpacks_to_too_much_is_left(write_file: WriteFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_rules, "MAX_FILE_BYTES", 1024 * 1024)
    packed = zipped(**{"calls.csv": b"a,b\n" * (1024 * 1024)})
    assert len(packed) < 1024 * 1024

    with pytest.raises(FileProblem, match="larger than 1 MB"):
        read(write_file(packed, "calls.zip"))


@pytest.mark.parametrize("name", ["calls.zip", "calls.xlsx"])
def test_a_zip_file_of_far_too_many_files_is_not_listed(
    write_file: WriteFile, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zip_rules, "_MAX_DIRECTORY_BYTES", 10_000)
    packed = zipped(**{f"calls-{number}.csv": b"" for number in range(500)})

    with pytest.raises(FileProblem, match="The ZIP file contains more than 1000 files"):
        read(write_file(packed, name))


def test_a_broken_zip_file_is_said(write_file: WriteFile) -> None:
    packed = zipped(**{"calls.csv": CSV.encode() * 50})

    with pytest.raises(FileProblem):
        read(write_file(packed[:60], "calls.zip"))
    damaged = bytearray(packed)
    damaged[60] ^= 0xFF
    with pytest.raises(FileProblem, match="damaged"):
        read(write_file(bytes(damaged), "calls.zip"))


def test_of_rows_of_long_texts_few_are_looked_at(write_file: WriteFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_rules, "GLANCE_CHARACTERS", 1_000)
    path = write_file(lines(*(f'{{"id": "{number}", "said": "{"x" * 300}"}}' for number in range(20))), "long.jsonl")

    first = read_first_rows(path, TableOptions(), "long.jsonl")

    assert (len(first.rows), first.is_whole) == (4, False)
    with open_table(path) as table:
        assert len(list(table.rows)) == 20
