"""A mapping put to work on one header: each field knows its cell, its parser and its default before the first row."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Words
from enum import StrEnum
from functools import lru_cache
from typing import Generic, TypeVar

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value, cell_reader
from app.data.imports.mapping_rules import Mapping
from app.data.imports.record_rules import MAX_SHOWN_VALUE_LENGTH, RejectedRow, RowError
from app.data.imports.table_rules import Cell, Row
from app.data.imports.word_rules import choice_parser
from app.errors import FieldError, Sentence, ValidationFailed

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

# Dates, names and words come again and again; this many of each are parsed once only.
_REMEMBERED = 4_096


class RowCheck:
    """The row that is being read, and what was found wrong with it so far."""

    __slots__ = ("cells", "errors", "line")

    def __init__(self, row: Row) -> None:
        self.line = row.line
        self.cells = row.cells
        self.errors: list[RowError] = []

    def refuse(self, reason: Sentence, column: str | None = None, cell: Cell = None) -> None:
        """Add an error; of the value, what can be shown and stored."""
        value = None if cell is None else str(cell)[:MAX_SHOWN_VALUE_LENGTH].replace("\0", "\ufffd")
        self.errors.append(RowError(self.line, column, value, reason))

    def rejected(self) -> RejectedRow:
        """The row with all its errors."""
        return RejectedRow(self.line, tuple(self.errors))


class Column(Generic[T]):
    """One field of a record. `name` is the file's column, None where no column gives the field."""

    __slots__ = ("_default", "_index", "_parse", "name")

    def __init__(self, name: str | None, index: int, parse: Callable[[Cell], T | None], default: T | None) -> None:
        self.name = name
        self._index = index
        self._parse = parse
        self._default = default

    @property
    def is_given(self) -> bool:
        """Whether a column or a default gives the field."""
        return self.name is not None or self._default is not None

    def require(self, row: RowCheck) -> T | None:
        """As `read`, but a value that is not there is an error too."""
        errors = len(row.errors)
        value = self.read(row)
        if value is None and len(row.errors) == errors:
            row.refuse(_l("It is missing."), self.name)
        return value

    def read(self, row: RowCheck) -> T | None:
        """The value, or the default where there is none or where it is wrong, which is noted in `row`."""
        if self.name is None:
            return self._default
        try:
            value = self._parse(row.cells[self._index])
        except CellProblem as problem:
            row.refuse(problem.reason, self.name, row.cells[self._index])
            return self._default
        return self._default if value is None else value


class Columns:
    """The columns of one file, as its mapping assigns them.

    `gaps` are those of the mapping. Raises ValidationFailed where there are any, or where the mapping names columns
    that the file does not have.
    """

    def __init__(self, mapping: Mapping, header: Sequence[str], gaps: Sequence[FieldError]) -> None:
        missing = [
            FieldError(f"columns.{name}", _l("The file has no column “%(name)s”.", name=name))
            for name in mapping.columns
            if name not in header
        ]
        if missing or gaps:
            raise ValidationFailed([*missing, *gaps], _l("The mapping does not fit this file."))
        self.width = len(header)
        self._mapping = mapping
        self._indices = {name: index for index, name in enumerate(header)}
        self._missing_words = frozenset(word.casefold() for word in mapping.missing_words)

    def check(self, row: Row) -> RowCheck:
        """Start on a row. One that is wider or narrower than the header is wrong as a whole."""
        check = RowCheck(row)
        if len(row.cells) != self.width:
            found = len(row.cells)
            reason = _l("Cells in this row: %(found)s, in the header: %(width)s.", found=found, width=self.width)
            check.refuse(reason)
        return check

    def one(self, target: str, parse: Callable[[Value], T | None], *, unique: bool = False) -> Column[T]:
        """The field `target`. `unique` says that values seldom come twice, so that remembering them is of no use."""
        name = next(iter(self._names(target)), None)
        index = 0 if name is None else self._indices[name]
        return Column(name, index, self._reader(parse, unique=unique), self._default(target, parse))

    def each(self, target: str, parse: Callable[[Value], T | None]) -> tuple[Column[T], ...]:
        """Every column that gives the field `target`, in the order of the mapping."""
        read = self._reader(parse, unique=True)
        return tuple(Column(name, self._indices[name], read, None) for name in self._names(target))

    def choice(self, target: str, choices: Iterable[E], synonyms: Words[str, E]) -> Column[E]:
        """A field of a few values, in the file's own words (`Mapping.values`) or the usual ones."""
        names = {str(choice): choice for choice in choices}
        own = self._mapping.values.get(target, {})
        wrong = sorted({*own.values()} - {*names})
        if wrong:
            sentence = _l("%(wrong)s is none of: %(choices)s.", wrong=", ".join(wrong), choices=", ".join(names))
            raise ValidationFailed([FieldError(f"values.{target}", sentence)])
        own_words = {word: names[name] for word, name in own.items()}
        return self.one(target, choice_parser(names.values(), synonyms, own_words))

    def _names(self, target: str) -> list[str]:
        return [name for name, field in self._mapping.columns.items() if field == target]

    def _reader(self, parse: Callable[[Value], T | None], *, unique: bool) -> Callable[[Cell], T | None]:
        read = cell_reader(parse, self._missing_words)
        return read if unique else lru_cache(_REMEMBERED, typed=True)(read)

    def _default(self, target: str, parse: Callable[[Value], T | None]) -> T | None:
        text = self._mapping.defaults.get(target)
        if text is None:
            return None
        try:
            return parse(text)
        except CellProblem as problem:
            raise ValidationFailed([FieldError(f"defaults.{target}", problem.reason)]) from problem
