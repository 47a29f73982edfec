"""Samples of the first rows of a file, from which a mapping is guessed."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time
from itertools import islice

from app.data.imports.cell_rules import CellProblem, Value, cell_reader
from app.data.imports.currency_rules import without_any_sign
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

    With an `id_column`, it also finds the ids shared by rows that differ in `others`. Of the columns `in_rows`, it
    keeps the value of each row.
    """

    def __init__(
        self,
        header: Sequence[str],
        rows: Iterable[Row],
        columns: Iterable[str],
        *,
        id_column: str | None = None,
        others: Sequence[str] = (),
        in_rows: Iterable[str] = (),
    ) -> None:
        read = _read_beginning
        self._found: dict[str, dict[Value, None]] = {name: {} for name in columns}
        self._in_rows: dict[str, list[Value | None]] = {name: [] for name in in_rows}
        self._of_id: dict[Value, tuple[Value | None, ...]] = {}
        self._repeated: dict[Value, None] = {}
        places = [(header.index(name), values) for name, values in self._found.items()]
        id_place = header.index(id_column) if id_column else None
        other_places = [header.index(name) for name in others]
        row_places = [(header.index(name), kept) for name, kept in self._in_rows.items()]
        for row in islice(rows, SAMPLE_ROWS):
            if len(row.cells) < len(header):
                continue
            for index, values in places:
                if (value := read(row.cells[index])) is not None:
                    values[value] = None
            for index, kept in row_places:
                kept.append(read(row.cells[index]))
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

    def values(self, name: str) -> Collection[Value]:
        """Return the distinct values of the column in the sample, in the order of the file."""
        return self._found.get(name, {})

    def column(self, name: str) -> Sequence[Value | None]:
        """Return the values of one of the columns `in_rows` row by row, None where a row has none."""
        return self._in_rows.get(name, ())

    def numbers(self, name: str | None) -> list[float]:
        """Return the values that are numbers, including numbers written as text."""
        found = []
        for value in self._found.get(name or "", ()):
            try:
                found.append(float(without_any_sign(str(value)).replace(",", ".")))
            except ValueError:
                continue
        return found

    def dates_of_sheet(self, name: str | None) -> list[date]:
        """Return the values that are a spreadsheet's own dates."""
        return [value for value in self._found.get(name or "", ()) if isinstance(value, date)]

    def has_clock_times(self, name: str) -> bool:
        """Return whether most of a spreadsheet's own dates have a time of day."""
        days = self.dates_of_sheet(name)
        return sum(isinstance(day, datetime) and day.time() != time() for day in days) * 2 > len(days)
