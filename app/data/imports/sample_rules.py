"""Samples of the first rows of a file, from which a mapping is guessed."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from itertools import islice

from app.data.imports.cell_rules import CellProblem, Value, cell_reader
from app.data.imports.mapping_rules import MISSING_WORDS
from app.tables.table_rules import Cell, Row

# Enough rows of a log sorted by date to include a day after the 12th.
SAMPLE_ROWS = 20_000
_MAX_SAMPLE_LENGTH = 200


_read = cell_reader(lambda value: value, frozenset(MISSING_WORDS))


def _read_beginning(cell: Cell) -> Value | None:
    """Return the cleaned start of a cell, long enough for a date, a number or a word; None if it has no value."""
    try:
        return _read(cell[:_MAX_SAMPLE_LENGTH] if isinstance(cell, str) else cell)
    except CellProblem:
        return None


class Sample:
    """The distinct cleaned values of columns in the first SAMPLE_ROWS rows of a file.

    With an `id_column`, it also finds the ids shared by rows that differ in `others`.
    """

    def __init__(
        self,
        header: Sequence[str],
        rows: Iterable[Row],
        columns: Iterable[str],
        *,
        id_column: str | None = None,
        others: Sequence[str] = (),
    ) -> None:
        read = _read_beginning
        self._found: dict[str, set[Value]] = {name: set() for name in columns}
        self._of_id: dict[Value, tuple[Value | None, ...]] = {}
        self._repeated: dict[Value, None] = {}
        places = [(header.index(name), values) for name, values in self._found.items()]
        id_place = header.index(id_column) if id_column else None
        other_places = [header.index(name) for name in others]
        for row in islice(rows, SAMPLE_ROWS):
            if len(row.cells) < len(header):
                continue
            for index, values in places:
                if (value := read(row.cells[index])) is not None:
                    values.add(value)
            if id_place is not None and (known := read(row.cells[id_place])) is not None:
                said = tuple(read(row.cells[index]) for index in other_places)
                if self._of_id.setdefault(known, said) != said:
                    self._repeated[known] = None

    @property
    def repeated_ids(self) -> list[Value]:
        """Ids shared by rows that differ, in the order of the file."""
        return [*self._repeated]

    def texts(self, name: str | None) -> list[str]:
        """Return the values that are text, without a spreadsheet's own dates and numbers."""
        return [value for value in self._found.get(name or "", ()) if isinstance(value, str)]

    def values(self, name: str) -> set[Value]:
        """Return the distinct values of the column in the sample."""
        return self._found.get(name, set())

    def numbers(self, name: str | None) -> list[float]:
        """Return the values that are numbers, including numbers written as text."""
        found = []
        for value in self._found.get(name or "", ()):
            try:
                found.append(float(str(value).replace(",", ".")))
            except ValueError:
                continue
        return found

    def dates_of_sheet(self, name: str | None) -> list[date]:
        """Return the values that are a spreadsheet's own dates."""
        return [value for value in self._found.get(name or "", ()) if isinstance(value, date)]

    def has_clock_times(self, name: str) -> bool:
        """Return whether any of a spreadsheet's own dates has a time of day."""
        return any(isinstance(value, datetime) and value.time() != time() for value in self._found[name])
