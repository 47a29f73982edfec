"""Rows as a CSV file that a spreadsheet opens without harm: streamed, UTF-8 with a mark, formulas made text."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import Response, stream_with_context

CHUNK_BYTES = 64 * 1024
_MARK = "\ufeff"  # without it, Excel reads the file in the machine's own code page

# What a spreadsheet takes for the beginning of a formula, plain numbers excepted; some also take the wide forms.
_BEGINNING = r"[=+\-@\t\r|%\uFF1D\uFF0B\uFF0D\uFF20]"
_FORMULA = re.compile(rf"^\s*{_BEGINNING}")
# Where a list has semicolons, as in Russian, Excel splits lines at them and knows no quotes that begin within a cell.
_NEXT_CELL = re.compile(rf"([;\r\n]\s*)(?={_BEGINNING})")
_PLAIN = re.compile(r"\w[^;\r\n]*\Z")
_NUMBER = re.compile(r"^[+-]?\d+([.,]\d+)*$")


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
    """The file piece by piece, some 64 kB each."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(_MARK)
    writer.writerow(header)
    for row in rows:
        # Most cells are one word or more, which tells them from formulas without further looking.
        writer.writerow([v if not isinstance(v, str) or _PLAIN.match(v) else harmless(v) for v in row])
        if buffer.tell() > CHUNK_BYTES:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
