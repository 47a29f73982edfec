"""Small files to import, and helpers that read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from app.data.imports.guess_rules import guess_mapping
from app.data.imports.mapping_rules import Mapping
from app.data.imports.record_rules import RejectedRow, RowError
from app.declarations.importable import Importable
from app.extensions import db
from app.models import Import
from app.tables.file_rules import open_table
from app.tables.table_rules import Cell, FileProblem, TableOptions
from app.work.calls.import_record_rules import CallRecord
from app.work.calls.import_rules import CallReader, CallSettings
from app.work.calls.import_service import CALL_FIELDS
from app.work.calls.importing import CALLS_IMPORT
from app.work.contacts.import_record_rules import ContactRecord
from app.work.contacts.import_rules import ContactReader, ContactSettings
from app.work.contacts.import_service import CONTACT_FIELDS
from app.work.contacts.importing import CONTACTS_IMPORT

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class WriteFile(Protocol):
    """Function that writes a file without changing its line endings."""

    def __call__(self, content: str | bytes, name: str = "calls.csv", encoding: str = "utf-8") -> Path: ...


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    """Function that writes a file into the test's temporary folder."""

    def write(content: str | bytes, name: str = "calls.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@dataclass(frozen=True)
class ReadCalls:
    """The calls and the rejected rows that were read from a file."""

    calls: list[CallRecord]
    rejected: list[RejectedRow]

    @property
    def only(self) -> CallRecord:
        """The only call of a file without rejected rows."""
        assert not self.rejected, [str(error.reason) for row in self.rejected for error in row.errors]
        (call,) = self.calls
        return call

    @property
    def errors(self) -> list[RowError]:
        """Errors of all rejected rows."""
        return [error for row in self.rejected for error in row.errors]

    @property
    def remarks(self) -> list[RowError]:
        """Warnings about values that were skipped, or whose interpretation the user should know."""
        return [remark for call in self.calls for remark in call.remarks]

    @property
    def reasons(self) -> list[str]:
        """The messages of all errors."""
        return [str(error.reason) for error in self.errors]


def cells_of(path: Path, options: TableOptions | None = None) -> list[list[Cell]]:
    """Return all rows of a file below its header."""
    with open_table(path, options) as table:
        return [list(row.cells) for row in table.rows]


def rows_or_problem(path: Path) -> list[list[Cell]] | str:
    """Return all rows of a file, or a sentence that says why it can't be read."""
    try:
        return cells_of(path)
    except FileProblem as problem:
        return problem.sentence


def guessed(path: Path, kind: Importable = CALLS_IMPORT, country: str = "US") -> Mapping:
    """Return the mapping that is suggested for a file."""
    with open_table(path, TableOptions(is_record=kind.is_record)) as table:
        return guess_mapping(kind, table.header, table.rows, country=country).mapping


def read_calls(
    path: Path, mapping: Mapping | None = None, *, zone: str = "America/New_York", country: str = "US"
) -> ReadCalls:
    """Read a file of calls as of `NOW`, with the suggested mapping unless one is passed."""
    mapping = mapping or guessed(path, country=country)
    with open_table(path, mapping.table_options) as table:
        reader = CallReader(mapping, table, CallSettings(ZoneInfo(zone), country, NOW), CALL_FIELDS)
        results = [reader.read(row) for row in table.rows]
    calls = [result for result in results if isinstance(result, CallRecord)]
    return ReadCalls(calls, [result for result in results if isinstance(result, RejectedRow)])


def read_contacts(
    path: Path, mapping: Mapping | None = None, *, country: str = "US"
) -> tuple[list[ContactRecord], list[RejectedRow]]:
    """Read a file of contacts, with the suggested mapping unless one is passed."""
    mapping = mapping or guessed(path, CONTACTS_IMPORT)
    with open_table(path, mapping.table_options) as table:
        reader = ContactReader(mapping, table, ContactSettings(country), CONTACT_FIELDS)
        results = [reader.read(row) for row in table.rows]
    contacts = [result for result in results if isinstance(result, ContactRecord)]
    return contacts, [result for result in results if isinstance(result, RejectedRow)]


def lines(*rows: str) -> str:
    """Join the rows of a text table, each followed by a line break."""
    return "".join(f"{row}\n" for row in rows)


def workbook(*rows: tuple[Cell, ...], sheet: str = "Calls") -> bytes:
    """Return an Excel workbook of one sheet."""
    return saved(book_of({sheet: rows}))


def book_of(sheets: dict[str, Iterable[tuple[Cell, ...]]]) -> Workbook:
    """Return a workbook with several sheets, which the caller can modify further."""
    book = Workbook()
    del book["Sheet"]
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    return book


def saved(book: Workbook) -> bytes:
    """Save a workbook and return the contents of the file."""
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def seen_whole(row: Import, mapping: Mapping) -> Import:
    """Set an import's mapping, and mark it as completely checked."""
    row.mapping, row.preview = mapping.model_dump(mode="json"), {}
    db.session.flush()
    return row


def mapped(columns: Iterable[str], **fields: object) -> Mapping:
    """Return a mapping for calls whose columns are named like their fields."""
    return Mapping.model_validate({"kind": "calls", "columns": {name: name for name in columns}, **fields})
