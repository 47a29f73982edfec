"""A mapping bound to the header of a file.

The cell, parser and default of each field are resolved before the first row is read.
"""

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
from app.errors import FieldError, LazyText, ValidationFailed
from app.tables.table_rules import Cell, Row

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

# Dates, names and words repeat often, so the results of parsing this many are cached per column.
_REMEMBERED = 4_096


class RowCheck:
    """The row being read, with the errors that reject it and the warnings that don't."""

    __slots__ = ("_is_wrong", "cells", "line", "problems")

    def __init__(self, row: Row) -> None:
        self.line = row.line
        self.cells = row.cells
        self._is_wrong = False
        self.problems: list[RowError] = []

    def refuse(self, reason: LazyText, column: str | None = None, cell: Cell = None) -> None:
        """Record an error, which rejects the row, with the part of the value that can be stored and shown."""
        self._is_wrong = True
        self.problems.append(RowError(self.line, column, _shown(cell), reason))

    def remark(self, reason: LazyText, column: str | None = None, cell: Cell = None) -> None:
        """Record a warning about a value that was ignored, or read in a way the user should know about."""
        self.problems.append(RowError(self.line, column, _shown(cell), reason, is_remark=True))

    def is_wrong(self) -> bool:
        """Return whether the row is rejected."""
        return self._is_wrong

    def rejected(self) -> RejectedRow:
        """Return the rejected row with all its problems, including the warnings, as errors."""
        return RejectedRow(self.line, tuple(replace(one, is_remark=False) for one in self.problems))


def _shown(cell: Cell) -> str | None:
    return None if cell is None else str(cell)[:MAX_SHOWN_VALUE_LENGTH].replace("\0", "\ufffd")


class Column(Generic[T]):
    """A field of a record; `name` is the column of the file, None if no column provides the field.

    An invalid value of an optional field is ignored with a warning, unless it is a RowUnwanted; an invalid value of any
    other field rejects the row.
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
        """True if a column or a default provides the field."""
        return self.name is not None or self._default is not None

    def require(self, row: RowCheck) -> T | None:
        """Read the value like `read`, but reject the row if it is missing."""
        problems = len(row.problems)
        value = self.read(row)
        if value is None and len(row.problems) == problems:
            row.refuse(_l("It’s missing."), self.name)
        return value

    def read(self, row: RowCheck) -> T | None:
        """Return the value, or the default if it is missing.

        An invalid value is recorded in `row`. If it rejects the row, the default is returned; otherwise the usable part
        of the value, or None.
        """
        if self.name is None:
            return self._default
        try:
            value = self._parse(row.cells[self._index])
        except CellProblem as problem:
            if not self._is_optional or isinstance(problem, RowUnwanted):
                row.refuse(problem.reason, self.name, row.cells[self._index])
                return self._default
            row.remark(problem.reason, self.name, row.cells[self._index])
            rest: T | None = problem.rest  # not the default, since the file has another value here
            return rest
        return self._default if value is None else value


class Columns:
    """The columns of one file, as its mapping assigns them.

    `gaps` are the errors of the mapping. Raises ValidationFailed if there are any, or if the mapping names columns that
    the file does not have.
    """

    def __init__(self, mapping: Mapping, header: Sequence[str], gaps: Sequence[FieldError]) -> None:
        missing = [
            FieldError(f"columns.{name}", _l("The file has no column “%(name)s”.", name=name))
            for name in mapping.columns
            if name not in header
        ]
        if missing or gaps:
            raise ValidationFailed([*missing, *gaps], _l("The mapping doesn’t match this file. Check the columns."))
        self.width = len(header)
        self._mapping = mapping
        self._indices = {name: index for index, name in enumerate(header)}
        self._missing_words = frozenset(word.casefold() for word in mapping.missing_words)

    def check(self, row: Row) -> RowCheck:
        """Return the check of a row, which starts its reading.

        A row that is narrower than the header is rejected as a whole; cells beyond the header are ignored.
        """
        check, found = RowCheck(row), len(row.cells)
        if found < self.width:
            check.refuse(
                _l(
                    "The number of cells in this row (%(found)s) doesn’t match the header (%(width)s).",
                    found=found,
                    width=self.width,
                )
            )
        elif found > self.width:
            beyond = next((cell for cell in row.cells[self.width :] if cell not in {None, ""}), None)
            check.remark(
                _l("This row has a value in a column without a name in the header, which isn’t imported."), cell=beyond
            )
        return check

    def read(self, row: Row, make: Callable[[RowCheck], T]) -> T | RejectedRow:
        """Return the result of `make` for a row, or the rejected row with all its errors."""
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
        """Return the column for the field `target`.

        `unique` is for values that rarely repeat, so that caching them is of no use; `optional` for fields that a row
        can do without, so that an invalid value is ignored unless the mapping is strict. `default` parses the default
        of the mapping if its format differs from that of the cells.
        """
        name = next(iter(self._names(target)), None)
        index = 0 if name is None else self._indices[name]
        is_optional = optional and not self._mapping.strict
        reader = self._reader(parse, unique=unique)
        return Column(name, index, reader, self._default(target, default or parse), is_optional=is_optional)

    def each(self, target: str, parse: Callable[[Value], T | None]) -> tuple[Column[T], ...]:
        """Return all columns that provide the optional field `target`, in the order of the mapping."""
        read, is_optional = self._reader(parse, unique=True), not self._mapping.strict
        names = self._names(target)
        return tuple(Column(name, self._indices[name], read, None, is_optional=is_optional) for name in names)

    def choice(
        self, target: str, choices: Iterable[E], synonyms: Words[str, E], *, optional: bool = False
    ) -> Column[E]:
        """Return the column for a choice field, read in the file's own words or the usual ones.

        The file's own words are in `Mapping.values`. Raises ValidationFailed if the mapping gives a word a meaning that
        is neither one of `choices` nor LEAVE_EMPTY or TURN_AWAY.
        """
        names = {str(choice): choice for choice in choices}
        own = self._mapping.values.get(target, {})
        wrong = sorted({*own.values()} - {*names, LEAVE_EMPTY, TURN_AWAY})
        if wrong:
            sentence = _l(
                "Not allowed: %(wrong)s. Use one of: %(choices)s.", wrong=", ".join(wrong), choices=", ".join(names)
            )
            raise ValidationFailed([FieldError(f"values.{target}", sentence)])
        return self.one(target, own_words(choice_parser(names.values(), synonyms), own, names), optional=optional)

    def flag(self, target: str, *, optional: bool = False) -> Column[bool]:
        """Return the column for a yes/no field, read in the file's own words or the usual ones."""
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
