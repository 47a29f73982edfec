"""What people see of a file before it is imported. Nothing is stored, and no more than its first rows are read."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Counts
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from app.errors import Sentence
from app.imports.calls import CallReader, CallSettings
from app.imports.cells import as_text
from app.imports.contacts import ContactReader, ContactSettings
from app.imports.files import open_table
from app.imports.mapping import Mapping, make_mapping
from app.imports.records import CallRecord, ContactRecord, RejectedRow, RowError
from app.imports.tables import Cell, FileProblem, Row, Table, TableOptions
from app.models import Import, ImportKind, Organization
from app.storage import storage
from app.users.queries import match_people
from app.users.rules import one_spelling_each

CHECKED_ROWS = 1_000
SHOWN_ROWS = 20
SHOWN_ERRORS = 50
SAMPLE_ROWS = 200
SAMPLES = 3
LONGEST_SAMPLE = 40

Record: TypeAlias = CallRecord | ContactRecord


@dataclass(frozen=True, slots=True)
class FileColumns:
    """The columns of a file with a few of their values; `problem` says why there are none.

    `sheets` are the names to choose from in a workbook, and none for a text file.
    """

    header: tuple[str, ...] = ()
    samples: tuple[tuple[str, ...], ...] = ()
    sheets: tuple[str, ...] = ()
    problem: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Agents:
    """Names in the checked rows that stand for no user, each with its number of rows.

    `unknown` can become CSRs. `unusable` cannot: an address nobody has, or a name that several people have.
    """

    unknown: Counts[str, int]
    unusable: Counts[str, int]


@dataclass(frozen=True, slots=True)
class Preview:
    """The first CHECKED_ROWS rows as they would come in; `is_whole` when the file has no more.

    `rows` and `errors` are the first SHOWN_ROWS and SHOWN_ERRORS; `rejected` counts rows that are wrong in themselves.
    `creates_users` says whether unknown agents are to become CSRs, as far as that was said at the upload.
    """

    rows: Sequence[Record]
    checked: int
    rejected: int
    is_whole: bool
    errors: Sequence[RowError]
    unmapped: tuple[str, ...]
    agents: Agents
    creates_users: bool

    @property
    def wrong(self) -> int:
        """Rows that cannot come in, whatever is done about unknown agents."""
        return self.rejected + sum(self.agents.unusable.values())

    @property
    def ready(self) -> int:
        """Rows that come in as things are."""
        return self.checked - self.wrong - (0 if self.creates_users else sum(self.agents.unknown.values()))

    @property
    def new_csrs(self) -> tuple[str, ...]:
        """Names of the CSRs that are made for these rows."""
        return one_spelling_each(sorted(self.agents.unknown)) if self.creates_users else ()


def look_into(row: Import, options: TableOptions) -> FileColumns:
    """Columns and sample values of an import's file, read with these options."""
    path, name = storage().path(row.storage_key), row.file_name
    try:
        with open_table(path, options, name=name) as table:
            return FileColumns(table.header, _samples(table), table.sheets)
    except FileProblem as problem:
        return FileColumns(sheets=_sheets(path, name), problem=problem.message)


def check_fits(mapping: Mapping, row: Import, organization: Organization) -> None:
    """Raise ValidationFailed unless the import's file can be read with this mapping."""
    with open_table(storage().path(row.storage_key), mapping.table_options, name=row.file_name) as table:
        _reader(mapping, table, organization)


def read_preview(row: Import, organization: Organization) -> Preview:
    """Read the beginning of an import's file with its mapping. Raises ValidationFailed where that cannot be done."""
    mapping = make_mapping(row.mapping)
    with open_table(storage().path(row.storage_key), mapping.table_options, name=row.file_name) as table:
        read = _reader(mapping, table, organization)
        results = [read(one) for one in islice(table.rows, CHECKED_ROWS)]
        is_whole = next(table.rows, None) is None
        unmapped = tuple(name for name in table.header if name not in mapping.columns)
    good = [result for result in results if not isinstance(result, RejectedRow)]
    rejected = [result for result in results if isinstance(result, RejectedRow)]
    errors = (error for one in rejected for error in one.errors)
    return Preview(
        rows=good[:SHOWN_ROWS],
        checked=len(results),
        rejected=len(rejected),
        is_whole=is_whole,
        errors=list(islice(errors, SHOWN_ERRORS)),
        unmapped=unmapped,
        agents=_agents(organization.id, good),
        creates_users=row.create_users,
    )


def _reader(mapping: Mapping, table: Table, organization: Organization) -> Callable[[Row], Record | RejectedRow]:
    if mapping.kind is ImportKind.CALLS:
        settings = CallSettings(ZoneInfo(organization.timezone), organization.country, datetime.now(UTC))
        return CallReader(mapping, table, settings).read
    return ContactReader(mapping, table, ContactSettings(organization.country)).read


def _agents(organization_id: UUID, records: Iterable[Record]) -> Agents:
    counts = Counter(record.agent for record in records if isinstance(record, CallRecord) and record.agent)
    people = match_people(organization_id, counts)
    nobody = {name: count for name, count in counts.most_common() if name not in people.found}
    unusable = {name: count for name, count in nobody.items() if "@" in name or name in people.ambiguous}
    return Agents({name: count for name, count in nobody.items() if name not in unusable}, unusable)


def _samples(table: Table) -> tuple[tuple[str, ...], ...]:
    """Up to SAMPLES different values of each column."""
    found: list[dict[str, None]] = [{} for _name in table.header]
    for row in islice(table.rows, SAMPLE_ROWS):
        for values, cell in zip(found, row.cells, strict=False):
            if len(values) < SAMPLES and (text := _sample(cell)):
                values[text] = None
    return tuple(tuple(values) for values in found)


def _sample(cell: Cell) -> str:
    text = "" if cell is None else " ".join(as_text(cell).split())
    shown = text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…"
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in shown)


def _sheets(path: Path, name: str) -> tuple[str, ...]:
    """To choose another sheet, where the one that was asked for cannot be read."""
    try:
        with open_table(path, name=name) as table:
            return table.sheets
    except FileProblem:
        return ()
