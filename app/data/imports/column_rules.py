"""A mapping put to work on one header: each field knows its cell, its parser and its default before the first row."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Words
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache
from typing import Generic, TypeVar

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, RowUnwanted, Value, cell_reader
from app.data.imports.mapping_rules import Mapping
from app.data.imports.record_rules import MAX_SHOWN_VALUE_LENGTH, RejectedRow, RowError
from app.data.imports.word_rules import FLAGS, LEAVE_EMPTY, TURN_AWAY, choice_parser, flag_parser, own_words
from app.errors import FieldError, Sentence, ValidationFailed
from app.tables.table_rules import Cell, Row

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

# Dates, names and words come again and again; this many of each are parsed once only.
_REMEMBERED = 4_096


class RowCheck:
    """The row that is being read, and what was found so far: what turns it away, and remarks, which do not."""

    __slots__ = ("_is_wrong", "cells", "line", "problems")

    def __init__(self, row: Row) -> None:
        self.line = row.line
        self.cells = row.cells
        self._is_wrong = False
        self.problems: list[RowError] = []

    def refuse(self, reason: Sentence, column: str | None = None, cell: Cell = None) -> None:
        """Add an error; of the value, what can be shown and stored."""
        self._is_wrong = True
        self.problems.append(RowError(self.line, column, _shown(cell), reason))

    def remark(self, reason: Sentence, column: str | None = None, cell: Cell = None) -> None:
        """Note a value that is left out, or that was read in a way that people should know of."""
        self.problems.append(RowError(self.line, column, _shown(cell), reason, is_remark=True))

    def is_wrong(self) -> bool:
        """Whether it is turned away."""
        return self._is_wrong

    def rejected(self) -> RejectedRow:
        """The row with all that is wrong with it, also what it could have done without."""
        return RejectedRow(self.line, tuple(replace(one, is_remark=False) for one in self.problems))


def _shown(cell: Cell) -> str | None:
    return None if cell is None else str(cell)[:MAX_SHOWN_VALUE_LENGTH].replace("\0", "\ufffd")


class Column(Generic[T]):
    """One field of a record. `name` is the file's column, None where no column gives the field.

    A wrong value of an optional field is left out with a remark; of any other it turns the row away.
    """

    __slots__ = ("_default", "_index", "_is_optional", "_parse", "name")

    def __init__(
        self,
        name: str | None,
        index: int,
        parse: Callable[[Cell], T | None],
        default: T | None,
        *,
        is_optional: bool = False,
    ) -> None:
        self.name = name
        self._index = index
        self._parse = parse
        self._default = default
        self._is_optional = is_optional

    @property
    def is_given(self) -> bool:
        """Whether a column or a default gives the field."""
        return self.name is not None or self._default is not None

    def require(self, row: RowCheck) -> T | None:
        """As `read`, but a value that is not there is an error too."""
        problems = len(row.problems)
        value = self.read(row)
        if value is None and len(row.problems) == problems:
            row.refuse(_l("It is missing."), self.name)
        return value

    def read(self, row: RowCheck) -> T | None:
        """The value, or the default where there is none or where it is wrong, which is noted in `row`."""
        if self.name is None:
            return self._default
        try:
            value = self._parse(row.cells[self._index])
        except CellProblem as problem:
            if not self._is_optional or isinstance(problem, RowUnwanted):
                row.refuse(problem.reason, self.name, row.cells[self._index])
                return self._default
            row.remark(problem.reason, self.name, row.cells[self._index])
            rest: T | None = problem.rest  # not the default: the file says something else here
            return rest
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

    def read(self, row: Row, make: Callable[[RowCheck], T]) -> T | RejectedRow:
        """What `make` makes of a row, or everything that is wrong with the row."""
        check = self.check(row)
        if check.is_wrong():
            return check.rejected()
        record = make(check)
        return check.rejected() if check.is_wrong() else record

    def one(
        self,
        target: str,
        parse: Callable[[Value], T | None],
        *,
        unique: bool = False,
        optional: bool = False,
        default: Callable[[Value], T | None] | None = None,
    ) -> Column[T]:
        """The field `target`. `unique` says that values seldom come twice, so that remembering them is of no use;
        `optional` that a row can do without it, so that a wrong value is left out, unless the mapping is strict.
        `default` reads what the mapping says for the whole file, where that is written in another way."""
        name = next(iter(self._names(target)), None)
        index = 0 if name is None else self._indices[name]
        is_optional = optional and not self._mapping.strict
        reader = self._reader(parse, unique=unique)
        return Column(name, index, reader, self._default(target, default or parse), is_optional=is_optional)

    def each(self, target: str, parse: Callable[[Value], T | None]) -> tuple[Column[T], ...]:
        """Every column that gives the optional field `target`, in the order of the mapping."""
        read, is_optional = self._reader(parse, unique=True), not self._mapping.strict
        names = self._names(target)
        return tuple(Column(name, self._indices[name], read, None, is_optional=is_optional) for name in names)

    def choice(
        self, target: str, choices: Iterable[E], synonyms: Words[str, E], *, optional: bool = False
    ) -> Column[E]:
        """A field of a few values, in the file's own words (`Mapping.values`) or the usual ones."""
        names = {str(choice): choice for choice in choices}
        own = self._mapping.values.get(target, {})
        wrong = sorted({*own.values()} - {*names, LEAVE_EMPTY, TURN_AWAY})
        if wrong:
            sentence = _l("%(wrong)s is none of: %(choices)s.", wrong=", ".join(wrong), choices=", ".join(names))
            raise ValidationFailed([FieldError(f"values.{target}", sentence)])
        return self.one(target, own_words(choice_parser(names.values(), synonyms), own, names), optional=optional)

    def flag(self, target: str, *, optional: bool = False) -> Column[bool]:
        """Yes or no, in the file's own words or the usual ones."""
        mapping = self._mapping
        parse = own_words(flag_parser(mapping.yes_words, mapping.no_words), mapping.values.get(target, {}), FLAGS)
        return self.one(target, parse, optional=optional)

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
