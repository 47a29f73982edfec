"""Excel workbooks (.xlsx), read row by row."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol, cast
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from flask_babel import lazy_gettext as _l
from openpyxl import DEFUSEDXML, LXML, Workbook
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils import range_boundaries
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import DATA_TAG, DIMENSION_TAG
from openpyxl.xml.constants import ARC_STYLE, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from app.errors import disk_error
from app.tables.table_rules import Cell, FileProblem, Glance, Row, Table, TableOptions, make_table

# A workbook is a ZIP file: a small one can unpack to more than the machine's memory. The sizes in the directory are
# reliable, because zipfile returns no more than that.
MAX_UNPACKED_BYTES = 2 * 1024**3
MAX_SHARED_STRINGS_BYTES = 256 * 1024**2
MAX_RATIO = 200
RATIO_MATTERS_FROM_BYTES = 32 * 1024**2
MAX_PARTS = 10_000
MAX_SHEET_ROWS = 1_048_576
MAX_SHEET_CELLS = 30_000_000
# Total size of the parts that openpyxl reads as a whole and builds as objects before the first row: lists of parts and
# sheets.
MAX_WHOLE_BYTES = 1024**2
MAX_STYLES_BYTES = 16 * 1024**2
# Excel's own limit. The library's patterns take time that grows with the square of the length.
MAX_FORMAT_LENGTH = 255

# Errors of zipfile, the XML parser and openpyxl for damaged or forged files.
_UNREADABLE = (
    AttributeError,
    BadZipFile,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    zlib.error,
)

if LXML or not DEFUSEDXML:
    # Either defusedxml is missing, or openpyxl was imported before `app.tables.file_rules`.
    raise ImportError("openpyxl must use defusedxml, not lxml: without it, a workbook's XML can exhaust the memory.")


@contextmanager
def open_workbook(path: Path, options: TableOptions, glance: Glance | None = None) -> Iterator[Table]:
    """Open a sheet; see `app.tables.file_rules.open_table`.

    Cells retain their type (dates and times as such); a formula yields the value that was last computed for it.
    """
    with _Watched(path, glance) if glance else path.open("rb") as stream:
        try:
            archive = _Archive(stream)
            _check_archive(archive)
            book = _Reader(stream, archive).read_book()
        except _UNREADABLE as error:
            raise disk_error(error) or _damaged() from error
        try:
            sheet = _choose(book, options.sheet)
            position = _Position(sheet.max_row or MAX_SHEET_ROWS)
            records = _records(sheet, position)
            used = TableOptions(sheet=sheet.title, header_line=options.header_line)
            names = tuple(one.title for one in book.worksheets)
            visible = tuple(one.title for one in book.worksheets if one.sheet_state == "visible")
            yield make_table(records, used, position.share_read, sheets=names, visible=visible, pad=True, glance=glance)
        finally:
            book.close()


class _Sheet(Protocol):
    """The part of the interface of openpyxl's read-only sheets that is used here."""

    title: str
    sheet_state: str
    max_row: int | None

    def reset_dimensions(self) -> None: ...

    def iter_rows(self, *, values_only: Literal[True]) -> Iterator[tuple[Cell, ...]]: ...


class _Watched(FileIO):
    """Workbook file that raises FileProblem when read beyond the time limit.

    The limit is checked here, because a part of the file may be a single row, or all the strings of the book.
    """

    def __init__(self, path: Path, glance: Glance) -> None:
        super().__init__(path)
        self._glance = glance

    def read(self, size: int | None = -1, /) -> bytes:
        self._glance.check()
        return super().read(-1 if size is None else size)


class _Archive(ZipFile):
    """ZIP file of a workbook, with a limit on the parts that are read as a whole."""

    _whole_bytes = 0

    def read(self, name: Any, pwd: bytes | None = None) -> bytes:
        """Read a part. Raises FileProblem if it and the parts read before exceed the limit together."""
        self._whole_bytes += self.getinfo(name).file_size
        if self._whole_bytes > MAX_WHOLE_BYTES:
            raise _far_too_much()
        return super().read(name, pwd)


class _RowsSheet(ReadOnlyWorksheet):
    """Read-only sheet of openpyxl that does not read all rows to find a size that is not stated."""

    def _get_size(self) -> None:
        """Read the size that the sheet states, if it is stated before the rows."""
        own: Any = self  # these attributes have no public names
        with own._get_source() as stream:
            for _event, element in iterparse(stream, ("start",)):
                if element.tag == DATA_TAG:
                    return
                if element.tag == DIMENSION_TAG:
                    self._max_row = range_boundaries(element.get("ref"))[3]
                    return


