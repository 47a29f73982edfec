"""Workbooks of the old Excel (.xls) and of OpenDocument (.ods), read as a whole by a process of their own."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Literal

from flask_babel import lazy_gettext as _l

from app.tables import workbook_process
from app.tables.table_rules import GLANCE_SECONDS, Cell, FileProblem, Glance, Row, Table, TableOptions, make_table

MAX_XLS_BYTES = 50 * 1024 * 1024
#: Of the part of an .ods file that holds its sheets, unpacked.
MAX_ODS_BYTES = 100 * 1024 * 1024
# Twice what the largest of these take.
MAX_SECONDS = 60
MAX_MEMORY_BYTES = 1024**3

_PROGRAM = Path(workbook_process.__file__)
#: How OpenDocument writes times of day and durations.
_CLOCK = re.compile(r"PT(?P<hours>[0-9]{1,6})H(?P<minutes>[0-9]{1,2})M(?P<seconds>[0-9]{1,2}(?:\.[0-9]{1,9})?)S")

#: The day 0 of a sheet, on which times of day and durations are, by system.
_DAYS_BEFORE_ALL = (date(1899, 12, 30), date(1899, 12, 31))
_DAMAGED = _l("The workbook is damaged, or is none. Open it where it was made, and save it as .xlsx or .csv.")
#: What the process ends with where it needs more than it may.
_ENDS = {
    -signal.SIGXCPU: _l("The file takes too long to read. Save only what you need of it as CSV and import that."),
    -signal.SIGABRT: _l("The workbook unpacks into far too much data. Save the sheet as CSV and import that."),
}


@contextmanager
def open_old_workbook(
    path: Path, kind: Literal["xls", "ods"], options: TableOptions, glance: Glance | None = None
) -> Iterator[Table]:
    """Open one sheet; see `app.tables.file_rules.open_table`. Cells keep their type; of an error
    they are empty."""
    seconds = round(GLANCE_SECONDS) if glance else MAX_SECONDS
    with TemporaryDirectory(prefix="import-") as folder:
        named = Path(folder) / f"table.{kind}"
        named.symlink_to(path.absolute())
        with _reading(named, options.sheet, seconds) as process:
            sheet = _Sheet(process, options.sheet)
            used = TableOptions(sheet=sheet.name, header_line=options.header_line)
            yield make_table(sheet.rows(), used, sheet.share_read, sheets=sheet.names, pad=True, glance=glance)


@contextmanager
def _reading(path: Path, sheet: str | None, seconds: int) -> Iterator[subprocess.Popen[bytes]]:
    """The process that reads it, which ends with the block. It knows no secret."""
    command = [sys.executable, "-I", str(_PROGRAM), str(path), sheet or "", str(seconds), str(MAX_MEMORY_BYTES)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
    ) as process:
        try:
            yield process
        finally:
            process.kill()


class _Sheet:
    """What the process says of the workbook, and the rows that it writes then."""

    def __init__(self, process: subprocess.Popen[bytes], wanted: str | None) -> None:
        self._process = process
        about = self._next()
        if about.get("problem"):
            raise FileProblem(_l("The workbook is protected by a password. Save it without one and try again."))
        if about["sheet"] is None and wanted:
            raise FileProblem(_l("The workbook has no sheet named “%(name)s”.", name=wanted))
        if about["sheet"] is None:
            raise FileProblem(_l("The workbook has no visible sheet."))
        self.name: str = about["sheet"]
        self.names: tuple[str, ...] = tuple(about["sheets"])
        self._count: int = about["rows"]
        self._read = 0

    def share_read(self) -> float:
        """From 0 to 1."""
        return self._read / self._count if self._count else 1.0

    def rows(self) -> Iterator[Row]:
        """All of the sheet; those that are empty too, so that each knows its number."""
        while (cells := self._next()) is not True:
            self._read += 1
            yield Row(self._read, [_cell(one) for one in cells])

    def _next(self) -> Any:
        stream: IO[bytes] | None = self._process.stdout
        line = stream.readline() if stream else b""
        if line.endswith(b"\n"):
            return json.loads(line)
        raise FileProblem(_ENDS.get(self._process.wait(), _DAMAGED))


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
