"""Queries that look into a file before it is imported.

Nothing is stored, and only the first rows are read.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Counts
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from app.data.imports.cell_rules import as_text
from app.data.imports.mapping_rules import Mapping, importable, make_mapping, options_for
from app.data.imports.record_rules import RejectedRow, RowError
from app.data.imports.row_rules import WantedRows, reader_of
from app.declarations.field import Field
from app.declarations.importable import People
from app.errors import LazyText
from app.models import Import, Organization
from app.storage import storage
from app.tables.file_rules import FirstRows, read_first_rows
from app.tables.table_rules import Cell, FileProblem, Table, TableOptions

SHOWN_ROWS = 20
SHOWN_ERRORS = 50
LOOKED_AT = 50
SAMPLE_ROWS = 200
SAMPLES = 3
MAX_SAMPLE_LENGTH = 40


@dataclass(frozen=True, slots=True)
class FileColumns:
    """The columns of a file with sample values; `problem` is the reason if it cannot be read.

    `sheets` are the sheet names of a workbook, empty for a text file; `notices` state where in the file the table was
    found.
    """

    header: tuple[str, ...] = ()
    samples: tuple[tuple[str, ...], ...] = ()
    sheets: tuple[str, ...] = ()
    problem: LazyText | None = None
    notices: tuple[LazyText, ...] = ()


@dataclass(frozen=True, slots=True)
class Agents:
    """Names in the checked rows that don't identify a user, each with its number of rows.

    `unknown` names can become users; `unusable` ones cannot: email addresses that no user has, and names that several
    users share.
    """

    unknown: Counts[str, int]
    unusable: Counts[str, int]


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows as they would be imported; `checked` is their number.

    `rows` and `errors` are the first SHOWN_ROWS and SHOWN_ERRORS; `rejected` counts rows that are invalid in
    themselves; `unmapped` are the columns that are not imported; `fields` are the given ones that are read by their
    declaration alone.
    """

    rows: Sequence[Any]
    fields: Sequence[Field]
    checked: int
    rejected: int
    errors: Sequence[RowError]
    unmapped: tuple[str, ...]
    agents: Agents


@dataclass(frozen=True, slots=True)
class OneRow:
    """One of the first rows as it would be imported.

    `rows` has the record, or is empty if `errors` reject it; otherwise `errors` are its warnings. `line` is its line in
    the file, `number` its position, from 1, among the `count` rows that can be viewed. `fields` are those of `Preview`.
    """

    rows: Sequence[Any]
    fields: Sequence[Field]
    errors: Sequence[RowError]
    agents: Agents
    line: int
    number: int
    count: int


def read_columns(row: Import, options: TableOptions) -> FileColumns:
    """Return the columns and sample values of an import's file, read with these options."""
    path, name = storage().path(row.storage_key), row.file_name
    try:
        first = read_first_rows(path, options_for(row.kind, options), name)
        return FileColumns(first.header, _samples(first.table), first.sheets, notices=first.notices)
    except FileProblem as problem:
        return FileColumns(sheets=_sheets(path, name), problem=problem.message)


def check_fits(mapping: Mapping, row: Import, organization: Organization) -> None:
    """Raise ValidationFailed unless the import's file can be read with this mapping."""
    first = _first_rows(row, mapping)
    importable(mapping.kind).reader(mapping, first.table, organization)


def read_preview(row: Import, organization: Organization) -> Preview:
    """Read the first rows of an import's file with its mapping.

    Raises ValidationFailed if that is impossible.
    """
    mapping = make_mapping(row.mapping)
    declared = importable(mapping.kind)
    first = _first_rows(row, mapping)
    read = reader_of(declared, mapping, first.table, organization)
    results = [read(one) for one in WantedRows(mapping, first.table)]
    unmapped = mapping.skipped_columns(first.header)
    good = [result for result in results if not isinstance(result, RejectedRow)]
    rejected = [result for result in results if isinstance(result, RejectedRow)]
    people = declared.people
    agents = _agents(people, organization.id, good) if people else Agents({}, {})
    errors = (error for one in rejected for error in one.errors)
    return Preview(
        rows=good[:SHOWN_ROWS],
        fields=_fields(mapping, good[:1]),
        checked=len(results),
        rejected=len(rejected),
        errors=list(islice(errors, SHOWN_ERRORS)),
        unmapped=unmapped,
        agents=agents,
    )


def read_row(row: Import, mapping: Mapping, organization: Organization, number: int) -> OneRow | None:
    """Return one of the first rows of an import's file, read with a mapping.

    If there are fewer than `number` rows, it is the last one; None if the mapping skips all of them. Raises
    ValidationFailed if the file cannot be read with the mapping.
    """
    declared = importable(mapping.kind)
    first = _first_rows(row, mapping)
    wanted = list(islice(WantedRows(mapping, first.table), LOOKED_AT))
    if not wanted:
        return None
    number = max(1, min(number, len(wanted)))
    shown = wanted[number - 1]
    result = reader_of(declared, mapping, first.table, organization)(shown)
    is_rejected = isinstance(result, RejectedRow)
    rows = [] if is_rejected else [result]
    return OneRow(
        rows=rows,
        fields=_fields(mapping, rows),
        errors=result.errors if is_rejected else result.remarks,
        agents=_agents(declared.people, organization.id, rows) if declared.people else Agents({}, {}),
        line=shown.line,
        number=number,
        count=len(wanted),
    )


def _fields(mapping: Mapping, rows: Sequence[Any]) -> Sequence[Field]:
    """Return the fields that the mapping provides and that the rows have by their declaration alone."""
    simple = getattr(rows[0], "fields", {}) if rows else {}
    return [field for field in importable(mapping.kind).fields if field.name in simple and field.name in mapping.given]


def _first_rows(row: Import, mapping: Mapping) -> FirstRows:
    options = options_for(mapping.kind, mapping.table_options)
    return read_first_rows(storage().path(row.storage_key), options, row.file_name)


def _agents(people: People, organization_id: UUID, records: Iterable[Any]) -> Agents:
    counts = Counter(name for name in map(people.name_of, records) if name)
    known = people.match(organization_id, counts)
    nobody = {name: count for name, count in counts.most_common() if name not in known.found}
    unusable = {name: count for name, count in nobody.items() if "@" in name or name in known.ambiguous}
    return Agents({name: count for name, count in nobody.items() if name not in unusable}, unusable)


def _samples(table: Table) -> tuple[tuple[str, ...], ...]:
    """Return up to SAMPLES distinct values of each column."""
    found: list[dict[str, None]] = [{} for _name in table.header]
    for row in islice(table.rows, SAMPLE_ROWS):
        for values, cell in zip(found, row.cells, strict=False):
            if len(values) < SAMPLES and (text := _sample(cell)):
                values[text] = None
    return tuple(tuple(values) for values in found)


def _sample(cell: Cell) -> str:
    text = "" if cell is None else " ".join(as_text(cell).split())
    shown = text if len(text) <= MAX_SAMPLE_LENGTH else f"{text[:MAX_SAMPLE_LENGTH]}…"
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in shown)


def _sheets(path: Path, name: str) -> tuple[str, ...]:
    """Return the sheet names, so that the user can choose another sheet if the selected one can't be read."""
    try:
        return read_first_rows(path, TableOptions(), name).sheets
    except FileProblem as problem:
        return problem.visible
