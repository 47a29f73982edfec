"""CSV files that are safe to open in a spreadsheet: UTF-8 with a BOM, formulas escaped as text."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any, TypeVar

from flask import Response

from app.web.concurrency_limit import Lane, in_lane, yielding
from app.web.rate_limits import Limits, limited

#: About two milliseconds of uninterrupted work.
ROWS_AT_ONCE = 20
#: Rate limit of list files per user.
FILES = Limits("files", per_user="30 per hour")
_IN_MEMORY_BYTES = 1024 * 1024
_PIECE_BYTES = 64 * 1024
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

    The file is complete before the first byte is sent: an error while writing it gets its own response, and a slow
    client holds neither a slot nor a transaction.
    """
    with ExitStack() as opened:
        file = opened.enter_context(SpooledTemporaryFile(_IN_MEMORY_BYTES))
        for chunk in yielding(csv_chunks(header, rows)):
            file.write(chunk.encode())
        response = Response(
            _pieces(file) if file.tell() > _IN_MEMORY_BYTES else b"".join(_pieces(file)),
            mimetype="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
        )
        response.call_on_close(opened.pop_all().close)  # also if the body is not read, as for HEAD
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


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(_PIECE_BYTES):
            yield piece


def _written(rows: Iterable[Iterable[Any]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()