class _Reader(ExcelReader):
    """Openpyxl's reader, without what rows don't need: properties, theme, defined names, charts, styles."""

    def __init__(self, stream: BinaryIO, archive: _Archive) -> None:
        super().__init__(stream, read_only=True, data_only=True, keep_links=False)
        self.archive = archive

    def read_book(self) -> Workbook:
        """Read the workbook up to the point where its rows can be read, and return it."""
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        if ARC_STYLE in self.valid_files:
            self._read_date_styles()
        self.read_worksheets()
        return self.wb

    def read_worksheets(self) -> None:
        """Read the sheets, except chart sheets, which have no rows."""
        book: Any = self.wb
        for sheet, part in self.parser.find_sheets():
            if part.target in self.valid_files and "chartsheet" not in part.Type:
                rows = _RowsSheet(book, sheet.name, part.target, self.shared_strings)
                rows.sheet_state = sheet.state or "visible"
                book._sheets.append(rows)

    def _read_date_styles(self) -> None:
        """Collect the cell styles for dates and durations incrementally: an old workbook has many styles."""
        if self.archive.getinfo(ARC_STYLE).file_size > MAX_STYLES_BYTES:
            raise _far_too_much()
        formats: dict[int, str] = dict(BUILTIN_FORMATS)
        used: list[int] = []
        is_of_cells = False
        with self.archive.open(ARC_STYLE) as stream:
            for event, element in iterparse(stream, ("start", "end")):
                tag = element.tag.removeprefix(f"{{{SHEET_MAIN_NS}}}")
                if tag == "cellXfs":
                    is_of_cells = event == "start"
                elif event == "end":
                    element.clear()
                elif tag == "numFmt":
                    formats[int(element.get("numFmtId"))] = element.get("formatCode", "")
                elif tag == "xf" and is_of_cells:
                    used.append(int(element.get("numFmtId", 0)))
        codes = {number: formats.get(number, "") for number in set(used)}
        if any(len(code) > MAX_FORMAT_LENGTH for code in codes.values()):
            raise ValueError("A format is longer than any can be.")
        dates = {number for number, code in codes.items() if is_date_format(code)}
        durations = {number for number, code in codes.items() if is_timedelta_format(code)}
        book: Any = self.wb  # the attributes that sheets need have no public names
        book._date_formats = {style for style, number in enumerate(used) if number in dates}
        book._timedelta_formats = {style for style, number in enumerate(used) if number in durations}


@dataclass
class _Position:
    rows_expected: int
    line: int = 0

    def share_read(self) -> float:
        return min(1.0, self.line / self.rows_expected)


def _check_archive(archive: ZipFile) -> None:
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    strings = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
    if (
        len(parts) > MAX_PARTS
        or unpacked > MAX_UNPACKED_BYTES
        or strings > MAX_SHARED_STRINGS_BYTES
        or (unpacked > RATIO_MATTERS_FROM_BYTES and unpacked > packed * MAX_RATIO)
    ):
        raise _far_too_much()


def _choose(book: Workbook, name: str | None) -> _Sheet:
    """Return the sheet with that name, or the first one that is not hidden. Raises FileProblem."""
    sheets = cast("list[_Sheet]", book.worksheets)
    wanted = (one for one in sheets if (one.title == name if name else one.sheet_state == "visible"))
    sheet = next(wanted, None)
    if sheet is None and name:
        raise FileProblem(_l("The workbook has no sheet named “%(name)s”.", name=name))
    if sheet is None:
        raise FileProblem(_l("The workbook has no visible sheet."))
    return sheet


def _records(sheet: _Sheet, position: _Position) -> Iterator[Row]:
    # The size that a sheet states can be wrong or forged; after a reset, each row is as wide as its own cells.
    sheet.reset_dimensions()
    rows = sheet.iter_rows(values_only=True)
    line = count = 0
    while True:
        try:
            cells = next(rows, None)
        except _UNREADABLE as error:
            raise disk_error(error) or _damaged() from error
        if cells is None:
            return
        line += 1
        count += len(cells)
        if line > MAX_SHEET_ROWS:
            raise _damaged()
        if count > MAX_SHEET_CELLS:
            raise _far_too_much()
        position.line = line
        yield Row(line, cells)


def _far_too_much() -> FileProblem:
    return FileProblem(_l("The workbook contains far too much data. Save the sheet you need as CSV and import that."))


def _damaged() -> FileProblem:
    return FileProblem(_l("The file is damaged or isn’t an Excel workbook. Open it in Excel and save it again."))
