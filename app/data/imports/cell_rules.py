"""One cell of a file: its text, cleaned, or why it cannot be used."""

import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias, TypeVar

from flask_babel import lazy_gettext as _l

from app.characters import readable
from app.errors import Sentence
from app.tables.table_rules import Cell

T = TypeVar("T")

# A cell that holds something: text (cleaned, never empty) or a number, date or time that a sheet stores as such.
Value: TypeAlias = str | int | float | datetime | date | time | timedelta


class CellProblem(ValueError):
    """The value cannot be used; `reason` is a sentence for the person whose file it is.

    `rest` is what can be used of it, such as the other numbers of a cell.
    """

    def __init__(self, reason: Sentence, rest: Any = None) -> None:
        super().__init__()
        self.reason = reason
        self.rest = rest


class RowUnwanted(CellProblem):
    """Whoever brings the file in has said that a row with this value stays out, whatever its column."""


def clean(text: str) -> str:
    """Trimmed, NFC-normalised and readable, as all text of the product is. Raises CellProblem for a NUL."""
    if "\0" in text:
        raise CellProblem(_l("It holds a NUL character."))
    text = readable(text).strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def cell_reader(parse: Callable[[Value], T], missing_words: frozenset[str]) -> Callable[[Cell], T | None]:
    """Wrap `parse` so that it meets values only: empty cells and missing words (casefolded) are None."""

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
    """The value as a person would type it: a whole number has no decimal point, a date is ISO 8601."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def text_parser(longest: int, shortest: int = 1) -> Callable[[Value], str]:
    """Text of `shortest` to `longest` characters. What looks like a formula is text like any other."""

    def parse(value: Value) -> str:
        text = as_text(value)
        if len(text) > longest:
            raise CellProblem(_l("It is longer than %(limit)s characters.", limit=longest))
        if len(text) < shortest:
            raise CellProblem(_l("It is shorter than %(limit)s characters.", limit=shortest))
        return text

    return parse
