"""What every file of rows looks like from inside: a header, and rows that know where they stand in the file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from time import thread_time
from typing import Any, NamedTuple, TypeAlias

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, Sentence, ValidationFailed

Cell: TypeAlias = str | int | float | datetime | date | time | timedelta | None

MAX_FILE_BYTES = 200 * 1024 * 1024
MAX_COLUMNS = 1_000
# Enough to meet a day above the twelfth in a log that is sorted by date.
GLANCE_LINES, GLANCE_CELLS, GLANCE_SECONDS = 25_000, 1_000_000, 8.0
# Transcripts may have hundreds of thousands each.
GLANCE_CHARACTERS = 20_000_000


class FileProblem(ValidationFailed):
    """The file as a whole cannot be read; the sentence says what is wrong and what to do."""

    def __init__(self, message: Sentence) -> None:
        super().__init__([FieldError("file", message)], message)


class Glance:
    """How much of a file is looked at while somebody waits for the page: so many lines, cells and characters, and so
    many seconds of work.

    Beyond the first three its rows end, and `is_over` says so; beyond the seconds it raises FileProblem.
    """

    def __init__(self) -> None:
        self.is_over = False
        self._cells = self._characters = 0
        self._ends = thread_time() + GLANCE_SECONDS

    def rows(self, records: "Iterator[Row]") -> "Iterator[Row]":
        """As many of `records` as are looked at."""
        for row in records:
            self.check()
            self._cells += len(row.cells)
            if row.line > GLANCE_LINES or self._cells > GLANCE_CELLS or self._characters > GLANCE_CHARACTERS:
                self.is_over = True
                return
            self._characters += sum(len(cell) for cell in row.cells if isinstance(cell, str))
            yield row

    def check(self) -> None:
        """Raise FileProblem when it has taken too much of the processor."""
        if thread_time() > self._ends:
            raise FileProblem(
                _l("The file takes too long to read. Save only what you need of it as CSV and import that.")
            )


class Row(NamedTuple):
    """One record. `line` is the physical line it starts on (the row of a sheet), counted from 1."""

    line: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How to read a file; None means: find out.

    `is_record` says of an object that a file of JSON is alone whether it is a row itself; without it, the object is
    only what is around a list of rows.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    is_record: Callable[[Mapping[str, Any]], bool] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """An open file. Its rows are read once, in order, and never held together.

    A row with more or fewer cells than the header comes as it is: whoever reads it rejects it. Blank rows are left out.
    `options` holds what was used, `sheets` the names to choose from in a workbook.
    """

    header: tuple[str, ...]
    rows: Iterator[Row]
    options: TableOptions
    share_read: Callable[[], float]
    sheets: tuple[str, ...] = ()


def make_table(
    records: Iterator[Row],
    options: TableOptions,
    share_read: Callable[[], float],
    *,
    sheets: tuple[str, ...] = (),
    pad: bool = False,
    glance: Glance | None = None,
) -> Table:
    """Take the first record that is not blank as the header. `pad` fills short rows up (a sheet stores no empty ends).

    With a `glance` it is as long as that.

    Raises FileProblem: nothing in the file, too many columns, or no rows below the header.
    """
    rows = (row for row in (glance.rows(records) if glance else records) if not _is_blank(row))
    first = next(rows, None)
    second = next(rows, None)
    if glance and glance.is_over and second is None:
        raise FileProblem(_l("The file begins with thousands of empty rows or cells. Delete them and save it again."))
    if first is None:
        raise FileProblem(_l("The file is empty. Choose a file with a header row and rows below it."))
    header = _column_names(first)
    if second is None:
        raise FileProblem(_l("The file has a header row but no rows below it."))
    return Table(header, _fitted(chain((second,), rows), len(header), pad=pad), options, share_read, sheets)


def column_name(text: str) -> str:
    """A name as it is compared: no byte order mark, no line ends, single spaces."""
    return " ".join(text.replace("\ufeff", "").split())


def _column_names(row: Row) -> tuple[str, ...]:
    """Trimmed names; one without a name is called by its place, a second one of the same name gets a number."""
    names = ["" if cell is None else column_name(str(cell)) for cell in row.cells]
    while not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise FileProblem(_l("This is not a table: its first row has more than %(limit)s cells.", limit=MAX_COLUMNS))
    taken: set[str] = set()
    for index, name in enumerate(names):
        # Not translated: a saved mapping refers to columns by these names.
        base = name or f"Column {index + 1}"
        unique, copies = base, 1
        while unique in taken or (unique != name and unique in names):
            copies += 1
            unique = f"{base} ({copies})"
        taken.add(unique)
        names[index] = unique
    return tuple(names)


def _fitted(rows: Iterator[Row], width: int, *, pad: bool) -> Iterator[Row]:
    """Cut empty cells beyond the header; where asked, fill a short row up."""
    for row in rows:
        found = len(row.cells)
        if found > width and all(map(_is_empty, row.cells[width:])):
            yield Row(row.line, row.cells[:width])
        elif found < width and pad:
            yield Row(row.line, (*row.cells, *(None,) * (width - found)))
        else:
            yield row


def _is_blank(row: Row) -> bool:
    return all(map(_is_empty, row.cells))


def _is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and (not cell or cell.isspace()))
