"""Selection of the rows of a file to import, and rejection of rows that hold totals."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, as_text, clean
from app.data.imports.mapping_rules import Mapping, Only
from app.data.imports.record_rules import RejectedRow, RowError
from app.declarations.importable import Importable
from app.errors import FieldError, ValidationFailed
from app.models import Organization
from app.tables.table_rules import Cell, Row, Table

_OF_TOTALS = _l("This looks like a row of totals.")


def reader_of(declared: Importable, mapping: Mapping, table: Table, organization: Organization) -> Callable[[Row], Any]:
    """Return a function that reads a row into a record, or into a RejectedRow.

    Rows are rejected for errors, and for holding totals. Raises ValidationFailed unless the mapping fits the table.
    """
    read = declared.reader(mapping, table, organization)

    def read_unless_totals(row: Row) -> Any:
        if row.is_totals:
            return RejectedRow(row.line, (RowError(row.line, None, None, _OF_TOTALS),))
        return read(row)

    return read_unless_totals


def reader_with_earlier_ids(
    read: Callable[[Row], Any],
    declared: Importable,
    earlier: Iterable[Mapping],
    table: Table,
    organization: Organization,
) -> Callable[[Row], Any]:
    """Return `read` with the ids that rows without an id of their own had with the `earlier` mappings.

    Mappings with a column that the table does not have are ignored.
    """
    here = {*table.header}
    others = [declared.reader(one, table, organization) for one in earlier if {*one.columns} <= here]
    if not others:
        return read

    def read_with_earlier_ids(row: Row) -> Any:
        record = read(row)
        if isinstance(record, RejectedRow):
            return record
        before = [one for one in (other(row) for other in others) if not isinstance(one, RejectedRow)]
        ids = (earlier_id for one in before for earlier_id in (one.external_id, *one.earlier_ids))
        return record._replace(earlier_ids=tuple(dict.fromkeys((*record.earlier_ids, *ids))))

    return read_with_earlier_ids


class WantedRows:
    """The rows of a table that the mapping selects; `left_out` counts the rows skipped so far.

    Rows of totals and those narrower than the header pass, since the reader rejects them. Raises
    ValidationFailed if the mapping filters by a column that the table does not have.
    """

    def __init__(self, mapping: Mapping, table: Table) -> None:
        self.left_out = 0
        self._table = table
        self._tests = [_test_of(one, table.header) for one in mapping.only]

    def __iter__(self) -> Iterator[Row]:
        tests, width = self._tests, len(self._table.header)
        if not tests:
            yield from self._table.rows
            return
        for row in self._table.rows:
            if row.is_totals or len(row.cells) < width or all(test(row) for test in tests):
                yield row
            else:
                self.left_out += 1


def _test_of(only: Only, header: tuple[str, ...]) -> Callable[[Row], bool]:
    if only.column not in header:
        sentence = _l("The file has no column “%(name)s”.", name=only.column)
        raise ValidationFailed([FieldError("only", sentence)], sentence)
    index, words, keep = header.index(only.column), {word.casefold() for word in only.words}, only.keep
    return lambda row: (_word(row.cells[index]) in words) is keep


def _word(cell: Cell) -> str:
    try:
        return "" if cell is None else clean(as_text(cell)).casefold()
    except CellProblem:
        return ""
