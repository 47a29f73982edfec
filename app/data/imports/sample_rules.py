"""The beginning of a file, from which a mapping is made up."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from itertools import islice

from app.data.imports.cell_rules import CellProblem, Value, cell_reader
from app.data.imports.mapping_rules import MISSING_WORDS
from app.tables.table_rules import Cell, Row

# Enough rows to meet a day above the twelfth in a log that is sorted by date.
SAMPLE_ROWS = 20_000
_LONGEST_SAMPLE = 200


_read = cell_reader(lambda value: value, frozenset(MISSING_WORDS))


def _read_beginning(cell: Cell) -> Value | None:
    """What stands in a cell, as far as a date, a number or a word may go; nothing where it is no text."""
    try:
        return _read(cell[:_LONGEST_SAMPLE] if isinstance(cell, str) else cell)
    except CellProblem:
        return None


class Sample:
    """Distinct values of columns, cleaned; with an `id_column` also which values of it stand in rows that differ in
    `others`."""

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
            if len(row.cells) != len(header):
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
        """Ids of rows that differ, in the order of the file."""
        return [*self._repeated]

    def texts(self, name: str | None) -> list[str]:
        """Values that are text: a sheet's own dates and numbers leave nothing to guess."""
        return [value for value in self._found.get(name or "", ()) if isinstance(value, str)]

    def values(self, name: str) -> set[Value]:
        """All that was found."""
        return self._found.get(name, set())

    def numbers(self, name: str | None) -> list[float]:
        """Values that are numbers, also where a text file has them."""
        found = []
        for value in self._found.get(name or "", ()):
            try:
                found.append(float(str(value).replace(",", ".")))
            except ValueError:
                continue
        return found

    def dates_of_sheet(self, name: str | None) -> list[date]:
        """A sheet's own dates."""
        return [value for value in self._found.get(name or "", ()) if isinstance(value, date)]

    def has_clock_times(self, name: str) -> bool:
        """Whether a sheet's own date cells carry a time of day."""
        return any(isinstance(value, datetime) and value.time() != time() for value in self._found[name])
