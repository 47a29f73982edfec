"""Rows as a CSV file that a spreadsheet opens without harm: UTF-8 with a mark, formulas made text."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any, TypeVar

from flask import Response

from app.web.concurrency_limit import Lane, giving_way, in_lane
from app.web.rate_limits import Limits, limited

#: Some two milliseconds' work, which nothing interrupts.
ROWS_AT_ONCE = 20
#: How often one person may take a file of a list.
FILES = Limits("files", per_user="30 per hour")
_IN_MEMORY_BYTES = 1024 * 1024
_PIECE_BYTES = 64 * 1024
_MARK = "\ufeff"  # without it, Excel reads the file in the machine's own code page

# What a spreadsheet takes for the beginning of a formula, plain numbers excepted; some also take the wide forms.
_BEGINNING = r"[=+\-@\t\r|%\uFF1D\uFF0B\uFF0D\uFF20]"
_FORMULA = re.compile(rf"^\s*{_BEGINNING}")
# Where a list has semicolons, as in Russian, Excel splits lines at them and knows no quotes that begin within a cell.
_NEXT_CELL = re.compile(rf"([;\r\n]\s*)(?={_BEGINNING})")
_NUMBER = re.compile(r"^[+-]?\d+([.,]\d+)*$")
# Some cell of written lines may begin as a formula does, here or there; it is looked for before each cell is.
_SUSPICION = re.compile(rf'[;,"\r\n]\s*(?![+-]\d+[,"\r\n]){_BEGINNING}')

View = TypeVar("View", bound=Callable[..., Any])


def csv_file(view: View) -> View:
    """Declare that a view answers with a CSV file: such files have slots of their own, and a rate per person."""
    return in_lane(Lane.FILES)(limited(FILES)(view))


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Make the attachment `name`.csv of `rows` and answer with it.

    It is whole before the first byte is sent: an error on the way is an answer of its own, and whoever reads slowly
    holds neither a slot nor a transaction.
    """
    with ExitStack() as opened:
        file = opened.enter_context(SpooledTemporaryFile(_IN_MEMORY_BYTES))
        for chunk in giving_way(csv_chunks(header, rows)):
            file.write(chunk.encode())
        response = Response(
            _pieces(file) if file.tell() > _IN_MEMORY_BYTES else b"".join(_pieces(file)),
            mimetype="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
        )
        response.call_on_close(opened.pop_all().close)  # also of what is not read, as for HEAD
    return response


def harmless(value: Any) -> Any:
    """The value as text that no spreadsheet takes for a formula; numbers, also of phones, stay as they are."""
    if not isinstance(value, str) or _NUMBER.match(value):
        return value
    text = _NEXT_CELL.sub(r"\1'", value)
    return f"'{text}" if _FORMULA.match(value) else text


def csv_chunks(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The file piece by piece, a few rows each."""
    yield _MARK + _written([header])
    rest = iter(rows)
    while batch := list(islice(rest, ROWS_AT_ONCE)):
        text = _written(batch)
        # Looking at each cell takes as long as all else; few files hold any that needs it.
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
