"""CSV files that are safe to open in a spreadsheet: UTF-8 with a BOM, formulas escaped as text."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, TypeVar

from flask import Response, stream_with_context

from app.web.concurrency_limit import Lane, in_lane, yielding
from app.web.rate_limits import Limits, limited

#: About two milliseconds of uninterrupted work.
ROWS_AT_ONCE = 20
#: Rate limit of list files per user.
FILES = Limits("files", per_user="30 per hour")
#: A file up to this size is sent whole; the beginning of a longer one is sent while the rest is written.
_BEGINNING_BYTES = 16 * 1024
_MARK = "\ufeff"  # without it, Excel reads the file in the machine's own code page

# The characters with which a spreadsheet starts a formula, except in plain numbers; some also accept the fullwidth
# forms.
_SIGNS = r"=+\-@|%\uFF1D\uFF0B\uFF0D\uFF20"
_FORMULA = re.compile(rf"\s*[{_SIGNS}\t\r]")
_NUMBER = r"[+-]?\d+(?:[.,]\d+)*"
_WHOLE_NUMBER = re.compile(_NUMBER)
# In locales with semicolon separators, such as Russian, Excel splits lines at semicolons, also within our quotes, and
# not at commas: there, "+1" and "5+A1" are one cell, +1,5+A1. A number that begins a cell is no formula if its line
# ends, or if a letter that isn't an exponent follows its comma.
_HARMLESS_REST = r'(?:,*[\r\n]|,[,"]*(?![eE][+-]?\d)[^\W\d_])'
# Tabs and line ends begin cells themselves, so a long run of them isn't searched again from each.
_SPACE = r"[^\S\t\r\n]"
# Quotes that follow a separator aren't part of the cell: they enclose it, or are a pair that encloses nothing.
_NEXT_CELL = re.compile(rf'([;\t\r\n](?:"|{_SPACE})*)(?=[{_SIGNS}])(?!{_NUMBER}{_HARMLESS_REST})')
_CONTINUED_NUMBER = re.compile(rf'"?(?=[+-])(?!{_NUMBER}"?{_HARMLESS_REST})')
# Matches written lines in which a cell might start a formula; checked before the individual cells.
_SUSPICION = re.compile(
    rf'[;,"\t\r\n]{_SPACE}*(?=[{_SIGNS}\t\r])(?!(?<=,){_NUMBER}[,\r\n]|(?<=\n){_NUMBER}{_HARMLESS_REST})'
)

View = TypeVar("View", bound=Callable[..., Any])


def csv_file(view: View) -> View:
    """Decorate a view that returns a CSV file: it has its own worker slots and a rate limit per user."""
    return in_lane(Lane.FILES)(limited(FILES)(view))


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Return `rows` as the attachment `name`.csv.

    An error in the beginning of the file gets its own response. Later, it breaks off the connection (see
    `app.server.gateway`), so that nobody takes half a file for all of it.
    """
    chunks = yielding(chunk.encode() for chunk in csv_chunks(header, rows))
    beginning, is_whole = _beginning_of(chunks)
    response = Response(
        # The rest is written in the reader's language too.
        beginning if is_whole else stream_with_context(chain([beginning], chunks)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
    response.call_on_close(chunks.close)  # also if the body is not read to its end, or not at all, as for HEAD
    return response


def harmless(value: Any) -> Any:
    """Escape text that a spreadsheet would evaluate as a formula.

    Numbers, including phone numbers, are unchanged; see `_harmless_line` for those that begin a line.
    """
    if not isinstance(value, str) or _WHOLE_NUMBER.fullmatch(value):
        return value
    text = _NEXT_CELL.sub(r"\1'", value)
    return f"'{text}" if _FORMULA.match(value) else text


def csv_chunks(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield the file in chunks of ROWS_AT_ONCE rows."""
    yield _MARK + _written([header])
    rest = iter(rows)
    while batch := list(islice(rest, ROWS_AT_ONCE)):
        text = _written(batch)
        # Checking each cell takes as long as everything else, and few files need it.
        yield "".join(map(_harmless_line, batch)) if _SUSPICION.search(f"\n{text}") else text


def _harmless_line(row: Sequence[Any]) -> str:
    """Return the written row. A number that begins it is escaped too if the next cell could make it a formula."""
    cells = [harmless(value) for value in row]
    line = _written([cells])
    return _written([[f"'{cells[0]}", *cells[1:]]]) if _CONTINUED_NUMBER.match(line) else line


def _beginning_of(chunks: Iterator[bytes]) -> tuple[bytes, bool]:
    """Return the first `_BEGINNING_BYTES` or a little more, and whether that is all."""
    beginning = bytearray()
    for chunk in chunks:
        beginning += chunk
        if len(beginning) >= _BEGINNING_BYTES:
            return bytes(beginning), False
    return bytes(beginning), True


def _written(rows: Iterable[Iterable[Any]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()
