"""Rows as a CSV file that a spreadsheet opens without harm: streamed, UTF-8 with a mark, formulas made text."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from flask import Response, stream_with_context

ROWS_AT_ONCE = 500
_MARK = "\ufeff"  # without it, Excel reads the file in the machine's own code page

# What a spreadsheet takes for the beginning of a formula, plain numbers excepted; some also take the wide forms.
_BEGINNING = r"[=+\-@\t\r|%\uFF1D\uFF0B\uFF0D\uFF20]"
_FORMULA = re.compile(rf"^\s*{_BEGINNING}")
# Where a list has semicolons, as in Russian, Excel splits lines at them and knows no quotes that begin within a cell.
_NEXT_CELL = re.compile(rf"([;\r\n]\s*)(?={_BEGINNING})")
_NUMBER = re.compile(r"^[+-]?\d+([.,]\d+)*$")
# Some cell of written lines may begin as a formula does, here or there; it is looked for before each cell is.
_SUSPICION = re.compile(rf'[;,"\r\n]\s*(?![+-]\d+[,"\r\n]){_BEGINNING}')


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Stream `rows` as the attachment `name`.csv."""
    return Response(
        stream_with_context(csv_chunks(header, rows)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def harmless(value: Any) -> Any:
    """The value as text that no spreadsheet takes for a formula; numbers, also of phones, stay as they are."""
    if not isinstance(value, str) or _NUMBER.match(value):
        return value
    text = _NEXT_CELL.sub(r"\1'", value)
    return f"'{text}" if _FORMULA.match(value) else text


def csv_chunks(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The file piece by piece, some 500 rows each."""
    yield _MARK + _written([header])
    rest = iter(rows)
    while batch := list(islice(rest, ROWS_AT_ONCE)):
        text = _written(batch)
        # Looking at each cell takes as long as all else; few files hold any that needs it.
        yield _written([map(harmless, row) for row in batch]) if _SUSPICION.search(f"\n{text}") else text


def _written(rows: Iterable[Iterable[Any]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()
