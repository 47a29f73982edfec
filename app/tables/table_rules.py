"""Common model of files with rows: a header, and rows that know their line in the file."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import chain, dropwhile, islice
from time import thread_time
from typing import Any, NamedTuple, TypeAlias

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln

from app.errors import FieldError, LazyText, ValidationFailed
from app.tables.shape_rules import LOOKED_AT, Place, find_header, is_totals, joined_names, may_be_totals

Cell: TypeAlias = str | int | float | datetime | date | time | timedelta | None

MAX_FILE_BYTES = 200 * 1024 * 1024
MAX_COLUMNS = 1_000
MAX_HEADER_LINE = 10_000
# Enough to reach a day above the twelfth in a log that is sorted by date.
GLANCE_LINES, GLANCE_CELLS, GLANCE_SECONDS = 25_000, 1_000_000, 8.0
# Transcripts can have hundreds of thousands each.
GLANCE_CHARACTERS = 20_000_000

#: Number of rows with which a possible row of totals is compared.
_COMPARED = 3


class FileProblem(ValidationFailed):
    """Error for a file that can't be read at all; the message states the problem and the solution.

    `visible` are the names of the sheets of a workbook that can be opened.
    """

    visible: tuple[str, ...] = ()

    def __init__(self, message: LazyText) -> None:
        super().__init__([FieldError("file", message)], message)


class Glance:
    """Limits for reading a file while a user waits: lines, cells, characters, and seconds of work.

    Beyond one of the first three, the rows end and `is_over` is set; beyond the seconds, FileProblem is raised.
    """

    def __init__(self) -> None:
        self.is_over = False
        self._cells = self._characters = 0
        self._ends = thread_time() + GLANCE_SECONDS

    def rows(self, records: "Iterator[Row]") -> "Iterator[Row]":
        """Yield `records` up to the limits."""
        for row in records:
            self.check()
            self._cells += len(row.cells)
            if row.line > GLANCE_LINES or self._cells > GLANCE_CELLS or self._characters > GLANCE_CHARACTERS:
                self.is_over = True
                return
            self._characters += sum(len(cell) for cell in row.cells if isinstance(cell, str))
            yield row

    def check(self) -> None:
        """Raise FileProblem if the CPU time is used up."""
        if thread_time() > self._ends:
            raise FileProblem(_l("The file takes too long to read. Save just what you need as CSV and import that."))


class Row(NamedTuple):
    """A record of the file.

    `line` is the physical line on which it starts (the row of a sheet), counted from 1. `is_totals` is set if it
    contains totals of other rows.
    """

    line: int
    cells: Sequence[Cell]
    is_totals: bool = False


@dataclass(frozen=True, slots=True)
class TableOptions:
    """Options for reading a file; those that are None are detected.

    `header_line` is the line of the header, counted from 1. `is_record` returns whether the single object of a JSON
    file is a row itself; without it, the object is only the container of a list of rows.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    is_record: Callable[[Mapping[str, Any]], bool] | None = None
    header_line: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """An open file, whose rows are read once and in order.

    Rows are never all in memory, except those of a JSON list. A row with more or fewer cells than the header is
    returned as it is; the code that reads it ignores cells beyond the header, and rejects a row with too few, not
    counting columns without a name at the end. Blank rows are skipped. `options` are those that were used, `sheets` the
    names of the sheets in a workbook, `visible` those that aren't hidden; `notices` state where the header was found if
    there are lines above it, and whether it takes up two rows. `parts` are the lower names of columns whose names are
    joined from two rows.
    """

    header: tuple[str, ...]
    rows: Iterator[Row]
    options: TableOptions
    share_read: Callable[[], float]
    sheets: tuple[str, ...] = ()
    notices: tuple[LazyText, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    visible: tuple[str, ...] = ()


def make_table(
    records: Iterator[Row],
    options: TableOptions,
    share_read: Callable[[], float],
    *,
    sheets: tuple[str, ...] = (),
    visible: tuple[str, ...] = (),
    pad: bool = False,
    glance: Glance | None = None,
    begins_with_header: bool = False,
) -> Table:
    """Build a table from records; its header is at the line given in `options`, or is detected.

    The detection uses the first rows that are not blank. `pad` extends short rows, because a sheet does not store empty
    cells at the end. With a `glance`, the table has its limits. Raises FileProblem if there are no records, too many
    columns, or no rows below the header.
    """
    try:
        table = _make_table(records, options, share_read, pad, glance, begins_with_header)
    except FileProblem as problem:
        problem.visible = visible
        raise
    return replace(table, sheets=sheets, visible=visible)


def _make_table(
    records: Iterator[Row],
    options: TableOptions,
    share_read: Callable[[], float],
    pad: bool,
    glance: Glance | None,
    begins_with_header: bool,
) -> Table:
    rows: Iterator[Row] = (row for row in (glance.rows(records) if glance else records) if not _is_blank(row))
    if options.header_line is not None:
        rows = dropwhile(lambda row: row.line < (options.header_line or 0), rows)
    start = [*islice(rows, 2 if begins_with_header else LOOKED_AT)]
    if glance and glance.is_over and len(start) < 2:
        raise FileProblem(_l("The file starts with thousands of empty rows or cells. Delete them and save it again."))
    if not start and options.header_line:
        raise FileProblem(_l("The file has no line %(line)s to use as the header.", line=options.header_line))
    if not start:
        raise FileProblem(_l("The file is empty. Choose a file with a header row and rows below it."))
    place = find_header(start, is_first=begins_with_header or options.header_line is not None)
    if _is_empty(start[place.first].cells[-1]):
        # A column without a name counts if any row has a value in it, so all rows of a glance are looked at.
        start += islice(rows, GLANCE_LINES - len(start))
    header, named, below = _header(start, place)
    if not below:
        raise FileProblem(_l("The file has a header row but no rows below it."))
    fitted = _fitted(chain(below, rows), len(header), least=0 if pad else named)
    marked = _with_totals_marked(fitted, lambda: not (glance and glance.is_over))
    notices = tuple(_notices(start, place, header))
    parts = _parts(start[place.first + 1].cells, header) if place.has_two_rows else {}
    return Table(header, fitted if begins_with_header else marked, options, share_read, notices=notices, parts=parts)


def _parts(lower: Sequence[Cell], header: Sequence[str]) -> dict[str, str]:
    """Return the name in the lower row of a header by the joined name of its column."""
    names = zip(header, ("" if cell is None else column_name(str(cell)) for cell in lower), strict=False)
    return {name: part for name, part in names if part and part != name}


def _header(start: Sequence[Row], place: Place) -> tuple[tuple[str, ...], int, Sequence[Row]]:
    """Return the names of the columns, the width up to the last named one, and the rows of `start` below the header."""
    cells, below = start[place.first].cells, start[place.first + 1 :]
    if place.has_two_rows:
        cells, below = joined_names(cells, below[0].cells), below[1:]
    names = ["" if cell is None else column_name(str(cell)) for cell in cells]
    named = len(names)
    while named > 1 and not names[named - 1]:
        named -= 1
    width = named
    for row in below:
        width = _used_width(row.cells[: len(names)], width)
    return _column_names(names[:width]), named, below


def _notices(start: Sequence[Row], place: Place, header: Sequence[str]) -> Iterator[LazyText]:
    line = start[place.first].line
    if place.first:
        yield _ln(
            "%(num)s line above the table was skipped. The header is on line %(line)s.",
            "%(num)s lines above the table were skipped. The header is on line %(line)s.",
            line - 1,
            line=line,
        )
    if place.has_two_rows:
        yield _l(
            "The header takes up two rows, lines %(line)s and %(next)s. Their names are joined, as in “%(name)s”.",
            line=line,
            next=line + 1,
            name=next((name for name in header if " " in name), header[0]),
        )


def _with_totals_marked(rows: Iterator[Row], is_end: Callable[[], bool]) -> Iterator[Row]:
    """Yield the rows, with `is_totals` set for rows of totals.

    `is_end` returns, after the last row, whether the file has no more rows.
    """
    before: deque[Sequence[Cell]] = deque(maxlen=_COMPARED)
    held = next(rows, None)
    while held is not None:
        following = next(rows, None)
        is_last = following is None and is_end()
        if (is_last or may_be_totals(held.cells)) and is_totals(held.cells, before, is_last=is_last):
            yield held._replace(is_totals=True)
        else:
            before.append(held.cells)
            yield held
        held = following


def column_name(text: str) -> str:
    """Return a name in the form used for comparison: no byte order mark, no line breaks, single spaces."""
    return " ".join(text.replace("\ufeff", "").split())


def _column_names(names: list[str]) -> tuple[str, ...]:
    """Return the unique names of the columns.

    A column without a name is named by its position, a repeated name gets a number. Raises FileProblem for too many
    columns.
    """
    if len(names) > MAX_COLUMNS:
        raise FileProblem(
            _l(
                "The header row has more than %(limit)s cells, so the file can’t be read as a table. Keep only "
                "the columns you need.",
                limit=MAX_COLUMNS,
            )
        )
    taken: set[str] = set()
    for index, name in enumerate(names):
        # Not translated, because a saved mapping refers to columns by these names.
        base = name or f"Column {index + 1}"
        unique, copies = base, 1
        while unique in taken or (unique != name and unique in names):
            copies += 1
            unique = f"{base} ({copies})"
        taken.add(unique)
        names[index] = unique
    return tuple(names)


def _fitted(rows: Iterator[Row], width: int, *, least: int) -> Iterator[Row]:
    """Yield the rows without empty cells beyond the header's width; short rows with `least` cells are extended."""
    for row in rows:
        found = len(row.cells)
        if found > width and all(map(_is_empty, row.cells[width:])):
            yield Row(row.line, row.cells[:width])
        elif least <= found < width:
            yield Row(row.line, (*row.cells, *(None,) * (width - found)))
        else:
            yield row


def _used_width(cells: Sequence[Cell], least: int) -> int:
    """Return the number of cells up to the last one with a value, and at least `least`."""
    width = len(cells)
    while width > least and _is_empty(cells[width - 1]):
        width -= 1
    return max(width, least)


def _is_blank(row: Row) -> bool:
    return all(map(_is_empty, row.cells))


def _is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and (not cell or cell.isspace()))
