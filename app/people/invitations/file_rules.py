"""A file of colleagues to invite: which column is what, and the rows as they stand in it."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple

from flask_babel import lazy_gettext as _l

from app.tables.file_rules import open_table
from app.tables.table_rules import Cell, FileProblem, Glance, Row, Table

MAX_ROWS = 500

#: Longer than anything that is right; what is longer is cut, and refused for its length then.
MAX_CELL_LENGTH = 300

#: What people call the columns, in the languages of the app.
_NAMES: Mapping[str, frozenset[str]] = {
    "email": frozenset({"email", "e-mail", "mail", "email address", "e-mail address", "почта", "эл. почта", "pochta"}),
    "name": frozenset({"name", "full name", "имя", "фио", "ism", "fio"}),
    "role": frozenset({"role", "роль", "rol"}),
}


class InvitedRow(NamedTuple):
    """One row as it stands in the file, with the line it begins on."""

    line: int
    email: str
    name: str
    role: str


def read_rows(stream: IO[bytes], file_name: str) -> list[InvitedRow]:
    """The rows of a CSV or Excel file in any encoding. Raises FileProblem, which says what to do."""
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
                _l("A file can hold %(most)s people at most. Split it into several files.", most=MAX_ROWS)
            )
        found.append(InvitedRow(row.line, *(_cell(row, places[field]) for field in _NAMES)))
    return found


def _place(header: tuple[str, ...], names: frozenset[str]) -> int:
    for place, column in enumerate(header):
        if column.casefold() in names:
            return place
    raise FileProblem(_l("The first row has to name the columns “email”, “name” and “role”."))


def _cell(row: Row, place: int) -> str:
    """A cell as text; of a row that is cut short, none."""
    cell: Cell = row.cells[place] if place < len(row.cells) else None
    return "" if cell is None else " ".join(str(cell).split())[:MAX_CELL_LENGTH]
