"""Rows as JSON: one object per line (JSON Lines), a list of objects, or an object with one such list.

Nested values get a name with a dot: `{"from": {"number": …}}` becomes the column `from.number`.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from flask_babel import lazy_gettext as _l

from app.tables.table_rules import (
    MAX_COLUMNS,
    FileProblem,
    Glance,
    Row,
    Table,
    TableOptions,
    make_table,
)

# A list of objects is read as a whole and takes about ten times its size in memory.
MAX_LIST_BYTES = 20 * 1024 * 1024
MAX_LINE_BYTES = 1024 * 1024
_MAX_DEPTH = 4
_MAX_BLANK_LINES = 1_000
_SAMPLE_BYTES = 4096
_GLANCE_OBJECTS = 1_000
_BEGINS = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*[\{\]])")
#: Returns whether the single object of a file is a row itself.
IsRecord: TypeAlias = Callable[[Mapping[str, Any]], bool]

_MARK = b"\xef\xbb\xbf"


def is_json(path: Path) -> bool:
    """Return whether a file starts like an object or a list of objects."""
    with path.open("rb") as stream:
        return _BEGINS.match(stream.read(_SAMPLE_BYTES).removeprefix(_MARK)) is not None


@contextmanager
def open_json(path: Path, options: TableOptions, glance: Glance | None = None) -> Iterator[Table]:
    """Open a JSON file; see `app.tables.file_rules.open_table`.

    Its columns are the names in all objects, in the order in which they first occur; with a `glance`, only those in the
    first objects.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        objects = _read_whole(path, options.is_record)
        header = _header(iter(objects) if objects is not None else _of_lines(stream), glance)
        stream.seek(0)
        rows = iter(objects) if objects is not None else _of_lines(stream)
        records = (Row(line, [found.get(name) for name in header]) for line, found in rows)
        share = (lambda: 1.0) if objects is not None else (lambda: stream.tell() / size)
        rows_of_table = _with_header(header, records)
        yield make_table(rows_of_table, TableOptions(), share, glance=glance, begins_with_header=True)


def _with_header(header: list[str], records: Iterator[Row]) -> Iterator[Row]:
    yield Row(1, header)
    yield from records


def _header(objects: Iterator[tuple[int, dict[str, Any]]], glance: Glance | None) -> list[str]:
    names: dict[str, None] = {}
    for number, (_line, found) in enumerate(objects):
        if glance is not None:
            glance.check()
            if number >= _GLANCE_OBJECTS:
                break
        names.update(dict.fromkeys(found))
        if len(names) > MAX_COLUMNS:
            raise FileProblem(
                _l(
                    "This file has more than %(limit)s different fields, so it can’t be read as a table. Keep only "
                    "the fields you need.",
                    limit=MAX_COLUMNS,
                )
            )
    if not names:
        raise FileProblem(_l("The file is empty. Choose a file with a header row and rows below it."))
    return list(names)


def _read_whole(path: Path, is_record: IsRecord | None) -> list[tuple[int, dict[str, Any]]] | None:
    """Return the objects of a list, or of the only list in an object; None for JSON Lines.

    Each object is returned with its position in place of a line number. An object that is a record itself is the only
    row. Raises FileProblem if the file is too large or contains no such list.
    """
    with path.open("rb") as stream:
        first = _next_line(stream).removeprefix(_MARK).strip()
        is_all = not _next_line(stream)
    if first.startswith(b"{") and first.endswith(b"}") and not is_all:
        return None
    if path.stat().st_size > MAX_LIST_BYTES:
        limit = MAX_LIST_BYTES // (1024 * 1024)
        raise FileProblem(
            _l(
                "A JSON array can be up to %(limit)s MB. Save it as JSON Lines instead: one object per line.",
                limit=limit,
            )
        )
    found = _parsed(path.read_bytes().removeprefix(_MARK), None)
    if isinstance(found, dict) and is_record is not None and is_record(found):
        found = [found]
    if isinstance(found, dict):
        lists = [
            value for value in found.values() if isinstance(value, list) and all(isinstance(one, dict) for one in value)
        ]
        if len(lists) != 1 and is_all:
            return None
        found = lists[0] if len(lists) == 1 else None
    if not isinstance(found, list):
        raise FileProblem(_l("This isn’t a list of objects. Save it as JSON Lines: one object per line."))
    return [(number, _flat(one, number)) for number, one in enumerate(found, 1)]


def _next_line(stream: BinaryIO) -> bytes:
    """Return the next line that is not blank, stripped; empty if there is none, or too many are blank."""
    for line in islice(iter(lambda: stream.readline(MAX_LINE_BYTES), b""), _MAX_BLANK_LINES):
        if text := line.strip():
            return text
    return b""


def _of_lines(stream: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    while line := stream.readline(MAX_LINE_BYTES):
        number += 1
        if len(line) >= MAX_LINE_BYTES:
            raise FileProblem(_l("Line %(line)s is far too long. Save the table with one row per line.", line=number))
        text = line.removeprefix(_MARK).strip() if number == 1 else line.strip()
        if text:
            yield number, _flat(_parsed(text, number), number)


def _parsed(text: bytes, line: int | None) -> Any:
    """Parse JSON, with numbers as the text in the file, because tables contain only text.

    Raises FileProblem.
    """
    try:
        return json.loads(text.decode(), parse_float=str, parse_int=str, parse_constant=str)
    except UnicodeDecodeError:
        raise FileProblem(_l("JSON files must be UTF-8, and this one isn’t. Save it as UTF-8.")) from None
    except (ValueError, RecursionError):
        if line is None:
            raise FileProblem(_l("This isn’t valid JSON, or part of it is missing. Export it again.")) from None
        raise FileProblem(_l("Line %(line)s isn’t a JSON object.", line=line)) from None


def _flat(found: Any, line: int) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise FileProblem(_l("Line %(line)s isn’t a JSON object.", line=line))
    return dict(_cells(found, "", 1))


def _cells(found: dict[str, Any], before: str, depth: int) -> Iterator[tuple[str, str | None]]:
    for name, value in found.items():
        if isinstance(value, dict) and value and depth < _MAX_DEPTH:
            yield from _cells(value, f"{before}{name}.", depth + 1)
        else:
            yield f"{before}{name}", _text(value)


def _text(value: Any) -> str | None:
    """Return a value as the text of a cell, or None if it is null.

    Lists of strings are joined with semicolons; other lists and objects become JSON.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False)
