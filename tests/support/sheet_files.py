"""Fictional spreadsheets in the old Excel format and in the OpenDocument format."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import xlwt

from app.tables.table_rules import Cell

_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_FORMATS: dict[type, str] = {
    datetime: "yyyy-mm-dd hh:mm:ss",
    date: "dd/mm/yyyy",
    time: "hh:mm:ss",
    timedelta: "[h]:mm:ss",
}

Rows = Iterable[Sequence[Cell]]


def xls(*rows: Sequence[Cell], sheets: dict[str, Rows] | None = None, since_1904: bool = False) -> bytes:
    """Return a workbook in the old Excel format, with one or several sheets."""
    book = xlwt.Workbook()
    book.dates_1904 = since_1904
    styles = {kind: xlwt.easyxf(num_format_str=text) for kind, text in _FORMATS.items()}
    for name, content in (sheets or {"Calls": rows}).items():
        page = book.add_sheet(name)
        for y, row in enumerate(content):
            for x, cell in enumerate(row):
                if cell is not None:
                    style = styles.get(type(cell))
                    page.write(y, x, _as_number(cell), *([style] if style else []))
    return saved_xls(book)


def saved_xls(book: Any) -> bytes:
    """Save an xlwt workbook and return the contents of the file."""
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _as_number(cell: Cell) -> Cell:
    """Return a duration as a number of days, and any other value unchanged.

    xlwt writes durations of a day or more incorrectly.
    """
    return cell.total_seconds() / 86_400 if isinstance(cell, timedelta) else cell


def ods(*rows: Sequence[Cell], sheets: dict[str, Rows] | None = None, beside: str = "") -> bytes:
    """Return an OpenDocument spreadsheet with one or several sheets.

    `beside` is XML that is added at the end of each sheet.
    """
    tables = "".join(
        f'<table:table table:name="{name}">{"".join(map(_ods_row, content))}{beside}</table:table>'
        for name, content in (sheets or {"Calls": rows}).items()
    )
    content = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    return ods_of(f'<?xml version="1.0"?><office:document-content {_SPACES}>{content}</office:document-content>')


def ods_of(content: str, entry: str = "") -> bytes:
    """Return an OpenDocument spreadsheet with this XML.

    `entry` is the content of its manifest entry.
    """
    name = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    result = BytesIO()
    with ZipFile(result, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", _TYPE, ZIP_STORED)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{name}"><manifest:file-entry '
            f'manifest:full-path="content.xml" manifest:media-type="text/xml">{entry}</manifest:file-entry>'
            "</manifest:manifest>",
        )
        archive.writestr("content.xml", content)
    return result.getvalue()


def _ods_row(cells: Sequence[Cell]) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, cells))}</table:table-row>"


def _ods_cell(cell: Cell) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, bool):
        return _typed("boolean", "boolean-value", str(cell).lower())
    if isinstance(cell, int | float):
        return _typed("float", "value", str(cell))
    if isinstance(cell, date):
        return _typed("date", "date-value", cell.isoformat())
    if isinstance(cell, time | timedelta):
        whole = cell if isinstance(cell, timedelta) else timedelta(0, cell.second, 0, 0, cell.minute, cell.hour)
        minutes, seconds = divmod(round(whole.total_seconds()), 60)
        return _typed("time", "time-value", f"PT{minutes // 60:02}H{minutes % 60:02}M{seconds:02}S")
    return f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'


def _typed(kind: str, name: str, value: str) -> str:
    return f'<table:table-cell office:value-type="{kind}" office:{name}="{value}"/>'
