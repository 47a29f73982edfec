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
_BEGINNING = r"[=+\-@\t\r|%\uFF1D\uFF0B\uFF0D\uFF20]"
_FORMULA = re.compile(rf"^\s*{_BEGINNING}")
# In locales with semicolon separators, such as Russian, Excel splits lines at semicolons and ignores quotes that begin
# within a cell.
_NEXT_CELL = re.compile(rf"([;\r\n]\s*)(?={_BEGINNING})")
_NUMBER = re.compile(r"^[+-]?\d+([.,]\d+)*$")
# Matches written lines in which a cell might start a formula; checked before the individual cells.
_SUSPICION = re.compile(rf'[;,"\r\n]\s*(?![+-]\d+[,"\r\n]){_BEGINNING}')

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

    Numbers, including phone numbers, are unchanged.
    """
    if not isinstance(value, str) or _NUMBER.match(value):
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
        yield _written([map(harmless, row) for row in batch]) if _SUSPICION.search(f"\n{text}") else text


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
