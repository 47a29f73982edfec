"""Sandbox program (`app.sandbox`) that reads a sheet of an .xls or .ods workbook.

The library that reads these formats loads a whole workbook into memory, and can't be interrupted. This module imports
nothing from the app.

Each line of the output is JSON. The first is an object: `sheets` (names), `sheet` (the one that is read; null if there
is none) and `rows` (their number); or `problem`, which is "password". Then follows a list for each row, with dates and
times as objects that have one key, the type, with its text. The last line is `true`: without it, the output is
incomplete.
"""

import codecs
import json
import struct
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from typing import IO, Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

codecs.lookup("cp437")  # encoding of names in a ZIP; later, no file can be opened, not even Python's own

#: OpenDocument states the encryption in its manifest.
_MANIFEST, _ENCRYPTED = "META-INF/manifest.xml", b"encryption-data"
#: Excel states the encryption in a record between the start of the workbook and its first sheet ([MS-XLS] 2.4.117).
_FIRST_RECORD = bytes.fromhex("0908")
_HEAD = struct.Struct("<HH")
_FILEPASS, _FIRST_SHEET = 0x2F, 0x85


def main(file: IO[bytes], _target: None, wanted: str) -> None:
    """Write the rows of the sheet named `wanted`, or of the first sheet that is not hidden."""
    try:
        book = CalamineWorkbook.from_filelike(file)
    except CalamineError:
        # For a file without a name, the library only reports that no format matches.
        if not _is_encrypted(file):
            raise
        _send({"problem": "password"})
        sys.stdout.flush()
        return
    sheets = [one for one in book.sheets_metadata if one.typ is SheetTypeEnum.WorkSheet]
    found = next((one.name for one in sheets if _is_wanted(one, wanted)), None)
    sheet = None if found is None else book.get_sheet_by_name(found)
    last = sheet.end if sheet else None
    visible = [one.name for one in sheets if _is_wanted(one, "")]
    rows = last[0] + 1 if last else 0
    _send({"sheets": [one.name for one in sheets], "visible": visible, "sheet": found, "rows": rows})
    for row in sheet.iter_rows() if sheet else ():
        _send(row)
    _send(True)
    sys.stdout.flush()


def _is_encrypted(file: IO[bytes]) -> bool:
    file.seek(0)
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            return _MANIFEST in archive.namelist() and _ENCRYPTED in archive.read(_MANIFEST)
    file.seek(0)
    content = file.read()
    place = content.find(_FIRST_RECORD)
    # Records of the workbook as a whole: number and length, two bytes each, followed by the content.
    while 0 <= place < len(content) - _HEAD.size:
        number, length = _HEAD.unpack_from(content, place)
        if number in (_FILEPASS, _FIRST_SHEET):
            return bool(number == _FILEPASS)
        place += _HEAD.size + length
    return False


def _is_wanted(sheet: SheetMetadata, wanted: str) -> bool:
    return sheet.name == wanted if wanted else sheet.visible is SheetVisibleEnum.Visible


def _send(what: object) -> None:
    sys.stdout.write(json.dumps(what, default=_typed) + "\n")


def _typed(value: Any) -> dict[str, str | float]:
    if isinstance(value, timedelta):
        return {"duration": value.total_seconds()}
    kind = next(kind for kind in (datetime, date, time) if isinstance(value, kind))
    return {kind.__name__: value.isoformat()}
