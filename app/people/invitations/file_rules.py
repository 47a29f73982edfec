"""Parsing of a file of people to invite: detection of the columns, and the raw rows."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple

from flask_babel import lazy_gettext as _l

from app.tables.file_rules import open_table
from app.tables.table_rules import Cell, FileProblem, Glance, Row, Table

MAX_ROWS = 500

#: Longer than any valid value; longer cells are cut, and then rejected because of their length.
MAX_CELL_LENGTH = 300

#: Names of the columns, in the languages of the app.
_NAMES: Mapping[str, frozenset[str]] = {
    "email": frozenset({"email", "e-mail", "mail", "email address", "e-mail address", "почта", "эл. почта", "pochta"}),
    "name": frozenset({"name", "full name", "имя", "фио", "ism", "fio"}),
    "role": frozenset({"role", "роль", "rol"}),
}


class InvitedRow(NamedTuple):
    """A row as it is in the file, with the number of its first line."""

    line: int
    email: str
    name: str
    role: str


def read_rows(stream: IO[bytes], file_name: str) -> list[InvitedRow]:
    """Return the rows of a CSV or Excel file in any encoding.

    Raises FileProblem, whose message explains how to fix the file.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        with path.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
        with open_table(path, name=file_name, glance=Glance()) as table:
            return _rows(table)


def _rows(table: Table) -> list[InvitedRow]:
    places = {field: _place(table.header, names) for field, names in _NAMES.items()}
    found: list[InvitedRow] = []
    for row in table.rows:
        if len(found) == MAX_ROWS:
            raise FileProblem(
                _l("A file can include up to %(most)s people. Split it into several files.", most=MAX_ROWS)
            )
        found.append(InvitedRow(row.line, *(_cell(row, places[field]) for field in _NAMES)))
    return found


def _place(header: tuple[str, ...], names: frozenset[str]) -> int:
    for place, column in enumerate(header):
        if column.casefold() in names:
            return place
    raise FileProblem(_l("The first row must have the column names “email”, “name” and “role”."))


def _cell(row: Row, place: int) -> str:
    """Return a cell as text of at most MAX_CELL_LENGTH characters, or "" if it is empty or missing."""
    cell: Cell = row.cells[place] if place < len(row.cells) else None
    return "" if cell is None else " ".join(str(cell).split())[:MAX_CELL_LENGTH]
