"""Parsing a single cell of a file."""

import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias, TypeVar

from flask_babel import lazy_gettext as _l

from app.characters import readable
from app.errors import LazyText
from app.tables.table_rules import Cell

T = TypeVar("T")

# A non-empty cell: cleaned text, or a number, date or time that a spreadsheet stores as such.
Value: TypeAlias = str | int | float | datetime | date | time | timedelta


class CellProblem(ValueError):
    """A value that cannot be used; `reason` is a sentence for the user who imports the file.

    `rest` is the usable part of the value, such as the other numbers of a cell.
    """

    def __init__(self, reason: LazyText, rest: Any = None) -> None:
        super().__init__()
        self.reason = reason
        self.rest = rest


class RowUnwanted(CellProblem):
    """A value for which the mapping skips the whole row, even if its column is optional."""


def clean(text: str) -> str:
    """Return the text trimmed, NFC-normalized and without unreadable characters.

    Text that is written as a formula, so that spreadsheets don't read it as a number, is unwrapped: `="1041"` is 1041.
    Raises CellProblem for a NUL.
    """
    if "\0" in text:
        raise CellProblem(_l("It contains a character that can’t be used."))
    text = readable(text).strip()
    if text.startswith('="') and text.endswith('"') and len(text) > len('="'):
        text = text[2:-1].strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def cell_reader(parse: Callable[[Value], T], missing_words: frozenset[str]) -> Callable[[Cell], T | None]:
    """Wrap `parse` so that it only receives values: empty cells and missing words (casefolded) become None."""

    def read(cell: Cell) -> T | None:
        if cell is None:
            return None
        if isinstance(cell, str):
            cell = clean(cell)
            if not cell or cell.casefold() in missing_words:
                return None
        return parse(cell)

    return read


def as_text(value: Value) -> str:
    """Return the value as a person would type it.

    A whole number has no decimal point; a date is in ISO 8601.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def text_parser(longest: int, shortest: int = 1) -> Callable[[Value], str]:
    """Return a parser for text of `shortest` to `longest` characters.

    Text that looks like a formula is not treated differently.
    """

    def parse(value: Value) -> str:
        text = as_text(value)
        if len(text) > longest:
            raise CellProblem(_l("It’s longer than %(limit)s characters.", limit=longest))
        if len(text) < shortest:
            raise CellProblem(_l("It’s shorter than %(limit)s characters.", limit=shortest))
        return text

    return parse
