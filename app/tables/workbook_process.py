"""One sheet of an .xls or .ods workbook, written to standard output: the program of a process of its own.

    python -I workbook_process.py FILE SHEET SECONDS BYTES

The library that reads these formats holds a whole workbook in memory, and cannot be interrupted. Of a file that is made
to do harm, this process dies alone: it gets so many SECONDS of the processor and so many BYTES. It imports nothing of
the app. What FILE is, its suffix says.

Each line is JSON. First an object: `sheets` (names), `sheet` (the one that is read; null where there is none) and
`rows` (how many); or `problem`, which is "password". Then a list for each row, in which dates and times stand as
objects of one type and its text. At last `true`: without it, something is missing.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)


def main(path: Path, wanted: str, seconds: int, memory: int) -> None:
    """Write the sheet named `wanted`, or the first one that is not hidden."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        book = CalamineWorkbook.from_path(path)
    except PasswordError:
        _say({"problem": "password"})
        return
    sheets = [one for one in book.sheets_metadata if one.typ is SheetTypeEnum.WorkSheet]
    found = next((one.name for one in sheets if _is_wanted(one, wanted)), None)
    sheet = None if found is None else book.get_sheet_by_name(found)
    last = sheet.end if sheet else None
    _say({"sheets": [one.name for one in sheets], "sheet": found, "rows": last[0] + 1 if last else 0})
    for row in sheet.iter_rows() if sheet else ():
        _say(row)
    _say(True)


def _is_wanted(sheet: SheetMetadata, wanted: str) -> bool:
    return sheet.name == wanted if wanted else sheet.visible is SheetVisibleEnum.Visible


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what, default=_typed) + "\n")


def _typed(value: Any) -> dict[str, str | float]:
    if isinstance(value, timedelta):
        return {"duration": value.total_seconds()}
    kind = next(kind for kind in (datetime, date, time) if isinstance(value, kind))
    return {kind.__name__: value.isoformat()}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
