"""Opening of a file with a mapping to start from: a guessed, saved or previous one."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from pydantic import Field

from app.data.imports.mapping_queries import guess_for
from app.data.imports.mapping_rules import Mapping, Only, make_mapping
from app.data.imports.preview_queries import FileColumns, read_columns
from app.data.imports.queries import get_mapping
from app.data.imports.sheet_queries import sheet_to_read
from app.db.filters import Blank, Filters
from app.errors import LazyText
from app.models import Import, ImportKind, ImportMapping
from app.security.actor import Actor
from app.storage import storage
from app.tables.delimited_rules import Delimiter
from app.tables.encoding_rules import Encoding
from app.tables.table_rules import MAX_HEADER_LINE, FileProblem, TableOptions

DelimiterName = Literal["comma", "semicolon", "tab", "bar"]
DELIMITERS: dict[DelimiterName, Delimiter] = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}

ENCODING_NAMES: dict[Encoding, LazyText] = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": _l("Western European (Windows-1252)"),
    "latin-1": _l("Western European (Latin-1)"),
    "cp1251": _l("Cyrillic (Windows-1251)"),
    "koi8-r": _l("Cyrillic (KOI8-R)"),
    "cp866": _l("Cyrillic (DOS 866)"),
}
DELIMITER_NAMES: dict[DelimiterName, LazyText] = {
    "comma": _l("Comma"),
    "semicolon": _l("Semicolon"),
    "tab": _l("Tab"),
    "bar": _l("Vertical bar"),
}


class Reading(Filters):
    """Query parameters of the mapping page: a saved mapping to start from, and how to open the file."""

    saved: Annotated[UUID | None, Blank] = None
    encoding: Annotated[Encoding | None, Blank] = None
    delimiter: Annotated[DelimiterName | None, Blank] = None
    sheet: Annotated[str | None, Field(max_length=100), Blank] = None
    header_line: Annotated[int | None, Field(ge=1, le=MAX_HEADER_LINE), Blank] = None

    @classmethod
    def of_mapping(cls, mapping: Mapping, saved: UUID | None) -> "Reading":
        """Return the parameters that correspond to a mapping."""
        names = {sign: name for name, sign in DELIMITERS.items()}
        delimiter = names[mapping.delimiter] if mapping.delimiter else None
        return cls(
            saved=saved,
            encoding=mapping.encoding,
            delimiter=delimiter,
            sheet=mapping.sheet,
            header_line=mapping.header_line,
        )

    @property
    def options(self) -> TableOptions:
        """Options for opening the file."""
        delimiter = DELIMITERS[self.delimiter] if self.delimiter else None
        return TableOptions(self.encoding, delimiter, self.sheet, header_line=self.header_line)


@dataclass(frozen=True, slots=True)
class Beginning:
    """A file with a mapping to start from.

    `mapping` may have gaps; `saved` is the saved mapping it comes from, if any; `is_stored` is whether it was saved or
    is that of an earlier visit, so that its questions are answered. `asks` are the date formats of which the user must
    choose one; `channel` is the filter that would leave out rows of other channels.
    """

    reading: Reading
    columns: FileColumns
    mapping: Mapping
    saved: ImportMapping | None = None
    notices: Sequence[LazyText] = ()
    asks: Sequence[str] = ()
    channel: Only | None = None
    is_stored: bool = False


def begin(actor: Actor, row: Import, asked: Reading | None) -> Beginning:
    """Open the file as requested by `asked`.

    If `asked` is None, the import's previous mapping is used, or a guess if it has none.
    """
    if asked is not None and asked.saved is not None:
        return _with_saved(actor, row, asked, asked.saved)
    if asked is None and row.mapping:
        mapping = make_mapping(row.mapping)
        reading = Reading.of_mapping(mapping, None)
        return Beginning(reading, read_columns(row, reading.options), mapping, is_stored=True)
    return _guess(actor, row, asked or Reading())


def begin_with_form(actor: Actor, row: Import, asked: Reading, target_at: Callable[[int], str | None]) -> Beginning:
    """Open the file as the form specifies; `mapping` holds the settings that have no form field.

    `target_at` returns the field of the column at a position. Meanings of words, such as yes meaning no for
    `Abandoned`, only apply while their column has the same field.
    """
    saved = get_mapping(actor, ImportKind(row.kind), asked.saved) if asked.saved else None
    stored = saved.mapping if saved else row.mapping
    guessed = _guess(actor, row, asked)
    base = make_mapping(stored) if stored else Mapping(kind=ImportKind(row.kind), columns={})
    sent = {name: target_at(place) for place, name in enumerate(guessed.columns.header)}
    values = {
        target: words
        for known in (guessed.mapping, base)
        for target, words in known.values.items()
        if sent.get(known.column_of(target) or "") == target
    }
    return replace(
        guessed,
        mapping=base.model_copy(update={"values": values}),
        saved=saved,
        asks=(),
        channel=None if stored else guessed.channel,
        is_stored=bool(stored),
    )


def _with_saved(actor: Actor, row: Import, asked: Reading, mapping_id: UUID) -> Beginning:
    """Open the file with a saved mapping; the query parameters take precedence over its options."""
    saved = get_mapping(actor, ImportKind(row.kind), mapping_id)
    mapping = make_mapping(saved.mapping)
    own = Reading.of_mapping(mapping, mapping_id).parameters()
    reading = Reading.of({**own, **asked.parameters()})
    if asked.sheet is None:
        reading = _with_sheet(actor, row, reading, mapping.columns)
    columns = read_columns(row, reading.options)
    missing = [name for name in mapping.columns if name not in columns.header]
    notices = [_missing_columns(missing)] if missing and columns.problem is None else []
    return Beginning(reading, columns, mapping, saved, notices, is_stored=True)


def _with_sheet(actor: Actor, row: Import, reading: Reading, columns: Collection[str] = ()) -> Reading:
    """Return the query parameters with the sheet to read, if the file is a workbook with several."""
    path = storage().path(row.storage_key)
    kind = ImportKind(row.kind)
    sheet = sheet_to_read(actor.organization_id, path, row.file_name, kind, reading.options, columns)
    return reading.model_copy(update={"sheet": sheet})


def _guess(actor: Actor, row: Import, reading: Reading) -> Beginning:
    is_chosen = reading.sheet is None
    if is_chosen:
        reading = _with_sheet(actor, row, reading)
    columns, kind = read_columns(row, reading.options), ImportKind(row.kind)
    nothing = Mapping(kind=kind, columns={})
    if columns.problem is not None:
        return Beginning(reading, columns, nothing)
    path = storage().path(row.storage_key)
    try:
        guess = guess_for(actor.organization_id, path, row.file_name, kind, reading.options)
    except FileProblem as problem:  # in a row after those of the samples
        return Beginning(reading, FileColumns(sheets=columns.sheets, problem=problem.message), nothing)
    sheet = reading.sheet if is_chosen else None
    mapping = guess.mapping.model_copy(update={"only": ()})
    return Beginning(
        reading,
        columns,
        mapping,
        notices=(*_sheet_taken(sheet), *guess.notices, *_repeated_id(guess.repeated_id)),
        asks=guess.asks,
        channel=next(iter(guess.mapping.only), None),
    )


def _sheet_taken(name: str | None) -> Iterator[LazyText]:
    if name is not None:
        yield _l(
            "The workbook has several sheets. “%(sheet)s” is read, because its columns are known best. To read another "
            "one, choose it under “File format”.",
            sheet=name,
        )


def _repeated_id(found: str | None) -> Iterator[LazyText]:
    if found is not None:
        yield _l(
            "Different rows have the same ID, such as “%(id)s”. Only the first row of each ID is imported "
            "unless you check “IDs can repeat across calls”.",
            id=found,
        )


def _missing_columns(names: Sequence[str]) -> str:
    return str(_("The file is missing these columns from the saved mapping: %(names)s.", names=", ".join(names)))
