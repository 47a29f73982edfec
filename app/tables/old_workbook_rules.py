"""Workbooks of old Excel (.xls) and of OpenDocument (.ods), read as a whole in a sandbox."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.sandbox.runner import Limits, Sandbox, Unreadable, sandboxed
from app.tables.table_rules import GLANCE_SECONDS, Cell, FileProblem, Glance, Row, Table, TableOptions, make_table

MAX_XLS_BYTES = 50 * 1024 * 1024
#: Size of the part of an .ods file with its sheets, uncompressed.
MAX_ODS_BYTES = 100 * 1024 * 1024
# Twice what the largest of these files need.
MAX_SECONDS = 60
MAX_MEMORY_BYTES = 1024**3

_PROGRAM = Path(__file__).with_name("workbook_process.py")
#: Format of times and durations in OpenDocument.
_CLOCK = re.compile(r"PT(?P<hours>[0-9]{1,6})H(?P<minutes>[0-9]{1,2})M(?P<seconds>[0-9]{1,2}(?:\.[0-9]{1,9})?)S")

#: Day 0 of a sheet, which is the date of times and durations; depends on the system.
_DAYS_BEFORE_ALL = (date(1899, 12, 30), date(1899, 12, 31))
_DAMAGED = _l(
    "The file is damaged or isn’t a workbook. Open it in the program it came from, and save it as .xlsx or .csv."
)
_SENTENCES: Mapping[Unreadable | None, LazyText] = {
    Unreadable.TOOK_TOO_LONG: _l("The file takes too long to read. Save just what you need as CSV and import that."),
    Unreadable.TOO_LARGE: _l(
        "The workbook contains far too much data. Save the sheet you need as CSV and import that."
    ),
}


@contextmanager
def open_old_workbook(path: Path, options: TableOptions, glance: Glance | None = None) -> Iterator[Table]:
    """Open a sheet; see `app.tables.file_rules.open_table`.

    Cells retain their type; cells with an error are empty.
    """
    limits = Limits(cpu_seconds=round(GLANCE_SECONDS) if glance else MAX_SECONDS, memory_bytes=MAX_MEMORY_BYTES)
    with path.open("rb") as file, sandboxed(_PROGRAM, file, options.sheet or "", limits=limits) as sandbox:
        sheet = _Sheet(sandbox, options.sheet)
        used = TableOptions(sheet=sheet.name, header_line=options.header_line)
        yield make_table(
            sheet.rows(), used, sheet.share_read, sheets=sheet.names, visible=sheet.visible, pad=True, glance=glance
        )


class _Sheet:
    """A sheet as the sandboxed process writes it: information about the workbook, followed by the rows."""

    def __init__(self, sandbox: Sandbox, wanted: str | None) -> None:
        self._sandbox = sandbox
        about = self._next()
        if about.get("problem"):
            raise FileProblem(_l("The workbook is password-protected. Remove the password and try again."))
        if about["sheet"] is None and wanted:
            raise FileProblem(_l("The workbook has no sheet named “%(name)s”.", name=wanted))
        if about["sheet"] is None:
            raise FileProblem(_l("The workbook has no visible sheet."))
        self.name: str = about["sheet"]
        self.names: tuple[str, ...] = tuple(about["sheets"])
        self.visible: tuple[str, ...] = tuple(about["visible"])
        self._count: int = about["rows"]
        self._read = 0

    def share_read(self) -> float:
        """Return the share of rows read so far, from 0 to 1."""
        return self._read / self._count if self._count else 1.0

    def rows(self) -> Iterator[Row]:
        """Yield all rows of the sheet, including empty ones, so that each has its number."""
        while (cells := self._next()) is not True:
            self._read += 1
            yield Row(self._read, [_cell(one) for one in cells])

    def _next(self) -> Any:
        line = self._sandbox.readline()
        if line.endswith(b"\n"):
            return json.loads(line)
        raise FileProblem(_SENTENCES.get(self._sandbox.end(), _DAMAGED))


def _cell(value: Any) -> Cell:
    if isinstance(value, dict):
        ((kind, said),) = value.items()
        typed: Cell = _TYPES[kind](said)
        return typed.time() if isinstance(typed, datetime) and typed.date() in _DAYS_BEFORE_ALL else typed
    if isinstance(value, str) and (match := _CLOCK.fullmatch(value)):
        return timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]), seconds=float(match["seconds"]))
    found: Cell = value
    return found


_TYPES: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "duration": lambda seconds: timedelta(seconds=seconds),
}
